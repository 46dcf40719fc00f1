"""Everything a report is written from, gathered from a run's records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.analysis.claims.conditions import tried_claims
from bench.analysis.claims.ledger import LedgerInput, verdicts
from bench.analysis.comparisons import attribution, contrasts
from bench.analysis.frames import (
    DigitStrip,
    Units,
    audit_frame,
    digit_strips,
    epochs_frame,
    levels_frame,
    members_frame,
    trials_frame,
)
from bench.analysis.summary import summarise
from bench.analysis.tuning_tables import budget_table, expected_best_table, one_rate_table
from bench.io.errors import BenchError
from bench.plan import Plan
from bench.records.records import Audits, Baselines, FinishedUnit, Stage, Unit
from bench.run.failures import open_failures
from bench.run.store import read_run
from bench.run.workload import Completion, completion_by_stage, counted_units, current_units
from bench.tuning.trials import best_trial, trials_of


@dataclass(frozen=True)
class Findings:
    """What a run left, and what follows from it: its tables, digits and gaps, each made when it is asked for."""

    manifest: Mapping[str, Any]
    plan: Plan
    baselines: Baselines
    audits: Audits | None
    finished: Sequence[FinishedUnit]
    """Every sound unit that is there, also those that the plan no longer counts."""
    damaged: tuple[str, ...]
    failed: tuple[str, ...]
    """A line for each damaged record, and for each unit that failed."""

    units = cached_property(lambda found: _in_order(found.plan, current_units(found.plan, found.finished)))
    """Those that count, in the order of the plan's variants."""
    members = cached_property(lambda found: members_frame(found.units, found.baselines))
    levels = cached_property(lambda found: levels_frame(found.units))
    trials = cached_property(lambda found: trials_frame(found.units))
    epochs = cached_property(lambda found: epochs_frame(found.units))
    audit = cached_property(lambda found: audit_frame(found.audits))
    summary = cached_property(lambda found: summarise(found.plan, found.members, found.trials))
    contrasts = cached_property(lambda found: contrasts(found.plan, found.members))
    attribution = cached_property(lambda found: attribution(found.plan, found.members))
    claims = cached_property(
        lambda found: verdicts(LedgerInput(found.plan, found.units, found.baselines, found.audit))
    )
    one_rate = cached_property(lambda found: one_rate_table(found.plan, found.units))
    budget = cached_property(lambda found: budget_table(found.plan, _in_order(found.plan, found.finished)))
    expected_best = cached_property(
        lambda found: expected_best_table(found.plan, found.trials, found.mean_image)
    )
    tried = cached_property(lambda found: tried_claims(found.plan, found.finished))
    """Ids of the claims that were tried beyond the plan."""

    @cached_property
    def _strips(self) -> tuple[list[DigitStrip], list[str]]:
        return digit_strips(self.units, self.baselines)

    @property
    def digits(self) -> list[DigitStrip]:
        """The ten digits as each variant reconstructs them."""
        return self._strips[0]

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """What is damaged, failed or not there yet, a line each."""
        there = counted_units(self.plan, self.finished)
        return (*self.damaged, *self._strips[1], *self.failed, *_missing(self.plan, self.units, there))

    @property
    def shape(self) -> tuple[int, int] | None:
        """Height and width of the images, None where the run does not know them or its digits have others."""
        known, (_, originals) = self.manifest.get("shape"), self.digits[0]
        return (known[0], known[1]) if known and known[0] * known[1] == originals.shape[1] else None

    @property
    def mean_image(self) -> float:
        """Validation error of the mean image: the plateau."""
        return next(line.valid_mse for line in self.baselines.lines if line.name == "mean_image")


def findings(folder: Path, skip_damaged: bool = False) -> Findings:
    """What the run in this folder has found so far; BenchError where it has not begun to.

    A damaged file of records is a BenchError too, or, if those are skipped, a line in `missing`.
    """
    run = read_run(folder)
    baselines = run.get_baselines()
    if baselines is None:
        raise BenchError(f"{folder} holds no results yet; continue its `aebench run`")
    finished, damaged = run.sound_units() if skip_damaged else (run.units(), [])
    return Findings(
        manifest=run.manifest,
        plan=run.plan,
        baselines=baselines,
        audits=run.get_audits(),
        finished=finished,
        damaged=tuple(map(str, damaged)),
        failed=tuple(map(str, open_failures(folder, run.plan, finished))),
    )


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
        found = completion_by_stage(plan, variant, there)
        tuned = [pair for pair in units if pair[0].variant == variant and pair[0].stage == "tune"]
        served = [trial for unit, records in tuned for trial in trials_of(unit, records)]
        trials, seeds = len(served), found["confirm"].done
        if trials < plan.trials:
            lines.append(f"{variant}: {trials} of {plan.trials} trials done")
        if seeds < plan.seeds:
            why = "" if best_trial(served) or trials < plan.trials else ", for no trial finished"
            lines.append(f"{variant}: {seeds} of {plan.seeds} seeds confirmed{why}")
        lines += _missing_beside(variant, found) if seeds >= plan.seeds else []
    return lines


def _missing_beside(variant: str, found: Mapping[Stage, Completion]) -> Iterator[str]:
    """What is not there of the variant at plain's rate and under the conditions of claims."""
    for share, words in ((found["one_lr"], "at plain's rate"), (found["claim"], "for claims")):
        if share.done < share.asked:
            yield f"{variant}: {share} models {words} done"
