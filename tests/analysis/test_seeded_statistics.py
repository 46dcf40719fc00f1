"""The random numbers in the statistics are the same at every call; and pairs by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from bench.analysis.comparisons import corrected_with_power, paired_comparison
from bench.analysis.statistics import detectable_effect, holm, interval, sign_flip_p

SKEWED = np.random.default_rng(5).exponential(size=9)


def test_interval_is_scipys_with_random_numbers_from_0() -> None:
    expected = stats.bootstrap(
        (SKEWED,),
        np.mean,
        confidence_level=0.95,
        n_resamples=9_999,
        method="BCa",
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert interval(SKEWED) == (expected.low, expected.high)
    other = stats.bootstrap((SKEWED,), np.mean, n_resamples=9_999, method="BCa", rng=np.random.default_rng(1))
    assert interval(SKEWED) != (other.confidence_interval.low, other.confidence_interval.high)


def test_sign_flip_of_many_pairs_is_scipys_with_random_numbers_from_0() -> None:
    differences = np.random.default_rng(6).normal(loc=0.3, size=20)
    found, other = (
        stats.permutation_test(
            (differences,),
            np.mean,
            permutation_type="samples",
            n_resamples=2**16,
            rng=np.random.default_rng(seed),
        ).pvalue
        for seed in (0, 1)
    )
    assert sign_flip_p(differences) == sign_flip_p(differences) == found != other


def test_holm_counts_those_that_are_there() -> None:
    first, second, third, fourth = holm([0.03, math.nan, 0.02, 0.2])
    assert (first, third, fourth) == pytest.approx((0.06, 0.06, 0.2))
    assert math.isnan(second)
    assert all(map(math.isnan, holm([math.nan, math.nan])))
    assert holm([]) == []


def test_pair_by_pair_by_hand() -> None:
    found = paired_comparison(np.array([0.5, 0.4, 0.3]), np.array([0.3, 0.3, 0.3]))
    assert found["pairs"] == 3
    assert (found["before"], found["after"], found["difference"]) == pytest.approx((0.4, 0.3, -0.1))
    assert found["better_on"] == pytest.approx(2.5 / 3)
    assert found["spread"] == pytest.approx(0.1)
    assert found["p"] == 4 / 8  # of ±0.2 ±0.1 ±0 those of 0.2 and 0.1 the same way up


def test_one_pair_has_no_spread() -> None:
    found = paired_comparison(np.array([0.5]), np.array([0.3]))
    assert found["difference"] == pytest.approx(-0.2)
    assert all(math.isnan(found[name]) for name in ("low", "high", "spread"))


def test_comparison_of_one_pair_is_one_to_correct_for_and_one_without_pairs_is_none() -> None:
    after = np.linspace(0.1, 0.5, 10)
    rows = [
        paired_comparison(after[::-1] * 2, after),
        paired_comparison(after[:1] * 2, after[:1]),
        paired_comparison(after[:0], after[:0]),
    ]
    found = corrected_with_power(rows)
    assert found[0]["p_holm"] == 2 * found[0]["p"]
    assert found[0]["detectable"] == pytest.approx(detectable_effect(10, 2) * found[0]["spread"])
    assert all(math.isnan(row["detectable"]) for row in found[1:])
