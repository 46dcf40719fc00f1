"""Doing a job: the one function that every engine calls, on as many threads as it is told."""

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from threadpoolctl import threadpool_limits

from bench.contestants import get_variant
from bench.data.split import Split
from bench.engine.protocol import Trained, UnitFailedError
from bench.io.clock import Clock
from bench.records.jobs import Job, Progress, Tell
from bench.records.records import Record, Unit
from bench.training.checkpoint import Checkpoint
from bench.training.model_files import model_content
from bench.training.train import Result, keep_all, train
from bench.tuning.tune import pruner_for

MAX_REASON_LENGTH = 500
"""Characters of a failure's reason that are kept."""


@contextmanager
def thread_limit(threads: int | None) -> Iterator[None]:
    """PyTorch and the BLAS beneath NumPy use so many threads while the block runs; None leaves them as they are."""
    before = torch.get_num_threads()
    with threadpool_limits(threads):
        torch.set_num_threads(threads or before)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def execute(job: Job, split: Split, tell: Tell) -> Trained:
    """Train the job's unit on the split; UnitFailedError with the reason where that fails.

    A pure function of the job and the data, whatever it finds at the checkpoint.
    """
    clock, began = Clock(), time.perf_counter()
    tell(Progress(job.unit))
    try:
        result, notes = _train(job, job.unit, split, tell, clock)
        model = model_content(result.best, _facts(job.unit, result.records)) if result.best else None
    except Exception as error:  # a variant is foreign code and may raise anything
        raise UnitFailedError(_reason(error)) from error
    seconds = clock.seconds() | {"all": time.perf_counter() - began}
    return Trained(result.records, model, seconds, notes)


def _train(
    job: Job, unit: Unit, split: Split, tell: Tell, clock: Clock, done: float = 0.0
) -> tuple[Result, tuple[str, ...]]:
    """Train the unit; where the GPU's memory does not hold all members at once, one half after the other.

    unit: the job's or a part of it; done: model-epochs of the parts before.
    """
    whole = unit is job.unit
    checkpoint = Checkpoint(job.checkpoint, unit.id) if job.checkpoint and whole else None
    prune = pruner_for(job) if unit.stage == "tune" and job.plan.pruner != "none" else keep_all
    variant, told = get_variant(unit.variant), _as_part(job.unit, done, tell)
    try:
        return train(unit, variant, job.plan, split, told, prune, checkpoint, clock), ()
    except torch.OutOfMemoryError:
        if len(unit.members) == 1 or job.plan.pruner != "none":
            raise
    # Only here, past the error, is the memory of the failed attempt free, once its ring of references is found.
    gc.collect()
    torch.cuda.empty_cache()
    parts: list[tuple[Result, tuple[str, ...]]] = []
    for half in _halves(unit):
        parts.append(_train(job, half, split, tell, clock, done))
        done += sum(len(record.history) for record in parts[-1][0].records)
    note = f"{len(unit.members)} models at once took more memory than the GPU has; trained in halves"
    return _together([result for result, _ in parts]), (note, *(line for _, notes in parts for line in notes))


def _as_part(unit: Unit, done: float, tell: Tell) -> Tell:
    """Tell of the whole unit what is told of a part, before which so many model-epochs of it were done."""
    return lambda now: tell(replace(now, unit=unit, model_epochs=done + now.model_epochs))


def _halves(unit: Unit) -> tuple[Unit, Unit]:
    middle = len(unit.members) // 2
    return (
        replace(unit, members=unit.members[:middle], trials=unit.trials[:middle]),
        replace(unit, members=unit.members[middle:], trials=unit.trials[middle:]),
    )


def _together(results: Sequence[Result]) -> Result:
    """The records of all, and the best of the best models."""
    records = tuple(record for result in results for record in result.records)
    tested = [result for result in results if result.best is not None]
    lowest = min(tested, key=lambda result: _best(result.records).valid_mse, default=None)
    return Result(records, lowest.best if lowest else None)


def _best(records: Sequence[Record]) -> Record:
    return min(records, key=lambda record: record.valid_mse)


def _facts(unit: Unit, records: Sequence[Record]) -> dict[str, str]:
    """What a model file says of its training."""
    record = _best(records)
    facts = {"lr": repr(record.lr), "seed": str(record.seed), "valid_mse": repr(record.valid_mse)}
    return facts | {"plan": unit.plan}


def _reason(error: Exception) -> str:
    """The error as one line of bounded length."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:MAX_REASON_LENGTH]
