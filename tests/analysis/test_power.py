"""What the sign-flip test can find, against its own definition and the textbooks."""

import math

import numpy as np
import pytest
from pandas import DataFrame
from scipy.stats import norm

from bench.analysis.comparisons import compare_variants, corrected_with_power
from bench.analysis.statistics import detectable_effect, least_p, sign_flip_p


@pytest.mark.parametrize(
    ("pairs", "least"), [([8, 8, 8, 8], 4 * 2 / 256), ([5], 2 / 32), ([8, 0, 3], 2 * 2 / 256), ([1, 1], 1.0)]
)
def test_least_p_is_that_of_the_most_pairs_times_the_comparisons(pairs: list[int], least: float) -> None:
    assert least_p(pairs) == least


def test_without_pairs_there_is_no_least_p() -> None:
    assert math.isnan(least_p([0, 0]))


@pytest.mark.parametrize(("pairs", "comparisons"), [(0, 1), (1, 1), (5, 1), (7, 4), (8, 7)])
def test_nothing_is_found_where_the_least_p_is_too_large(pairs: int, comparisons: int) -> None:
    assert math.isinf(detectable_effect(pairs, comparisons))


@pytest.mark.parametrize(("pairs", "comparisons"), [(6, 1), (8, 4)])
def test_where_all_signs_must_agree_the_power_is_that_of_the_signs(pairs: int, comparisons: int) -> None:
    # Only the least p is small enough, so all differences must lie on one side: phi(d)^n is four fifths.
    expected = norm.ppf(0.8 ** (1 / pairs))
    assert detectable_effect(pairs, comparisons) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(("pairs", "comparisons"), [(8, 2), (10, 4)])
def test_a_true_difference_of_this_size_is_found_four_times_in_five(pairs: int, comparisons: int) -> None:
    effect = detectable_effect(pairs, comparisons)
    samples = np.random.default_rng(7).normal(loc=effect, size=(500, pairs))
    found = np.mean([comparisons * sign_flip_p(sample) <= 0.05 for sample in samples])
    assert found == pytest.approx(0.8, abs=0.05)


def test_half_a_standard_deviation_takes_34_pairs_as_in_the_tables() -> None:
    # Two-sided 5 %, power 80 %: the textbooks' 34 pairs are the first number that is enough.
    assert detectable_effect(34, 1) <= 0.5 < detectable_effect(33, 1)


def test_simulation_meets_the_t_test_where_it_hands_over() -> None:
    assert detectable_effect(12, 4) == pytest.approx(detectable_effect(13, 4) * math.sqrt(13 / 12), rel=0.05)


def test_table_has_it_in_the_unit_of_the_differences_and_for_its_own_number_of_comparisons() -> None:
    errors = DataFrame({"plain": np.zeros(8), "tied": np.linspace(-1, 1, 8), "empty": np.full(8, np.nan)})
    rows = [compare_variants(errors, name, "plain") for name in ("tied", "tied", "empty")]
    spread = float(np.linspace(-1, 1, 8).std(ddof=1))
    found = [row["detectable"] for row in corrected_with_power(rows)]
    assert found[:2] == pytest.approx([detectable_effect(8, 2) * spread] * 2)
    assert math.isnan(found[2])


def test_pairs_without_spread_tell_nothing() -> None:
    errors = DataFrame({"plain": np.zeros(8), "tied": np.ones(8)})
    (row,) = corrected_with_power([compare_variants(errors, "tied", "plain")])
    assert math.isnan(row["detectable"])
