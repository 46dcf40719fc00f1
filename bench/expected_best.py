"""How far fewer trials would have come: the expected best validation error against their number."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.first_rates import first_rates
from bench.plan import Plan

COLUMNS = ("variant", "trials", "expected_valid_mse")


def expected_best(plan: Plan, trials: pd.DataFrame, mean_image: float) -> pd.DataFrame:
    """One row a variant and number of trials n, from 1 to those it had: the expected best of n.

    Only trials whose learning rates did not depend on earlier ones count: all of a grid or a random search,
    of TPE's those spread evenly. trials: as `bench.tables` gives it; mean_image: its validation error. A
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
    return pd.DataFrame(rows, columns=list(COLUMNS))


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


def _independent(plan: Plan) -> int:
    """How many of a variant's first trials were chosen without regard to earlier ones."""
    return plan.trials if plan.sampler == "random" else len(first_rates(plan))
