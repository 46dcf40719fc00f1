"""What tuning cost and brought: the budget, the expected best of fewer trials, one rate for all."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.analysis.frames import Units
from bench.contestants import REFERENCE, contestants
from bench.plan import Plan
from bench.records.records import TESTED_STAGES, Record, Stage
from bench.tuning.trials import first_learning_rates, trials_of

BUDGET_COLUMNS = (
    "variant", "trials", "trials_pruned", "trials_diverged", "tune_model_epochs", "seeds", "seeds_diverged",
    "confirm_model_epochs", "one_lr_model_epochs", "claim_model_epochs", "model_epochs", "parameters",
    "test_readings",
)  # fmt: skip
EXPECTED_BEST_COLUMNS = ("variant", "trials", "expected_valid_mse")
ONE_RATE_COLUMNS = (
    "variant", "lr_tuned", "lr_one", "seeds", "valid_mse_tuned", "valid_mse_one", "diverged_tuned",
    "diverged_one", "rank_tuned", "rank_one",
)  # fmt: skip
BySeed = Mapping[int, Record]


def budget_table(plan: Plan, units: Units) -> pd.DataFrame:
    """One row a variant: trials, seeds, epochs of one model by what they were for, and test readings.

    A model-epoch is one model trained for one epoch, counted until the model was done, pruned or had diverged.
    A test reading is one finished model that was shown the test images.
    """
    rows = [_budget_row(name, [pair for pair in units if pair[0].variant == name]) for name in plan.variants]
    return pd.DataFrame(rows, columns=list(BUDGET_COLUMNS)).astype({"parameters": "Int64"})


def expected_best_table(plan: Plan, trials: pd.DataFrame, mean_image: float) -> pd.DataFrame:
    """One row a variant and number of trials n, from 1 to those it had: the expected best of n.

    Only trials whose learning rates did not depend on earlier ones count: all of a grid or a random search,
    of TPE's those spread evenly. trials: as `bench.analysis.frames` gives it; mean_image: its validation error. A
    diverged trial counts as the mean image, which anybody has for nothing, or as the worst of the variant's
    other trials where that is worse still; a pruned one as it stood when it was ended.
    """
    rows: list[dict[str, Any]] = []
    independent = trials[trials["trial"] < _independent(plan)]
    for name in plan.variants:
        errors = independent.loc[independent["variant"] == name, "valid_mse"].to_numpy(dtype=float)
        finite = errors[np.isfinite(errors)]
        errors = np.where(np.isfinite(errors), errors, max([mean_image, *finite]))
        rows += [
            {"variant": name, "trials": count, "expected_valid_mse": error}
            for count, error in enumerate(expected_minima(errors.tolist()), 1)
        ]
    return pd.DataFrame(rows, columns=list(EXPECTED_BEST_COLUMNS))


def expected_minima(values: Sequence[float]) -> list[float]:
    """Expected least of n draws with replacement from N finite values, for n = 1 to N.

    Dodge et al. 2019, "Show Your Work", turned from the maximum to the minimum: Σ v (P(V ≥ v)^n − P(V > v)^n)
    over the values v in order, where P(V ≥ v) is the share of the values that are not below v.
    """
    ordered, total = sorted(values), len(values)
    return [
        math.fsum(
            value * (((total - place) / total) ** count - ((total - place - 1) / total) ** count)
            for place, value in enumerate(ordered)
        )
        for count in range(1, total + 1)
    ]


def one_rate_table(plan: Plan, units: Units) -> pd.DataFrame:
    """One row a contestant: its validation error at its own tuned learning rate and at plain's, on the same seeds.

    Each error is the mean over those of the `seeds` that did not diverge at that rate. Ranks are among the
    variants with such seeds: by the share that diverged, then by the error; equals share the better rank.
    Empty where the plan has no `plain`, or no seeds for this.
    """
    names = contestants(plan) if plan.one_lr_seeds and REFERENCE in plan.variants else []
    own = {name: _by_seed(units, name, "confirm") for name in names}
    one = {name: _by_seed(units, name, "one_lr") for name in names}
    if names:
        asked = {seed for records in one.values() for seed in records}
        one[REFERENCE] = {seed: record for seed, record in own[REFERENCE].items() if seed in asked}
    rows = [{"variant": name, **_errors_at_both_rates(own[name], one[name])} for name in names]
    frame = pd.DataFrame(rows, columns=list(ONE_RATE_COLUMNS))
    for kind in ("tuned", "one"):
        frame[f"rank_{kind}"] = pd.array(_ranks(rows, kind), dtype="Int64")
    return frame


def _budget_row(name: str, units: Units) -> dict[str, Any]:
    members = [(unit.stage, record) for unit, records in units for record in records]
    statuses = [
        trial.status for unit, records in units if unit.stage == "tune" for trial in trials_of(unit, records)
    ]
    seeds = [record.status for stage, record in members if stage == "confirm"]
    tested = [record.outcome for stage, record in members if stage in TESTED_STAGES and record.outcome]
    spent = {
        f"{stage}_model_epochs": _model_epochs([record for there, record in members if there == stage])
        for stage in ("tune", "confirm", "one_lr", "claim")
    }
    return {
        "variant": name,
        "trials": len(statuses),
        "trials_pruned": statuses.count("pruned"),
        "trials_diverged": statuses.count("diverged"),
        "seeds": len(seeds),
        "seeds_diverged": seeds.count("diverged"),
        **spent,
        "model_epochs": sum(spent.values()),
        "parameters": max((outcome.parameters for outcome in tested), default=None),
        "test_readings": len(tested),
    }


def _model_epochs(records: list[Record]) -> int:
    return sum(len(record.history) for record in records)


def _independent(plan: Plan) -> int:
    """How many of a variant's first trials were chosen without regard to earlier ones."""
    return plan.trials if plan.sampler == "random" else len(first_learning_rates(plan))


def _by_seed(units: Units, name: str, stage: Stage) -> BySeed:
    mine = (records for unit, records in units if (unit.variant, unit.stage) == (name, stage))
    return {record.seed: record for records in mine for record in records}


def _lr(records: BySeed) -> float:
    return next((record.lr for record in records.values()), math.nan)


def _errors_at_both_rates(own: BySeed, one: BySeed) -> dict[str, Any]:
    """The row's rates, and its counts and means over the seeds that both have."""
    seeds = sorted(own.keys() & one.keys())
    row: dict[str, Any] = {"lr_tuned": _lr(own), "lr_one": _lr(one), "seeds": len(seeds)}
    for kind, records in (("tuned", own), ("one", one)):
        errors = [records[seed].valid_mse for seed in seeds]
        finite = [error for error in errors if math.isfinite(error)]
        row[f"valid_mse_{kind}"] = sum(finite) / len(finite) if finite else math.nan
        row[f"diverged_{kind}"] = len(errors) - len(finite)
    return row


def _ranks(rows: Sequence[Mapping[str, Any]], kind: str) -> list[int | None]:
    keys = [_rank_key(row, kind) for row in rows]
    return [
        1 + sum(other < key for other in keys if other is not None) if key is not None else None
        for key in keys
    ]


def _rank_key(row: Mapping[str, Any], kind: str) -> tuple[float, float] | None:
    """What the row is ranked by, the better the smaller; None without seeds."""
    if not row["seeds"]:
        return None
    error = row[f"valid_mse_{kind}"]
    return row[f"diverged_{kind}"] / row["seeds"], error if math.isfinite(error) else math.inf
