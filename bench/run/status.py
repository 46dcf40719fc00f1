"""Where a run stands, from its records: what is done, what failed, what is left."""

import csv
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.io.errors import BenchError
from bench.plan import Plan
from bench.records.records import Stage
from bench.run.failures import Failure, open_failures
from bench.run.progress import RunProgress, read_progress
from bench.run.store import read_run
from bench.run.workload import Completion, completion_by_stage, counted_units, planned_model_epochs


@dataclass(frozen=True)
class RunStatus:
    """Where a run stands; model-epochs are epochs of one model, pruned ones counted whole."""

    plan: Plan
    variants: dict[str, dict[Stage, Completion]]
    model_epochs: Completion
    failed: tuple[Failure, ...]
    damaged: tuple[str, ...]
    seconds_each: float | None
    """Of one model-epoch by one worker, the median of the units so far; None before the first."""
    now: RunProgress | None
    """What a runner at work says; None where there is none."""


def run_status(folder: Path) -> RunStatus:
    """The run in the folder; UsageError if there is none, BenchError if its manifest is damaged."""
    run = read_run(folder)
    finished, damaged = run.sound_units()
    plan, units = run.plan, counted_units(run.plan, finished)
    done = sum(len(unit.members) * unit.epochs for unit in units)
    return RunStatus(
        plan=plan,
        variants={name: completion_by_stage(plan, name, units) for name in plan.variants},
        model_epochs=Completion(done, planned_model_epochs(plan)),
        failed=tuple(open_failures(folder, plan, finished)),
        damaged=tuple(map(str, damaged)),
        seconds_each=_seconds_each(folder),
        now=read_progress(folder),
    )


def _seconds_each(folder: Path) -> float | None:
    try:
        with (folder / "timings.csv").open(newline="") as file:
            times = [float(row["seconds_per_model_epoch"]) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError, csv.Error, BenchError):
        return None
    return median(times) if times else None
