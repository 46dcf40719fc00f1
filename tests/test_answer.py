"""The three sentences say what the tables say, for good, bad and odd tables."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.advice import advice
from bench.answer import answer
from bench.findings import Findings, findings
from bench.headline import METRICS

MSE = METRICS["test_mse"]


@pytest.fixture(scope="module")
def quick() -> Findings:
    """The committed run: tied, plain and truncated escape, layer_bce and layer_mse do not."""
    return findings(Path(__file__).parents[1] / "results" / "reference-quick")


def changed(found: Findings, table: str, variant: str, **values: Any) -> Findings:
    """The findings with one row of one table changed."""
    frame: pd.DataFrame = getattr(found, table).copy()
    for column, value in values.items():
        frame.loc[frame["variant"] == variant, column] = value
    return replace(found, **{table: frame})


def test_second_sentence_names_whom_the_plateau_keeps_and_who_mirrors(quick: Findings) -> None:
    second = answer(quick, MSE)[1]
    assert second.startswith("Not more than 5 % below the test mse of giving back the mean image")
    assert "layer_bce on 5 of 5 seeds; layer_mse on 5 of 5 seeds;" in second
    assert "opposite levels are closest in truncated" in second
    assert all(name not in second for name in ("plain", "tied"))


def test_diverged_seeds_are_not_called_stuck(quick: Findings) -> None:
    found = changed(quick, "summary", "plain", escaped=3, diverged=1)
    second = answer(found, MSE)[1]
    assert "plain on 1 of 5 seeds; plain diverged on 1 of 5 seeds" in second


def test_where_every_seed_learned_none_is_named(quick: Findings) -> None:
    found = quick
    for name in ("layer_bce", "layer_mse"):
        found = changed(found, "summary", name, escaped=5)
    assert answer(found, MSE)[1].startswith("Every seed of every variant came more than 5 % below")


def test_no_winner_is_named_where_nothing_learned(quick: Findings) -> None:
    found = quick
    for name in quick.plan.variants:
        found = changed(found, "summary", name, escaped=0)
    first = answer(found, MSE)[0]
    assert first.endswith(
        "so none is best; the lowest test error (mean squared error per pixel) on the 10,000 test images is tied's, "
        "0.02987."
    )
    assert "PCA" not in first


@pytest.mark.parametrize(("p", "told"), [(0.049, ", told from chance"), (0.051, ", not told from chance")])
def test_first_sentence_tells_a_difference_from_chance_by_the_corrected_p(
    quick: Findings, p: float, told: str
) -> None:
    found = changed(quick, "contrasts", "tied", p=0.001, p_holm=p)
    assert told in answer(found, MSE)[0]


@pytest.mark.parametrize(("difference", "side"), [(-0.001, "0.00100 below"), (0.001, "0.00100 above")])
def test_first_sentence_says_on_which_side_of_plain_the_best_lies(
    quick: Findings, difference: float, side: str
) -> None:
    found = changed(quick, "contrasts", "tied", difference=difference)
    assert f"and {side} plain's seed by seed" in answer(found, MSE)[0]


def test_where_plain_is_best_the_next_one_is_named(quick: Findings) -> None:
    found = changed(quick, "summary", "plain", test_mse_mean=0.02)
    first = answer(found, MSE)[0]
    assert "plain has the lowest test error" in first
    assert "; tied comes next, its mse 0.00021 below it seed by seed" in first


def test_variant_whose_mean_a_stuck_seed_spoils_is_named_by_its_median(quick: Findings) -> None:
    found = changed(quick, "summary", "truncated", test_mse_median=0.0128, escaped=4)
    assert (
        "; by the median seed it is truncated, 0.01280, though 1 of its 5 seeds learned nothing."
        in answer(found, MSE)[0]
    )
    assert "by the median seed" not in answer(changed(quick, "summary", "tied", test_mse_median=0.01), MSE)[0]


@pytest.mark.parametrize(("error", "told"), [(0.0101, True), (0.04, False), (float("nan"), False)])
def test_control_that_is_better_still_is_not_kept_back(quick: Findings, error: float, told: bool) -> None:
    row = quick.summary.iloc[[0]].assign(variant="a_control", control=True, test_mse_mean=error)
    found = replace(quick, summary=pd.concat([quick.summary, row]))
    first = answer(found, MSE)[0]
    assert first.endswith("; of the controls a_control is better still, 0.01010.") == told
    assert first.startswith("Of 5 variants, tied has the lowest")


def test_five_seeds_can_show_nothing_and_the_advice_says_so(quick: Findings) -> None:
    plain, single = advice(quick)
    assert "0.062, 0.25 after Holm for the 4 comparisons to plain: no difference, however large" in plain
    assert "0.062: no difference, however large" in single


def test_advice_gives_the_range_of_what_could_be_seen(quick: Findings) -> None:
    found = replace(quick, plan=replace(quick.plan, seeds=8))
    for name, value in zip(found.contrasts["variant"], (0.001, 0.002, 0.003, 0.004), strict=True):
        found = changed(found, "contrasts", name, detectable=value)
    plain, _ = advice(found)
    assert "a true difference of the test mse of 0.001 to 0.004, by comparison, is found four times" in plain


def test_run_of_one_variant_has_no_advice(quick: Findings) -> None:
    assert not list(advice(replace(quick, contrasts=quick.contrasts[:0], attribution=quick.attribution[:0])))
