"""The statistics on numbers whose answers are known."""

import math
from itertools import product

import numpy as np
import pytest
from pandas import DataFrame, concat
from scipy import stats

from bench.analysis.comparisons import contrasts
from bench.analysis.statistics import holm, improvement, interval, share_interval, sign_flip_p
from bench.plan import Plan
from bench.report.tables import CONTRASTS


def test_sign_flip_of_three_equal_signs_is_one_in_four() -> None:
    assert sign_flip_p([1.0, 2.0, 3.0]) == 2 / 8
    assert sign_flip_p([-1.0, -2.0, -3.0]) == 2 / 8


def test_sign_flip_by_hand_with_one_sign_against() -> None:
    # Of the sums ±1 ±2 ±4 those at least as far from 0 as 4 + 2 - 1 = 5 are ±5 and ±7.
    assert sign_flip_p([4.0, 2.0, -1.0]) == 4 / 8


def test_sign_flip_of_one_pair_can_tell_nothing() -> None:
    assert sign_flip_p([3.0]) == sign_flip_p([-0.3]) == 1
    assert math.isnan(sign_flip_p([]))


def test_sign_flip_is_the_count_over_all_signs() -> None:
    differences = np.random.default_rng(3).normal(loc=0.4, size=8)
    means = [abs(np.dot(signs, differences)) for signs in product((-1, 1), repeat=8)]
    expected = np.mean([mean >= abs(differences.sum()) * (1 - 1e-12) for mean in means])
    assert sign_flip_p(differences) == pytest.approx(expected)


def test_sign_flip_is_exact_up_to_sixteen_pairs_as_the_report_says() -> None:
    assert sign_flip_p([1.0] * 16) == 2 / 2**16
    assert sign_flip_p([1.0] * 17) != 2 / 2**17
    assert "sign-flip test, two-sided, exact up to 16 pairs" in CONTRASTS.note


def test_least_p_of_eight_pairs_survives_four_comparisons() -> None:
    least = sign_flip_p(range(1, 9))
    assert least == 2 / 2**8
    assert holm([least] * 4) == pytest.approx([4 * least] * 4)
    assert 4 * least < 0.05 < 4 * sign_flip_p(range(1, 8))


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_leaves_nan_out_of_the_count() -> None:
    first, second = holm([0.02, math.nan])
    assert first == pytest.approx(0.02)
    assert math.isnan(second)


def test_interval_of_many_normal_values_is_the_textbooks() -> None:
    values = np.random.default_rng(1).normal(loc=5, size=400)
    low, high = interval(values)
    half = 1.96 * values.std(ddof=1) / 20
    assert low == pytest.approx(values.mean() - half, abs=0.02)
    assert high == pytest.approx(values.mean() + half, abs=0.02)


def test_interval_is_the_same_each_time_and_bca_not_percentile() -> None:
    skewed = [0.0, 0.1, 0.1, 0.2, 0.2, 0.3, 3.0]
    low, high = interval(skewed)
    assert (low, high) == interval(skewed)
    plain = stats.bootstrap(
        (skewed,), np.mean, n_resamples=9_999, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    # Acceleration moves both ends towards the long tail.
    assert low > plain.low + 0.02
    assert high > plain.high + 0.2


@pytest.mark.parametrize(("seeds", "missed"), [(3, 0.28), (5, 0.16), (8, 0.12)])
def test_interval_of_few_values_misses_as_often_as_the_report_says(seeds: int, missed: float) -> None:
    samples = np.random.default_rng(seeds).normal(size=(600, seeds))
    ends = np.array([interval(sample) for sample in samples])
    assert np.mean((ends[:, 0] > 0) | (ends[:, 1] < 0)) == pytest.approx(missed, abs=0.04)
    assert f"{missed:.0%}".replace("%", " %") in CONTRASTS.note


def test_interval_of_too_few_or_equal_values() -> None:
    assert all(map(math.isnan, interval([0.1])))
    assert interval([0.1, 0.1, 0.1]) == (0.1, 0.1)


def test_improvement_counts_ties_half() -> None:
    assert improvement([-1.0, -2.0, 0.0, 3.0]) == 0.625
    assert math.isnan(improvement([]))


def test_share_interval_at_the_ends_is_the_closed_form() -> None:
    assert share_interval(8, 8) == pytest.approx((0.025 ** (1 / 8), 1))
    assert share_interval(0, 8) == pytest.approx((0, 1 - 0.025 ** (1 / 8)))


def test_share_interval_leaves_a_fortieth_of_the_binomial_on_each_side() -> None:
    low, high = share_interval(3, 8)
    above = sum(math.comb(8, k) * low**k * (1 - low) ** (8 - k) for k in range(3, 9))
    below = sum(math.comb(8, k) * high**k * (1 - high) ** (8 - k) for k in range(4))
    assert (above, below) == pytest.approx((0.025, 0.025))


def test_share_of_nothing_has_no_interval() -> None:
    assert all(map(math.isnan, share_interval(0, 0)))


def test_contrasts_pair_by_seed_and_leave_lost_seeds_out() -> None:
    rows = [("plain", 0, 0.03), ("plain", 1, 0.02), ("plain", 2, 0.05), ("tied", 1, 0.01), ("tied", 0, 0.01)]
    members = DataFrame(rows, columns=["variant", "seed", "test_mse"]).assign(status="ok")
    lost = DataFrame([("tied", 2, math.nan)], columns=["variant", "seed", "test_mse"]).assign(
        status="diverged"
    )
    found = contrasts(Plan(variants=("plain", "tied")), concat([members, lost]))
    (row,) = found.to_dict("records")
    assert (row["variant"], row["pairs"], row["beats_plain"]) == ("tied", 2, 1.0)
    assert row["difference"] == pytest.approx(-0.015)
    assert row["p"] == row["p_holm"] == 0.5
    assert math.isinf(row["detectable"])


def test_without_plain_there_is_nothing_to_compare_with() -> None:
    members = DataFrame({"variant": ["tied"], "seed": [0], "test_mse": [0.1], "status": ["ok"]})
    assert len(contrasts(Plan(variants=("tied",)), members)) == 0
