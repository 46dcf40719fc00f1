"""Two runs compared, variant by variant and seed by seed: B judged against A, the reference."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from bench.findings import Findings
from bench.headline import Metric
from bench.pairs import holm_corrected, paired

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
    rows = holm_corrected([_row(name, pairs(a, b, name, metric), metric) for name in names])
    return Comparison(a, b, metric, pd.DataFrame(rows, columns=list(COLUMNS)))


def finished(found: Findings, variant: str, metric: Metric) -> pd.DataFrame:
    """A run's confirmed members of the variant that did not diverge: `value` and `escaped` by seed."""
    members = found.members.rename(columns={metric.name: "value"})
    mine = members[(members["variant"] == variant) & (members["status"] == "ok")].set_index("seed")
    finite: pd.DataFrame = mine.loc[np.isfinite(mine["value"].to_numpy(dtype=float)), ["value", "escaped"]]
    return finite


def pairs(a: Findings, b: Findings, variant: str, metric: Metric) -> pd.DataFrame:
    """The variant's seeds that finished in both: `value_a`, `value_b`, `escaped_a` and `escaped_b` by seed."""
    left, right = (finished(found, variant, metric) for found in (a, b))
    return left.add_suffix("_a").join(right.add_suffix("_b"), how="inner")


def verdict(low: float, high: float, metric: Metric) -> str:
    """better or worse where the interval of B less A excludes 0, undecided where there is none."""
    if not isfinite(low):
        return "undecided"
    if low <= 0 <= high:
        return "not told apart"
    return "better" if (high < 0) == metric.lower_is_better else "worse"


def _row(name: str, both: pd.DataFrame, metric: Metric) -> dict[str, Any]:
    values = both[["value_a", "value_b"]].to_numpy(dtype=float)
    found = paired(*values.T)
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
        "verdict": verdict(low, high, metric),
    }
