"""What each single change brings, on tables small enough to do by hand."""

import math

import pytest
from pandas import DataFrame

from bench.analysis.comparisons import STEP_COLUMNS, attribution
from bench.analysis.statistics import interval
from bench.plan import Plan
from bench.presets import WITH_CONTROLS
from variants import registry

MEAN_IMAGE = 0.04
"""Test error of the mean image in these tables: below, a seed has escaped."""


def _members(**errors: list[float]) -> DataFrame:
    """A row a variant and seed, from 0; nan is a diverged one. Below them a reference line, as in real tables."""
    rows = [
        {
            "variant": name,
            "seed": seed,
            "status": "ok" if math.isfinite(mse) else "diverged",
            "test_mse": mse,
            "escaped": mse < MEAN_IMAGE if math.isfinite(mse) else None,
        }
        for name, mses in errors.items()
        for seed, mse in enumerate(mses)
    ]
    columns = ["variant", "seed", "status", "test_mse", "escaped"]
    frame = DataFrame([*rows, {"variant": "mean_image", "test_mse": MEAN_IMAGE}], columns=columns)
    return frame.astype({"seed": "Int64", "escaped": "boolean"})


def test_step_by_hand() -> None:
    members = _members(plain=[0.03, 0.02, 0.06, 0.01], tied=[0.01, 0.01, 0.05, math.nan])
    (row,) = attribution(Plan(variants=("plain", "tied")), members).to_dict("records")
    assert (row["variant"], row["instead_of"], row["change"]) == ("tied", "plain", "decoder's weights shared")
    assert (row["pairs"], row["seeds"]) == (3, 4)
    assert row["test_mse_before"] == pytest.approx(0.11 / 3)
    assert row["test_mse_after"] == pytest.approx(0.07 / 3)
    assert row["difference"] == pytest.approx(-0.04 / 3)
    assert (row["low"], row["high"]) == pytest.approx(interval([-0.02, -0.01, 0.05 - 0.06]))
    assert row["p"] == row["p_holm"] == 2 / 2**3
    assert row["better_on"] == 1
    assert (row["escaped_before"], row["escaped_after"], row["escaped_both"]) == (3, 2, 2)
    assert row["difference_escaped"] == pytest.approx((0.01 - 0.03 + 0.01 - 0.02) / 2)


def test_where_no_seed_escaped_in_both_there_is_no_difference_of_those() -> None:
    members = _members(plain=[0.03, 0.06], tied=[0.05, 0.01])
    (row,) = attribution(Plan(variants=("plain", "tied")), members).to_dict("records")
    assert row["escaped_both"] == 0
    assert math.isnan(row["difference_escaped"])


def test_seeds_confirmed_for_one_end_only_count_nowhere() -> None:
    members = _members(plain=[0.03, 0.02, 0.02], tied=[0.02])
    (row,) = attribution(Plan(variants=("plain", "tied")), members).to_dict("records")
    assert (row["pairs"], row["seeds"], row["escaped_before"], row["escaped_after"]) == (1, 1, 1, 1)
    assert row["difference"] == pytest.approx(-0.01)


def test_walk_begins_at_plain_and_takes_every_step_once() -> None:
    found = attribution(Plan(variants=WITH_CONTROLS), _members())
    assert list(zip(found["variant"], found["instead_of"], strict=True)) == [
        ("tied", "plain"),
        ("plain_mse", "plain"),
        ("layer_mse_bce_output", "plain"),
        ("tied_mse", "tied"),
        ("layer_mse", "plain_mse"),
        ("tied_mse", "plain_mse"),
        ("layer_bce", "layer_mse_bce_output"),
        ("truncated_bce_output", "layer_mse_bce_output"),
        ("layer_mse_bce_output", "layer_mse"),
        ("layer_mse_target", "layer_mse"),
        ("truncated", "layer_mse_target"),
        ("truncated_bce_output", "truncated"),
    ]
    assert len(found) == sum(len(variant.steps) for variant in registry().values())


def test_steps_that_plain_does_not_lead_to_come_last() -> None:
    plan = Plan(variants=("truncated", "layer_mse_target", "tied", "plain"))
    assert attribution(plan, _members())["variant"].tolist() == ["tied", "truncated"]


def test_holm_is_over_the_table() -> None:
    falling = [0.03 - 0.001 * seed for seed in range(5)]
    members = _members(
        plain=[0.03] * 5, tied=[mse - 0.01 for mse in falling], plain_mse=[mse - 0.02 for mse in falling]
    )
    found = attribution(Plan(variants=("plain", "tied", "plain_mse")), members)
    assert found["p"].tolist() == [2 / 2**5] * 2
    assert found["p_holm"].tolist() == pytest.approx([4 / 2**5] * 2)


def test_variant_that_is_not_installed_any_more_has_no_steps() -> None:
    plan = Plan(variants=("plain", "gone", "tied"))
    assert attribution(plan, _members(plain=[0.03], gone=[0.02], tied=[0.02]))["variant"].tolist() == ["tied"]


def test_plan_without_two_ends_of_a_step_has_no_rows() -> None:
    found = attribution(Plan(variants=("plain", "truncated")), _members(plain=[0.03], truncated=[0.02]))
    assert list(found.columns) == list(STEP_COLUMNS)
    assert len(found) == 0


@pytest.mark.parametrize("mses", [[], [math.nan, math.nan]], ids=["no seeds", "every seed diverged"])
def test_step_without_pairs_stands_there_without_numbers(mses: list[float]) -> None:
    members = _members(plain=[0.03, 0.02], tied=mses)
    (row,) = attribution(Plan(variants=("plain", "tied")), members).to_dict("records")
    assert (row["pairs"], row["seeds"], row["escaped_after"]) == (0, len(mses), 0)
    for name in (
        "test_mse_before",
        "test_mse_after",
        "difference",
        "low",
        "high",
        "p",
        "p_holm",
        "better_on",
    ):
        assert math.isnan(row[name]), name


def test_one_pair_has_a_difference_but_no_interval() -> None:
    (row,) = attribution(
        Plan(variants=("plain", "tied")), _members(plain=[0.03], tied=[0.02])
    ).to_dict("records")  # fmt: skip
    assert row["difference"] == pytest.approx(-0.01)
    assert math.isnan(row["low"])
    assert row["p"] == 1
