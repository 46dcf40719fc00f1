"""Where a run stands, from its records: what is done, what failed, what is left."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.asked import model_epochs
from bench.claim_settings import settings
from bench.contestants import challengers
from bench.errors import BenchError
from bench.failures import Failure, failures
from bench.growth import current
from bench.plan import Plan
from bench.progress import Progress, progress
from bench.records import Finished, Stage
from bench.store import read_run


@dataclass(frozen=True)
class Share:
    """So many models of those that a variant's stage asks for."""

    done: int
    asked: int

    def __str__(self) -> str:
        """E.g. '3 of 8'; a dash where none is asked for."""
        return f"{self.done} of {self.asked}" if self.asked else "–"


@dataclass(frozen=True)
class Standing:
    """Where a run stands; model-epochs are epochs of one model, pruned ones counted whole."""

    plan: Plan
    variants: dict[str, dict[Stage, Share]]
    model_epochs: Share
    failed: tuple[Failure, ...]
    damaged: tuple[str, ...]
    seconds_each: float | None
    """Of one model-epoch by one worker, the median of the units so far; None before the first."""
    now: Progress | None
    """What a runner at work says; None where there is none."""


def standing(folder: Path) -> Standing:
    """The run in the folder; UsageError if there is none, BenchError if its manifest is damaged."""
    run = read_run(folder)
    finished, damaged = run.sound_units()
    plan, units = run.plan, current(run.plan, finished)
    done = sum(len(unit.members) * unit.epochs for unit, _ in units)
    return Standing(
        plan=plan,
        variants={name: _stages(plan, name, units) for name in plan.variants},
        model_epochs=Share(done, model_epochs(plan)),
        failed=tuple(failures(folder)),
        damaged=tuple(map(str, damaged)),
        seconds_each=_seconds_each(folder),
        now=progress(folder),
    )


def _stages(plan: Plan, name: str, units: Sequence[Finished]) -> dict[Stage, Share]:
    """Models done and asked for, by stage."""
    claimed = sum(one.variant == name for one in settings(plan))
    asked: dict[Stage, int] = {
        "tune": plan.trials * plan.tune_seeds,
        "confirm": plan.seeds,
        "one_lr": plan.one_lr_seeds * (name in challengers(plan)),
        "claim": plan.claim_seeds * claimed,
    }
    mine = [unit for unit, _ in units if unit.variant == name]
    done = {stage: sum(len(unit.members) for unit in mine if unit.stage == stage) for stage in asked}
    return {stage: Share(done[stage], count) for stage, count in asked.items()}


def _seconds_each(folder: Path) -> float | None:
    try:
        with (folder / "timings.csv").open(newline="") as file:
            times = [float(row["seconds_per_model_epoch"]) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError, csv.Error, BenchError):
        return None
    return median(times) if times else None
