"""A step between two variants is not touched by a third one in the same table."""

import math

import pytest
from pandas import DataFrame

from bench.analysis.comparisons import attribution
from bench.plan import Plan


def test_seeds_that_escaped_are_those_of_the_two_ends() -> None:
    """plain_mse escapes where tied does not: neither step takes the other's seeds."""
    errors = {
        "plain": (0.03, 0.02, 0.01, 0.02),
        "tied": (0.02, 0.06, 0.02, 0.06),
        "plain_mse": (0.06, 0.01, 0.05, 0.012),
    }
    rows = [
        {"variant": name, "seed": seed, "status": "ok", "test_mse": mse, "escaped": mse < 0.04}
        for name, mses in errors.items()
        for seed, mse in enumerate(mses)
    ]
    members = DataFrame([*rows, {"variant": "mean_image", "test_mse": 0.05}])
    found = attribution(Plan(variants=("plain", "tied", "plain_mse")), members.astype({"escaped": "boolean"}))
    tied, plain_mse = found.to_dict("records")
    assert (tied["variant"], plain_mse["variant"]) == ("tied", "plain_mse")
    for row, escaped, difference in ((tied, 2, (-0.01 + 0.01) / 2), (plain_mse, 2, (-0.01 - 0.008) / 2)):
        assert (row["escaped_before"], row["escaped_after"], row["escaped_both"]) == (4, escaped, 2)
        assert row["difference_escaped"] == pytest.approx(difference, abs=1e-12)
        assert row["seeds"] == row["pairs"] == 4
    assert tied["difference"] == pytest.approx(0.02)
    assert plain_mse["difference"] == pytest.approx((0.03 - 0.01 + 0.04 - 0.008) / 4)


def test_seed_that_diverged_at_one_end_has_not_escaped_there() -> None:
    rows = [
        {"variant": name, "seed": seed, "status": status, "test_mse": mse, "escaped": escaped}
        for name, seed, status, mse, escaped in (
            ("plain", 0, "ok", 0.01, True), ("plain", 1, "diverged", math.nan, None), ("plain", 2, "ok", 0.02, True),
            ("tied", 0, "ok", 0.02, True), ("tied", 1, "ok", 0.01, True), ("tied", 2, "diverged", math.nan, None),
        )
    ]  # fmt: skip
    members = DataFrame(rows).astype({"escaped": "boolean"})
    (row,) = attribution(Plan(variants=("plain", "tied")), members).to_dict("records")
    assert (row["pairs"], row["seeds"], row["escaped_both"]) == (1, 3, 1)
    assert (row["escaped_before"], row["escaped_after"]) == (2, 2)
    assert row["difference_escaped"] == pytest.approx(0.01)
