"""What stands under the answer says what the tables say, for good, bad and odd tables."""

from dataclasses import replace

import pandas as pd
import pytest
from changed_findings import MSE, changed, with_values

from bench.report.caveats import caveats
from bench.report.findings import Findings


def test_variant_whose_mean_a_stuck_seed_spoils_is_named_by_its_median(quick: Findings) -> None:
    found = changed(quick, "summary", "truncated", test_mse_median=0.0128, escaped=4)
    assert (
        "By the median over the seeds the best is truncated, with 0.01280; its mean is spoiled by 1 of its 5 seeds "
        "that stayed at the mean image."
    ) in caveats(found, MSE)
    spared = changed(quick, "summary", "tied", test_mse_median=0.01)
    assert not any(line.startswith("By the median") for line in caveats(spared, MSE))


@pytest.mark.parametrize(("error", "told"), [(0.0101, True), (0.04, False), (float("nan"), False)])
def test_control_that_is_better_still_is_not_kept_back(quick: Findings, error: float, told: bool) -> None:
    row = quick.summary.iloc[[0]].assign(variant="a_control", control=True, test_mse_mean=error)
    found = with_values(quick, summary=pd.concat([quick.summary, row]))
    line = "Of the controls, which are no contestants, a_control is better still: 0.01010."
    assert (line in caveats(found, MSE)) == told


def test_next_best_is_compared_with_the_best_where_it_is_not_plain(quick: Findings) -> None:
    found = changed(quick, "summary", "truncated", test_mse_mean=0.0299)
    differences = _mse(found, "truncated") - _mse(found, "tied")
    (line,) = [line for line in caveats(found, MSE) if line.startswith("The next best")]
    assert line.startswith(
        f"The next best is truncated, its mse {differences.mean():.5f} above tied's on the same seeds"
    )
    assert "a difference within chance" in line
    assert line.endswith(f"p {2 / 2**5:.3f}, not corrected); it is better on 0 of 5 seeds.")


def test_plain_as_next_best_is_in_the_answer_already(quick: Findings) -> None:
    assert not any("next best" in line for line in caveats(quick, MSE))


def test_controls_that_stayed_at_the_mean_image_are_named(quick: Findings) -> None:
    rows = quick.summary.iloc[[0, 0]].assign(
        variant=["stuck", "fine"], control=True, escaped=[3, 5], test_mse_mean=0.04
    )
    found = with_values(quick, summary=pd.concat([quick.summary, rows]))
    assert "Controls that stayed at the mean image: stuck on 2 of 5 seeds." in caveats(found, MSE)


@pytest.mark.parametrize(("least", "told"), [(0.02, True), (0.001, False)])
def test_seed_below_pca_is_not_passed_over(quick: Findings, least: float, told: bool) -> None:
    found = changed(quick, "summary", "plain", test_mse_min=least)
    assert (
        any(line.endswith("; no seed of any variant comes below PCA's.") for line in caveats(found, MSE))
        == told
    )


def test_best_is_measured_against_pca(quick: Findings) -> None:
    found = changed(quick, "summary", "tied", test_mse_share_of_pca_mean=1.5)
    (line,) = [line for line in caveats(found, MSE) if "PCA" in line]
    assert line.startswith(
        "tied's mse is 1.50 times that of PCA with as many components as the code has units"
    )


def test_budget_and_what_it_cannot_tell_are_said(quick: Findings) -> None:
    plan = replace(quick.plan, trials=1, tune_epochs=2, tune_seeds=1, seeds=8, epochs=3)
    eight = with_values(quick, plan=plan, contrasts=quick.contrasts.assign(pairs=8))
    lines = caveats(changed(eight, "summary", "plain", lr_at_edge="low"), MSE)
    assert (
        "Behind each variant stand 1 learning rate tried for 2 epochs on 1 seed, and 8 seeds trained for 3 epochs at "
        "the best of them."
    ) in lines
    assert any(line.startswith("The question trained for 100 epochs") for line in lines)
    assert "The rate that is best for the shorter time need not be best for the longer." in lines
    assert any(line.startswith("The best rate lies at the edge of the search for plain") for line in lines)
    assert lines[-1] == "With 8 seeds no corrected p of a paired sign-flip test lies below 0.031."


def test_long_run_is_not_said_to_be_short(quick: Findings) -> None:
    found = with_values(quick, plan=replace(quick.plan, epochs=100, tune_epochs=100))
    lines = caveats(found, MSE)
    assert not any("question trained" in line or "shorter time" in line for line in lines)


def test_few_seeds_are_said_to_show_nothing(quick: Findings) -> None:
    assert caveats(quick, MSE)[-1] == (
        "5 seeds cannot make any difference significant at 5 % in a paired sign-flip test."
    )


def test_run_in_which_nothing_was_confirmed_has_nothing_to_bear_in_mind(quick: Findings) -> None:
    found = quick
    for name in quick.plan.variants:
        found = changed(found, "summary", name, test_mse_mean=float("nan"))
    assert caveats(found, MSE) == []


def _mse(found: Findings, variant: str) -> pd.Series:
    rows = found.members[found.members["variant"] == variant]
    return rows.set_index("seed")["test_mse"]
