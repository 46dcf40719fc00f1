"""Which engine a run uses, and how much of the machine it takes."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

import torch

from bench.data.split import Split
from bench.engine.inline import InlineEngine
from bench.engine.local import LocalEngine
from bench.engine.protocol import Engine
from bench.plan import Plan
from bench.records.jobs import Tell

STALLED_S = 1800.0
"""A unit that takes no step for so long is ended: the slowest pause, a linear probe's fit, takes seconds."""


class Choice(Protocol):
    """What a run must know before it opens an engine."""

    @property
    def threads(self) -> int | None:
        """PyTorch's, of each unit; None: as they stand."""

    def open(self, split: Split, tell: Tell) -> Engine:
        """The engine, to be closed after use; BenchError where it cannot be had."""


@dataclass(frozen=True)
class EngineChoice:
    """An engine by name and what it may take; the numbers of a run depend on `threads` alone."""

    name: Literal["inline", "local", "ray"]
    workers: int
    """Units trained at once."""
    threads: int | None
    """PyTorch's, of each worker: products are summed in an order that depends on it. None: as they stand."""
    stalled_s: float = STALLED_S
    address: str | None = None
    """Of the Ray cluster; None for one on this machine, with so many workers."""
    gpu: bool = False
    """Whether each unit takes one."""

    def open(self, split: Split, tell: Tell) -> Engine:
        """The engine, to be closed after use; BenchError where it cannot be had."""
        if self.name == "inline":
            return InlineEngine(split, tell, self.threads)
        threads = self.threads or torch.get_num_threads()
        if self.name == "local":
            return LocalEngine(split, tell, workers=self.workers, threads=threads, stalled_s=self.stalled_s)
        from bench.engine.ray import RayEngine

        return RayEngine(
            split, tell, address=self.address, workers=self.workers, threads=threads,
            stalled_s=self.stalled_s, gpu=self.gpu,
        )  # fmt: skip


HERE = EngineChoice("inline", 1, None)
"""In this process, as it stands."""


def local(
    plan: Plan,
    workers: int | None = None,
    threads: int | None = None,
    begun_with: int | None = None,
    stalled_s: float = STALLED_S,
) -> EngineChoice:
    """So many workers, none for this process, with so many threads each.

    begun_with: the threads of the run that goes on, which it keeps unless others are asked for; a new one's
    workers share the cores.
    """
    count = default_workers(plan) if workers is None else workers
    if count == 0:
        return EngineChoice("inline", 1, threads or begun_with)
    shared = max(1, torch.get_num_threads() // count)
    return EngineChoice("local", count, threads or begun_with or shared, stalled_s)


def on_ray(choice: EngineChoice, plan: Plan, address: str | None) -> EngineChoice:
    """The same units, threads and limits on a Ray cluster, so the same numbers."""
    return replace(choice, name="ray", address=address, gpu=plan.device == "cuda")


def default_workers(plan: Plan) -> int:
    """As many as this machine has cores, but no more than find work: a variant is tuned round after round.

    On a GPU one, which fills the device.
    """
    return 1 if plan.device == "cuda" else min(torch.get_num_threads(), len(plan.variants))
