"""Models compared seed by seed: the same seed is the same start and the same batches."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.power import detectable_effect
from bench.stats import holm, improvement, interval, sign_flip_p


def errors_by_seed(members: pd.DataFrame) -> pd.DataFrame:
    """Test mse of the models that did not diverge: a row a seed, a column a variant.

    members: as `bench.tables` gives it.
    """
    return members[members["status"] == "ok"].pivot(index="seed", columns="variant", values="test_mse")


def comparison(errors: pd.DataFrame, name: str, instead_of: str) -> dict[str, Any]:
    """The variant's error less the other's on the seeds that diverged in neither, and how sure that is.

    errors: as `errors_by_seed` gives it. Without pairs every number but their count is nan.
    """
    pairs = errors.reindex(columns=[instead_of, name]).dropna()
    found = paired(*pairs.to_numpy(dtype=float).T)
    means = {f"test_mse_{when}": found[when] for when in ("before", "after")}
    return found | means | {"variant": name, "instead_of": instead_of}


def paired(before: NDArray[np.float64], after: NDArray[np.float64]) -> dict[str, Any]:
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


def corrected(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The comparisons of one table as `holm_corrected` gives them, each with `detectable`.

    detectable: the true difference of the test mse that such pairs show four times in five, inf where none is
    large enough, nan where the pairs have no spread to go by.
    """
    count = sum(row["pairs"] > 0 for row in rows)
    return [
        row | {"detectable": _detectable(row["pairs"], row["spread"], count)} for row in holm_corrected(rows)
    ]


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _detectable(pairs: int, spread: float, count: int) -> float:
    return detectable_effect(pairs, count) * spread if spread > 0 else float("nan")
