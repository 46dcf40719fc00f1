"""A training step as one CUDA graph: hundreds of small kernels launched at once."""

from collections.abc import Callable

import torch
from torch import Tensor

Replay = Callable[[], object]
Record = Callable[[Callable[[], None]], Replay]
WARM_UP = 3
"""Steps run as they are first: libraries set themselves up, and the optimiser makes its state."""


class GraphedStep:
    """Runs `work(images, index)` as it is for a few steps, then replays it from a recording.

    The recording holds for the images in the memory where they were and for batches of the same size; other
    calls, such as an epoch's last and smaller batch, run as they are.
    """

    def __init__(self, work: Callable[[Tensor, Tensor], None], record: Record | None = None) -> None:
        """record: makes a replay of a call without running it; by default as a CUDA graph."""
        self._work = work
        self._record = record or record_cuda
        self._key: tuple[int, torch.Size] | None = None
        self._warm = 0
        self._replay: Replay | None = None

    def __call__(self, images: Tensor, index: Tensor) -> None:
        """One step; images: (n, pixels), index: (K, batch)."""
        key = (images.data_ptr(), index.shape)
        self._key = self._key or key
        if key != self._key:
            self._work(images, index)
        elif self._warm < WARM_UP:
            self._work(images, index)
            self._warm += 1
        else:
            self._from_recording(images, index)

    def _from_recording(self, images: Tensor, index: Tensor) -> None:
        if self._replay is None:
            self._index = index.clone()
            self._replay = self._record(lambda: self._work(images, self._index))
        self._index.copy_(index)
        self._replay()


def record_cuda(call: Callable[[], None]) -> Replay:
    """The call's kernels as a CUDA graph, and the call that launches it."""
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay
