"""Tuned per variant against one rate for all, on runs small enough to do by hand."""

import math

import pandas as pd
import pytest
from made_units import unit_of

from bench.analysis.frames import Units
from bench.analysis.tuning_tables import ONE_RATE_COLUMNS, one_rate_table
from bench.plan import Plan
from bench.report.explanation import ranking_sentence

PLAN = Plan(variants=("plain", "layer_mse", "tied", "plain_mse"), seeds=3, one_lr_seeds=2)


TUNED = (
    unit_of("plain", "confirm", 0.003, 0.03, 0.05, 0.9),
    unit_of("tied", "confirm", 0.001, 0.02, 0.04, 0.9),
    unit_of("layer_mse", "confirm", 0.02, 0.06, 0.08, 0.01),
)
AT_ONE = (unit_of("tied", "one_lr", 0.003, 0.05, 0.07), unit_of("layer_mse", "one_lr", 0.003, 0.01, math.inf))


def _row(frame: pd.DataFrame, name: str) -> "pd.Series[float]":
    return frame.set_index("variant").loc[name]


def test_rows_by_hand_on_the_seeds_that_both_have() -> None:
    found = one_rate_table(PLAN, [*TUNED, *AT_ONE])
    assert found["variant"].tolist() == ["plain", "layer_mse", "tied"]
    tied = _row(found, "tied")
    assert (tied["lr_tuned"], tied["lr_one"], tied["seeds"]) == (0.001, 0.003, 2)
    assert tied["valid_mse_tuned"] == pytest.approx(0.03)
    assert tied["valid_mse_one"] == pytest.approx(0.06)
    assert (tied["rank_tuned"], tied["rank_one"]) == (1, 2)


def test_plain_is_the_same_on_both_sides() -> None:
    plain = _row(one_rate_table(PLAN, [*TUNED, *AT_ONE]), "plain")
    assert (plain["lr_tuned"], plain["lr_one"], plain["seeds"]) == (0.003, 0.003, 2)
    assert plain["valid_mse_tuned"] == plain["valid_mse_one"] == pytest.approx(0.04)


def test_variant_that_diverges_on_a_seed_ranks_behind_those_that_do_not() -> None:
    lost = _row(one_rate_table(PLAN, [*TUNED, *AT_ONE]), "layer_mse")
    assert (lost["diverged_tuned"], lost["diverged_one"], lost["rank_one"]) == (0, 1, 3)
    assert lost["valid_mse_one"] == pytest.approx(0.01)
    assert lost["valid_mse_tuned"] == pytest.approx(0.07)


def test_equal_variants_share_the_better_rank() -> None:
    twin = (
        unit_of("layer_mse", "confirm", 0.02, 0.03, 0.05),
        unit_of("layer_mse", "one_lr", 0.003, 0.2, 0.2),
    )
    found = one_rate_table(PLAN, [TUNED[0], TUNED[1], AT_ONE[0], *twin])
    assert found["rank_tuned"].tolist() == [2, 2, 1]
    assert found["rank_one"].tolist() == [1, 3, 2]


def test_sentence_says_that_the_order_changes() -> None:
    assert ranking_sentence(one_rate_table(PLAN, [*TUNED, *AT_ONE])) == (
        "At plain's learning rate for all the order changes: plain, tied, layer_mse instead of "
        "tied, plain, layer_mse (validation error, lowest first, on 2 seeds); "
        "layer_mse diverges there on 1 of 2."
    )


def test_sentence_says_that_the_order_stays() -> None:
    units = [*TUNED[:2], unit_of("tied", "one_lr", 0.003, 0.029)]
    assert ranking_sentence(one_rate_table(PLAN, units)) == (
        "At plain's learning rate for all the order stays tied, plain (validation error, lowest first, on 1 seed)."
    )


def test_variant_that_lacks_models_has_no_rank_and_takes_none() -> None:
    found = one_rate_table(PLAN, [*TUNED, AT_ONE[1]])
    tied = _row(found, "tied")
    assert tied["seeds"] == 0
    assert found[["valid_mse_tuned", "valid_mse_one", "rank_tuned", "rank_one"]].iloc[2].isna().all()
    assert found["rank_tuned"].tolist()[:2] == [1, 2]
    assert "tied" not in ranking_sentence(found)


@pytest.mark.parametrize("units", [[], list(TUNED), list(AT_ONE)], ids=["none", "confirm", "one_lr"])
def test_without_models_on_both_sides_there_is_no_order(units: Units) -> None:
    found = one_rate_table(PLAN, units)
    assert found["variant"].tolist() == ["plain", "layer_mse", "tied"]
    assert found[["rank_tuned", "rank_one"]].isna().all(axis=None)
    assert ranking_sentence(found) == ""


def test_others_are_ranked_without_plains_models() -> None:
    found = one_rate_table(PLAN, [*TUNED[1:], *AT_ONE])
    assert _row(found, "plain")[["rank_tuned", "rank_one"]].isna().all()
    assert "the order stays tied, layer_mse (" in ranking_sentence(found)


def test_every_seed_diverged_is_counted_and_ranked_last() -> None:
    lost = (
        unit_of("tied", "confirm", 0.001, math.inf, math.inf),
        unit_of("tied", "one_lr", 0.003, *[math.inf] * 2),
    )
    tied = _row(one_rate_table(PLAN, [TUNED[0], TUNED[2], AT_ONE[1], *lost]), "tied")
    assert (tied["diverged_tuned"], tied["diverged_one"]) == (2, 2)
    assert (tied["rank_tuned"], tied["rank_one"]) == (3, 3)
    assert pd.isna(tied["valid_mse_one"])


@pytest.mark.parametrize(
    "plan", [Plan(one_lr_seeds=0), Plan(variants=("tied", "layer_mse"))], ids=["no seeds", "no plain"]
)
def test_plan_without_the_contrast_has_no_rows(plan: Plan) -> None:
    found = one_rate_table(plan, [*TUNED, *AT_ONE])
    assert list(found.columns) == list(ONE_RATE_COLUMNS)
    assert len(found) == 0
    assert ranking_sentence(found) == ""
