"""Statistics over seeds: intervals, paired tests and their correction, pure functions of arrays of floats."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

Values = Sequence[float] | NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 9_999


def interval(values: Values) -> tuple[float, float]:
    """95 % bootstrap interval of the mean, bias-corrected and accelerated (BCa, Efron 1987).

    nan, nan for fewer than two values; the value itself twice where all are the same. Too narrow for few values:
    of normal ones it misses the mean in 28 % of cases with 3, 16 % with 5, 12 % with 8.
    """
    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return float("nan"), float("nan")
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    found = stats.bootstrap(
        (values,), np.mean, confidence_level=LEVEL, n_resamples=RESAMPLES, method="BCa",
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def sign_flip_p(differences: Values) -> float:
    """Two-sided p of a paired sign-flip test of the mean; nan without differences.

    Under the null hypothesis every choice of signs is as likely as the one that was seen. Exact for up to 16
    pairs, from 65,536 random choices for more.
    """
    differences = np.asarray(differences, dtype=float)
    if len(differences) < 2:
        return 1.0 if len(differences) else float("nan")  # of one pair, both signs are as far from 0
    found = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=2**16, rng=np.random.default_rng(0)
    )
    return float(found.pvalue)


def holm(ps: Values) -> list[float]:
    """The p values corrected for their number (Holm 1979), in the same order; nan stays nan and counts not."""
    ps = np.asarray(ps, dtype=float)
    finite = np.isfinite(ps)
    corrected = ps.copy()
    if finite.any():
        corrected[finite] = multipletests(ps[finite], method="holm")[1]
    return [float(p) for p in corrected]


def improvement(differences: Values) -> float:
    """Share of the pairs in which the difference is negative, a tie counted half; nan without pairs."""
    differences = np.asarray(differences, dtype=float)
    wins = (differences < 0) + 0.5 * (differences == 0)
    return float(wins.mean()) if len(differences) else float("nan")


def share_interval(successes: int, count: int) -> tuple[float, float]:
    """Exact 95 % interval of a share (Clopper and Pearson 1934); nan, nan where nothing was counted."""
    if count == 0:
        return float("nan"), float("nan")
    found = stats.binomtest(successes, count).proportion_ci(LEVEL, method="exact")
    return float(found.low), float(found.high)
