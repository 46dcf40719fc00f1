"""Which engine a run uses, and how much of the machine it takes; an engine is loaded when it is opened."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bench.plan import Plan

if TYPE_CHECKING:
    from bench.data.split import Split
    from bench.engine.protocol import Engine
    from bench.records.jobs import Tell

STALL_SECONDS = 1800.0
"""A unit that takes no step for so long is ended: the slowest pause, a linear probe's fit, takes seconds."""


@dataclass(frozen=True)
class Emission:
    """Jobs written into a folder instead of being trained: for which run, and where its data lie."""

    folder: Path
    run: Path
    own_file: Path | None = None
    data_dir: Path | None = None
    """None for where this machine keeps them."""


@dataclass(frozen=True)
class EngineChoice:
    """An engine by name and what it may take; the numbers of a run depend on `threads` alone."""

    name: Literal["inline", "local", "ray"] = "local"
    workers: int | None = None
    """Units trained at once; None: as the plan has use for, 0: in this process."""
    threads: int | None = None
    """PyTorch's, of each worker: products are summed in an order that depends on it. None: as they stand."""
    stalled_s: float = STALL_SECONDS
    address: str | None = None
    """Of the Ray cluster; None for one on this machine, with so many workers."""
    gpu: bool = False
    """Whether each unit takes one, on a Ray cluster."""
    emission: Emission | None = None
    """In place of an engine that trains."""

    def fitted(self, plan: Plan, begun_with: int | None = None) -> "EngineChoice":
        """The same with what was left open; inline is left as it is.

        begun_with: the threads of the run that goes on, which it keeps unless others are asked for; a new one's
        workers share the cores.
        """
        if self.name == "inline":
            return self
        import torch

        workers = default_workers(plan) if self.workers is None else self.workers
        threads = self.threads or begun_with
        if not workers and not self.emission:
            return replace(self, name="inline", workers=1, threads=threads)
        shared = max(1, torch.get_num_threads() // max(1, workers))
        return replace(self, workers=workers, threads=threads or shared, gpu=plan.device == "cuda")

    def open(self, split: "Split", tell: "Tell") -> "Engine":
        """The engine, to be closed after use; BenchError where it cannot be had."""
        import torch

        workers, threads = self.workers or 1, self.threads or torch.get_num_threads()
        if self.emission:
            from bench.engine.job_files import DataSource, EmitEngine

            emission = self.emission
            source = DataSource.at(emission.own_file, emission.data_dir)
            return EmitEngine(emission.folder, emission.run, source, split.digest, threads)
        if self.name == "inline":
            from bench.engine.inline import InlineEngine

            return InlineEngine(split, tell, self.threads)
        if self.name == "local":
            from bench.engine.local import LocalEngine

            return LocalEngine(split, tell, workers=workers, threads=threads, stalled_s=self.stalled_s)
        from bench.engine.ray import RayEngine

        return RayEngine(
            split, tell, address=self.address, workers=workers, threads=threads,
            stalled_s=self.stalled_s, gpu=self.gpu,
        )  # fmt: skip


IN_THIS_PROCESS = EngineChoice("inline", 1)
"""In this process, as it stands."""


def default_workers(plan: Plan) -> int:
    """As many as this machine has cores, but no more than find work: a variant is tuned round after round.

    On a GPU one, which fills the device.
    """
    import torch

    return 1 if plan.device == "cuda" else min(torch.get_num_threads(), len(plan.variants))
