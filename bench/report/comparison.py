"""Two runs compared, variant by variant and seed by seed, and the rules under which a comparison fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from bench.analysis.comparisons import holm_corrected, paired_comparison
from bench.io.errors import UsageError
from bench.io.text import format_interval, format_number, quantity
from bench.records.metrics import Metric
from bench.report.findings import Findings

COLUMNS = (
    "variant", "metric", "pairs", "mean_a", "mean_b", "difference", "low", "high", "percent", "percent_low",
    "percent_high", "p", "p_holm", "better_share", "equal", "escaped_a", "escaped_b", "verdict",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Two runs, the metric they are compared by, and `compare`'s table of it."""

    a: Findings
    b: Findings
    metric: Metric
    table: pd.DataFrame


def compare(a: Findings, b: Findings, metric: Metric) -> Comparison:
    """One row for each variant that both plans have, in A's order, over the seeds that finished in both.

    difference: mean of B less A; low, high: its 95 % interval; the percents: these of the size of A's mean. p is
    that of a sign-flip test, exact up to 16 pairs, p_holm corrected for the variants compared. A row may have no
    pairs.
    """
    names = [name for name in a.plan.variants if name in b.plan.variants]
    rows = holm_corrected([_row(name, paired_seeds(a, b, name, metric), metric) for name in names])
    return Comparison(a, b, metric, pd.DataFrame(rows, columns=list(COLUMNS)))


def finished_members(found: Findings, variant: str, metric: Metric) -> pd.DataFrame:
    """A run's confirmed members of the variant that did not diverge: `value` and `escaped` by seed."""
    members = found.members.rename(columns={metric.name: "value"})
    mine = members[(members["variant"] == variant) & (members["status"] == "ok")].set_index("seed")
    finite: pd.DataFrame = mine.loc[np.isfinite(mine["value"].to_numpy(dtype=float)), ["value", "escaped"]]
    return finite


def paired_seeds(a: Findings, b: Findings, variant: str, metric: Metric) -> pd.DataFrame:
    """The variant's seeds that finished in both: `value_a`, `value_b`, `escaped_a` and `escaped_b` by seed."""
    left, right = (finished_members(found, variant, metric) for found in (a, b))
    return left.add_suffix("_a").join(right.add_suffix("_b"), how="inner")


def interval_verdict(low: float, high: float, metric: Metric) -> str:
    """better or worse where the interval of B less A excludes 0, undecided where there is none."""
    if not isfinite(low):
        return "undecided"
    if low <= 0 <= high:
        return "not told apart"
    return "better" if (high < 0) == metric.lower_is_better else "worse"


@dataclass(frozen=True)
class Worse:
    """B's mean is worse than A's by more than the limit, and the 95 % interval of the difference excludes 0.

    The limit is in the metric's unit, or in percent of the size of A's mean. It is the mean that must lie beyond the
    limit; the interval need only lie beyond 0. Without an interval (fewer than two pairs) the mean alone decides.
    """

    text: str
    limit: float
    in_percent: bool

    def held(self, comparison: Comparison) -> list[str]:
        """A line for each variant that is so much worse."""
        return [self._line(row, comparison) for row in _rows(comparison) if self._holds(row, comparison)]

    def _holds(self, row: Mapping[str, Any], comparison: Comparison) -> bool:
        loss = row["difference"] if comparison.metric.lower_is_better else -row["difference"]
        limit = self.limit / 100 * abs(row["mean_a"]) if self.in_percent else self.limit
        return bool(loss > limit) and row["verdict"] in ("worse", "undecided")

    def _line(self, row: Mapping[str, Any], comparison: Comparison) -> str:
        metric = comparison.metric
        digits = f"+{metric.form}"
        sure = "judged by the mean alone, as fewer than two pairs have no interval"
        if isfinite(row["low"]):
            sure = f"95 % interval {format_interval(row['low'], row['high'], digits)}"
        return (
            f"{self.text}: {row['variant']} has {metric.name} {metric.text(row['mean_b'])} in B and "
            f"{metric.text(row['mean_a'])} in A, {format_number(row['difference'], digits)} "
            f"({format_number(row['percent'], '+.2f')} %) over {quantity(row['pairs'], 'seed')}; {sure}"
        )


@dataclass(frozen=True)
class Missing:
    """A has finished seeds of a variant and B has none, whether planned or not."""

    text: str = "missing"

    def held(self, comparison: Comparison) -> list[str]:
        """A line for each variant that is missing."""
        a, b, metric = comparison.a, comparison.b, comparison.metric
        return [
            f"{self.text}: {name} has finished seeds in A and none in B"
            for name in a.plan.variants
            if len(finished_members(a, name, metric)) and not len(finished_members(b, name, metric))
        ]


Rule = Worse | Missing


def parse_rule(text: str) -> Rule:
    """The rule written so; UsageError for anything else."""
    if text == "missing":
        return Missing()
    kind, _, limit_text = text.partition(":")
    try:
        limit = float(limit_text.removesuffix("%"))
    except ValueError:
        limit = -1.0
    if kind != "worse" or not isfinite(limit) or limit < 0:
        raise UsageError(
            f"--fail-if must be worse:NUMBER, worse:NUMBER% (NUMBER at least 0) or missing but got {text!r}"
        )
    return Worse(text, limit, limit_text.endswith("%"))


def _row(name: str, both: pd.DataFrame, metric: Metric) -> dict[str, Any]:
    values = both[["value_a", "value_b"]].to_numpy(dtype=float)
    found = paired_comparison(*values.T)
    mean_a, low, high, less = (found[key] for key in ("before", "low", "high", "better_on"))
    percent = 100 / abs(mean_a) if mean_a else np.nan
    return found | {
        "variant": name,
        "metric": metric.name,
        "mean_a": mean_a,
        "mean_b": found["after"],
        "percent": found["difference"] * percent,
        "percent_low": low * percent,
        "percent_high": high * percent,
        "better_share": less if metric.lower_is_better else 1 - less,
        "equal": int((values[:, 0] == values[:, 1]).sum()),
        "escaped_a": int(both["escaped_a"].sum()),
        "escaped_b": int(both["escaped_b"].sum()),
        "verdict": interval_verdict(low, high, metric),
    }


def _rows(comparison: Comparison) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in comparison.table.to_dict("records")]
