"""Rules under which a comparison fails: `worse:2%`, `worse:0.001`, `missing`."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from bench.compare import Comparison, finished
from bench.digits import number
from bench.errors import UsageError
from bench.wording import count


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
        digits = f"+.{metric.decimals}f"
        sure = "judged by the mean alone, as fewer than two pairs have no interval"
        if isfinite(row["low"]):
            sure = f"95 % interval {number(row['low'], digits)} to {number(row['high'], digits)}"
        return (
            f"{self.text}: {row['variant']} has {metric.name} {metric.text(row['mean_b'])} in B and "
            f"{metric.text(row['mean_a'])} in A, {number(row['difference'], digits)} "
            f"({number(row['percent'], '+.2f')} %) over {count(row['pairs'], 'seed')}; {sure}"
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
            if len(finished(a, name, metric)) and not len(finished(b, name, metric))
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


def _rows(comparison: Comparison) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in comparison.table.to_dict("records")]
