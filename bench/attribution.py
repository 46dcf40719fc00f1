"""What each single change brings: variants that differ by one change, compared seed by seed."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from bench.contestants import REFERENCE, steps_of
from bench.pairs import comparison, corrected, errors_by_seed
from bench.plan import Plan

COLUMNS = (
    "variant", "instead_of", "change", "pairs", "test_mse_before", "test_mse_after", "difference", "low",
    "high", "p", "p_holm", "detectable", "better_on", "escaped_before", "escaped_after", "seeds",
    "escaped_both", "difference_escaped",
)  # fmt: skip


def attribution(plan: Plan, members: pd.DataFrame) -> pd.DataFrame:
    """One row a step between two of the plan's variants: what the change does to the test mse, and how sure that is.

    members: as `bench.tables` gives it. Means and difference are over the `pairs` that diverged in neither;
    `escaped_*` count among the `seeds` that were confirmed for both, where a diverged one has not escaped;
    `difference_escaped` is over those that escaped in both: a seed that stays at the mean image outweighs all else.
    """
    errors = errors_by_seed(members)
    rows = [
        comparison(errors, name, instead_of)
        | {"change": change}
        | _escaped(members, name, instead_of)
        | _of_escaped(errors, members, name, instead_of)
        for name, instead_of, change in _steps(plan)
    ]
    return pd.DataFrame(corrected(rows), columns=list(COLUMNS))


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
