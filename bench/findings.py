"""Everything a report is written from, gathered from a run's records."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.attribution import attribution
from bench.budget import budget
from bench.contrasts import contrasts
from bench.errors import BenchError
from bench.expected_best import expected_best
from bench.one_rate import one_rate
from bench.pixels import from_text
from bench.plan import Plan
from bench.records import Baselines, Outcome
from bench.store import read_run
from bench.summary import summarise
from bench.tables import Units, audit_frame, epochs_frame, levels_frame, members_frame, trials_frame
from bench.trials import best, trials_of
from bench.verdicts import Material, verdicts

Strip = tuple[str, NDArray[np.float64]]
"""A name and its images, (n, pixels) in [0, 1]."""


@dataclass(frozen=True)
class Findings:
    """A run's tables, its ten digits as each variant gives them back, and what is not there yet."""

    manifest: Mapping[str, Any]
    plan: Plan
    baselines: Baselines
    members: pd.DataFrame
    levels: pd.DataFrame
    trials: pd.DataFrame
    epochs: pd.DataFrame
    summary: pd.DataFrame
    contrasts: pd.DataFrame
    claims: pd.DataFrame
    attribution: pd.DataFrame
    one_rate: pd.DataFrame
    budget: pd.DataFrame
    expected_best: pd.DataFrame
    audit: pd.DataFrame
    digits: tuple[Strip, ...]
    missing: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int] | None:
        """Height and width of the images, None where the run does not know them or its digits have others."""
        known, (_, originals) = self.manifest.get("shape"), self.digits[0]
        return (known[0], known[1]) if known and known[0] * known[1] == originals.shape[1] else None

    @property
    def mean_image(self) -> float:
        """Validation error of the mean image: the plateau."""
        return _mean_image(self.baselines)


def findings(folder: Path, skip_damaged: bool = False) -> Findings:
    """What the run in this folder has found so far; BenchError where it has not begun to.

    A damaged file of records is a BenchError too, or, if those are skipped, a line in `missing`.
    """
    run = read_run(folder)
    baselines = run.get_baselines()
    if baselines is None:
        raise BenchError(f"{folder} holds no results yet; go on with its `aebench run`")
    finished, damaged = run.sound_units() if skip_damaged else (run.units(), [])
    units = _in_order(run.plan, finished)
    members, trials = members_frame(units, baselines), trials_frame(units)
    audit = audit_frame(run.get_audits())
    strips, unlike = _strips(units, baselines)
    return Findings(
        manifest=run.manifest,
        plan=run.plan,
        baselines=baselines,
        members=members,
        levels=levels_frame(units),
        trials=trials,
        epochs=epochs_frame(units),
        summary=summarise(run.plan, members),
        contrasts=contrasts(run.plan, members),
        claims=verdicts(Material(run.plan, units, baselines, audit)),
        attribution=attribution(run.plan, members),
        one_rate=one_rate(run.plan, units),
        budget=budget(run.plan, units),
        expected_best=expected_best(run.plan, trials, _mean_image(baselines)),
        audit=audit,
        digits=tuple(strips),
        missing=(*damaged, *unlike, *_missing(run.plan, units)),
    )


def _mean_image(baselines: Baselines) -> float:
    return next(line.valid_mse for line in baselines.lines if line.name == "mean_image")


def _in_order(plan: Plan, units: Units) -> Units:
    """The units of the plan's variants in its order; tuning first, as the store gives them."""
    place = {name: number for number, name in enumerate(plan.variants)}
    return sorted(
        (pair for pair in units if pair[0].variant in place), key=lambda pair: place[pair[0].variant]
    )


def _strips(units: Units, baselines: Baselines) -> tuple[list[Strip], list[str]]:
    """The ten digits; each variant's reconstructions by its seed of median test error; PCA's.

    Beside them a line for each variant whose reconstructions are not of as many pixels.
    """
    strips, unlike = [("original", from_text(baselines.originals, len(baselines.labels)))], []
    for variant in dict.fromkeys(unit.variant for unit, _ in units):
        found = [
            record.outcome
            for unit, records in units
            for record in records
            if (unit.variant, unit.stage) == (variant, "confirm") and record.outcome
        ]
        if found:
            pixels = from_text(_median(found).digits, 1)
            if pixels.size == strips[0][1].size:
                strips.append((variant, pixels.reshape(strips[0][1].shape)))
            else:
                unlike.append(f"{variant}: its reconstructions are not of the originals' size")
    count = len(baselines.labels)
    pca = [("PCA", from_text(line.digits, count)) for line in baselines.lines if line.name == "pca"]
    return strips + pca, unlike


def _median(outcomes: list[Outcome]) -> Outcome:
    """The lower of the two in the middle where their number is even."""
    return sorted(outcomes, key=lambda outcome: outcome.test.mse)[(len(outcomes) - 1) // 2]


def _missing(plan: Plan, units: Units) -> list[str]:
    """What the plan asks for and the records do not hold, a line each."""
    lines = []
    for variant in plan.variants:
        mine = [unit for unit, _ in units if unit.variant == variant]
        tuned = [pair for pair in units if pair[0].variant == variant and pair[0].stage == "tune"]
        served = [trial for unit, records in tuned for trial in trials_of(unit, records)]
        trials = len(served)
        seeds = sum(len(unit.members) for unit in mine if unit.stage == "confirm")
        if trials < plan.trials:
            lines.append(f"{variant}: {trials} of {plan.trials} trials done")
        if seeds < plan.seeds:
            why = "" if best(served) or trials < plan.trials else ", for no trial finished"
            lines.append(f"{variant}: {seeds} of {plan.seeds} seeds confirmed{why}")
    return lines
