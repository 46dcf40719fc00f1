"""Tuned per variant against one learning rate for all: does the order of the variants change?"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.contestants import REFERENCE, contestants
from bench.plan import Plan
from bench.records import Record, Stage
from bench.tables import Units

COLUMNS = (
    "variant", "lr_tuned", "lr_one", "seeds", "valid_mse_tuned", "valid_mse_one", "diverged_tuned",
    "diverged_one", "rank_tuned", "rank_one",
)  # fmt: skip

BySeed = Mapping[int, Record]


def one_rate(plan: Plan, units: Units) -> pd.DataFrame:
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
    rows = [{"variant": name, **_errors(own[name], one[name])} for name in names]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for kind in ("tuned", "one"):
        frame[f"rank_{kind}"] = pd.array(_ranks(rows, kind), dtype="Int64")
    return frame


def ranking_sentence(frame: pd.DataFrame) -> str:
    """Whether the order changes at one rate, and which it is; empty where fewer than two variants have a rank."""
    ranked = frame.dropna(subset=["rank_tuned", "rank_one"])
    if len(ranked) < 2:
        return ""
    own, one = (
        ", ".join(ranked.sort_values(f"rank_{kind}", kind="stable")["variant"]) for kind in ("tuned", "one")
    )
    same = (ranked["rank_tuned"] == ranked["rank_one"]).all()
    order = f"stays {own}" if same else f"changes: {one} instead of {own}"
    lost = [
        f"{row['variant']} diverges there on {row['diverged_one']} of {row['seeds']}"
        for _, row in ranked.iterrows()
        if row["diverged_one"]
    ]
    over = " to ".join(str(count) for count in sorted({ranked["seeds"].min(), ranked["seeds"].max()}))
    basis = f"validation error, lowest first, on {over} {'seed' if over == '1' else 'seeds'}"
    return "; ".join([f"At plain's learning rate for all the order {order} ({basis})", *lost]) + "."


def _by_seed(units: Units, name: str, stage: Stage) -> BySeed:
    mine = (records for unit, records in units if (unit.variant, unit.stage) == (name, stage))
    return {record.seed: record for records in mine for record in records}


def _lr(records: BySeed) -> float:
    return next((record.lr for record in records.values()), math.nan)


def _errors(own: BySeed, one: BySeed) -> dict[str, Any]:
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
    keys = [_place(row, kind) for row in rows]
    return [
        1 + sum(other < key for other in keys if other is not None) if key is not None else None
        for key in keys
    ]


def _place(row: Mapping[str, Any], kind: str) -> tuple[float, float] | None:
    """What the row is ranked by, the better the smaller; None without seeds."""
    if not row["seeds"]:
        return None
    error = row[f"valid_mse_{kind}"]
    return row[f"diverged_{kind}"] / row["seeds"], error if math.isfinite(error) else math.inf
