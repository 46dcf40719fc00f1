"""Everything a report is written from, gathered from a run's records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bench.analysis.claims.conditions import tried
from bench.analysis.claims.ledger import Material, verdicts
from bench.analysis.comparisons import attribution, contrasts
from bench.analysis.frames import (
    Strip,
    Units,
    audit_frame,
    epochs_frame,
    levels_frame,
    members_frame,
    strips_of,
    trials_frame,
)
from bench.analysis.summary import summarise
from bench.analysis.tuning_tables import budget, expected_best, one_rate
from bench.io.errors import BenchError
from bench.plan import Plan
from bench.records.records import Baselines, Stage, Unit
from bench.run.failures import open_failures
from bench.run.store import read_run
from bench.run.workload import Share, counted, current, shares
from bench.tuning.trials import best, trials_of


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
    tried: tuple[str, ...]
    """Ids of the claims that were tried beyond the plan."""

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
        raise BenchError(f"{folder} holds no results yet; continue its `aebench run`")
    finished, damaged = run.sound_units() if skip_damaged else (run.units(), [])
    spent = _in_order(run.plan, finished)
    units = _in_order(run.plan, current(run.plan, finished))
    members, trials = members_frame(units, baselines), trials_frame(units)
    audit = audit_frame(run.get_audits())
    strips, unlike = strips_of(units, baselines)
    return Findings(
        manifest=run.manifest,
        plan=run.plan,
        baselines=baselines,
        members=members,
        levels=levels_frame(units),
        trials=trials,
        epochs=epochs_frame(units),
        summary=summarise(run.plan, members, trials),
        contrasts=contrasts(run.plan, members),
        claims=verdicts(Material(run.plan, units, baselines, audit)),
        attribution=attribution(run.plan, members),
        one_rate=one_rate(run.plan, units),
        budget=budget(run.plan, spent),
        expected_best=expected_best(run.plan, trials, _mean_image(baselines)),
        audit=audit,
        digits=tuple(strips),
        missing=(
            *map(str, damaged),
            *unlike,
            *map(str, open_failures(folder, run.plan, finished)),
            *_missing(run.plan, units, counted(run.plan, finished)),
        ),
        tried=tried(run.plan, finished),
    )


def _mean_image(baselines: Baselines) -> float:
    return next(line.valid_mse for line in baselines.lines if line.name == "mean_image")


def _in_order(plan: Plan, units: Units) -> Units:
    """The units of the plan's variants in its order; tuning first, as the store gives them."""
    place = {name: number for number, name in enumerate(plan.variants)}
    return sorted(
        (pair for pair in units if pair[0].variant in place), key=lambda pair: place[pair[0].variant]
    )


def _missing(plan: Plan, units: Units, there: Sequence[Unit]) -> list[str]:
    """What the plan asks for and the records do not hold, a line each; there: the units that count."""
    lines = []
    for variant in plan.variants:
        found = shares(plan, variant, there)
        tuned = [pair for pair in units if pair[0].variant == variant and pair[0].stage == "tune"]
        served = [trial for unit, records in tuned for trial in trials_of(unit, records)]
        trials, seeds = len(served), found["confirm"].done
        if trials < plan.trials:
            lines.append(f"{variant}: {trials} of {plan.trials} trials done")
        if seeds < plan.seeds:
            why = "" if best(served) or trials < plan.trials else ", for no trial finished"
            lines.append(f"{variant}: {seeds} of {plan.seeds} seeds confirmed{why}")
        lines += _missing_beside(variant, found) if seeds >= plan.seeds else []
    return lines


def _missing_beside(variant: str, found: Mapping[Stage, Share]) -> Iterator[str]:
    """What is not there of the variant at plain's rate and under the conditions of claims."""
    for share, words in ((found["one_lr"], "at plain's rate"), (found["claim"], "for claims")):
        if share.done < share.asked:
            yield f"{variant}: {share} models {words} done"
