"""Every variant against `plain`, seed by seed: the same seed is the same start and the same batches."""

from typing import Any

import pandas as pd

from bench.contestants import REFERENCE, challengers
from bench.plan import Plan
from bench.stats import holm, improvement, interval, sign_flip_p

COLUMNS = ("variant", "pairs", "difference", "low", "high", "p", "p_holm", "beats_plain")


def contrasts(plan: Plan, members: pd.DataFrame) -> pd.DataFrame:
    """One row a variant: the mean paired difference of its test mse to plain's, and how sure that is.

    Only seeds that diverged in neither count. Empty where the plan has no `plain`; controls stand in another table.
    """
    errors = members[members["status"] == "ok"].pivot(index="seed", columns="variant", values="test_mse")
    rows = [_row(name, errors) for name in challengers(plan)]
    for row, p in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row["p_holm"] = p
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(name: str, errors: pd.DataFrame) -> dict[str, Any]:
    pairs = errors.reindex(columns=[name, REFERENCE]).dropna()
    differences = (pairs[name] - pairs[REFERENCE]).to_numpy(dtype=float)
    low, high = interval(differences)
    return {
        "variant": name,
        "pairs": len(differences),
        "difference": differences.mean() if len(differences) else float("nan"),
        "low": low,
        "high": high,
        "p": sign_flip_p(differences),
        "beats_plain": improvement(differences),
    }
