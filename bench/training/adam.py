"""Adam for the members of a stack, each at its own learning rate; on a GPU several members at once."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

LANES = 8
"""Optimisers side by side on a GPU, whose processors one member's few blocks of weights leave mostly idle."""


class MembersAdam:
    """PyTorch's fused Adam over the members' parameters, a parameter group a member.

    On a CPU it is one optimiser. On a GPU the members are dealt out to lanes, an optimiser and a stream each,
    which a CUDA graph runs beside one another. Members do not touch each other, so the numbers are the same.
    """

    def __init__(
        self,
        members: Sequence[Sequence[Tensor]],
        lrs: Sequence[float],
        *,
        eps: float,
        lanes: int | None = None,
    ) -> None:
        """members: each one's parameters; lrs: each one's rate; lanes: how many, as the device asks if None."""
        on_gpu = members[0][0].is_cuda
        groups = [{"params": list(mine), "lr": lr} for mine, lr in zip(members, lrs, strict=True)]
        count = min(len(groups), lanes or (LANES if on_gpu else 1))
        self._lanes = [
            torch.optim.Adam(groups[lane::count], eps=eps, fused=True, capturable=on_gpu)
            for lane in range(count)
        ]
        self._streams = [torch.cuda.Stream() for _ in self._lanes] if on_gpu else []
        for lane in self._lanes:
            # Steps before the recording, and an epoch's last one, run without a graph on purpose.
            lane._warned_capturable_if_run_uncaptured = True

    def state(self, member: int) -> dict[Tensor, Any]:
        """What is kept of the parameters in this member's lane, by parameter; also to be written to."""
        kept: dict[Tensor, Any] = self._lanes[member % len(self._lanes)].state
        return kept

    def step(self) -> None:
        """One step of every member on the `grad` of its parameters."""
        if not (self._streams and torch.cuda.is_current_stream_capturing()):
            for lane in self._lanes:
                lane.step()
            return
        here = torch.cuda.current_stream()
        for lane, stream in zip(self._lanes, self._streams, strict=True):
            stream.wait_stream(here)
            with torch.cuda.stream(stream):
                lane.step()
        for stream in self._streams:
            here.wait_stream(stream)
