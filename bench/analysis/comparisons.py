"""Variants compared seed by seed: each against `plain`, and each single change.

The same seed is the same start and the same batches, so that a difference is the variants' own.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.analysis.statistics import detectable_effect, holm, improvement, interval, sign_flip_p
from bench.contestants import REFERENCE, challengers, steps_of
from bench.plan import Plan

STEP_COLUMNS = (
    "variant", "instead_of", "change", "pairs", "test_mse_before", "test_mse_after", "difference", "low",
    "high", "p", "p_holm", "detectable", "better_on", "escaped_before", "escaped_after", "seeds",
    "escaped_both", "difference_escaped",
)  # fmt: skip
CONTRAST_COLUMNS = (
    "variant",
    "pairs",
    "difference",
    "low",
    "high",
    "p",
    "p_holm",
    "beats_plain",
    "detectable",
)


def errors_by_seed(members: pd.DataFrame) -> pd.DataFrame:
    """Test mse of the models that did not diverge: a row a seed, a column a variant.

    members: as `bench.analysis.frames` gives it.
    """
    return members[members["status"] == "ok"].pivot(index="seed", columns="variant", values="test_mse")


def compare_variants(errors: pd.DataFrame, name: str, instead_of: str) -> dict[str, Any]:
    """The variant's error less the other's on the seeds that diverged in neither, and how sure that is.

    errors: as `errors_by_seed` gives it. Without pairs every number but their count is nan.
    """
    pairs = errors.reindex(columns=[instead_of, name]).dropna()
    found = paired_comparison(*pairs.to_numpy(dtype=float).T)
    means = {f"test_mse_{when}": found[when] for when in ("before", "after")}
    return found | means | {"variant": name, "instead_of": instead_of}


def paired_comparison(before: NDArray[np.float64], after: NDArray[np.float64]) -> dict[str, Any]:
    """The means of both, after less before with its 95 % interval and p, and the share that is less after.

    before, after: (pairs,). Without pairs every number but their count is nan.
    """
    differences = after - before
    low, high = interval(differences)
    return {
        "pairs": len(differences),
        "before": _mean(before),
        "after": _mean(after),
        "difference": _mean(differences),
        "low": low,
        "high": high,
        "p": sign_flip_p(differences),
        "better_on": improvement(differences),
        "spread": differences.std(ddof=1) if len(differences) > 1 else float("nan"),
    }


def holm_corrected(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The comparisons of one table, each with `p_holm`, its p corrected for their number."""
    corrected_ps = holm([row["p"] for row in rows])
    return [row | {"p_holm": p} for row, p in zip(rows, corrected_ps, strict=True)]


def corrected_with_power(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The comparisons of one table as `holm_corrected` gives them, each with `detectable`.

    detectable: the true difference of the test mse that such pairs show four times in five, inf where none is
    large enough, nan where the pairs have no spread to go by.
    """
    count = sum(row["pairs"] > 0 for row in rows)
    return [
        row | {"detectable": _detectable(row["pairs"], row["spread"], count)} for row in holm_corrected(rows)
    ]


def attribution(plan: Plan, members: pd.DataFrame) -> pd.DataFrame:
    """One row a step between two of the plan's variants: what the change does to the test mse, and how sure that is.

    members: as `bench.analysis.frames` gives it. Means and difference are over the `pairs` that diverged in neither;
    `escaped_*` count among the `seeds` that were confirmed for both, where a diverged one has not escaped;
    `difference_escaped` is over those that escaped in both: a seed that stays at the mean image outweighs all else.
    """
    errors = errors_by_seed(members)
    rows = [
        compare_variants(errors, name, instead_of)
        | {"change": change}
        | _escaped(members, name, instead_of)
        | _of_escaped(errors, members, name, instead_of)
        for name, instead_of, change in _steps(plan)
    ]
    return pd.DataFrame(corrected_with_power(rows), columns=list(STEP_COLUMNS))


def contrasts(plan: Plan, members: pd.DataFrame) -> pd.DataFrame:
    """One row a variant: the mean paired difference of its test mse to plain's, and how sure that is.

    Only seeds that diverged in neither count. Empty where the plan has no `plain`; controls stand in another table.
    """
    errors = errors_by_seed(members)
    rows = corrected_with_power([compare_variants(errors, name, REFERENCE) for name in challengers(plan)])
    named = [row | {"beats_plain": row["better_on"]} for row in rows]
    return pd.DataFrame(named, columns=list(CONTRAST_COLUMNS))


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _detectable(pairs: int, spread: float, count: int) -> float:
    return detectable_effect(pairs, count) * spread if spread > 0 else float("nan")


def _steps(plan: Plan) -> list[tuple[str, str, str]]:
    """Variant, what it is compared with, and the change: those next to plain first, then those next to these.

    Siblings keep the plan's order; steps that plain does not lead to come last.
    """
    steps = list(_declared(plan))
    reached = [REFERENCE]
    for before in reached:  # grows while it is walked
        reached += [name for name, instead_of, _ in steps if instead_of == before and name not in reached]
    places = {name: place for place, name in enumerate(dict.fromkeys([*reached, *plan.variants]))}
    return sorted(steps, key=lambda step: places[step[1]])


def _declared(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """The steps with both ends in the plan, as the installed ones of its variants declare them."""
    for name in plan.variants:
        for instead_of, change in steps_of(name).items():
            if instead_of in plan.variants:
                yield name, instead_of, change


def _escaped(members: pd.DataFrame, name: str, instead_of: str) -> dict[str, Any]:
    """The seeds that were confirmed for both, and on how many of them each escaped."""
    before, after = (
        members[members["variant"] == end].set_index("seed")["escaped"] for end in (instead_of, name)
    )
    seeds = before.index.intersection(after.index)
    return {
        "escaped_before": int(before[seeds].sum()),
        "escaped_after": int(after[seeds].sum()),
        "seeds": len(seeds),
    }


def _of_escaped(errors: pd.DataFrame, members: pd.DataFrame, name: str, instead_of: str) -> dict[str, Any]:
    """The seeds that escaped in both, and the mean difference over them; nan without any."""
    left = [
        set(members.loc[(members["variant"] == end) & members["escaped"].fillna(False), "seed"])
        for end in (instead_of, name)
    ]
    seeds = sorted(set.intersection(*left))
    pairs = errors.reindex(index=seeds, columns=[instead_of, name])
    difference = float((pairs[name] - pairs[instead_of]).mean()) if seeds else float("nan")
    return {"escaped_both": len(seeds), "difference_escaped": difference}
