"""The three sentences say what the tables say, for good, bad and odd tables."""

import pytest
from changed_findings import MSE, changed, with_values

from bench.analysis import summary
from bench.analysis.summary import worst_level_nmse
from bench.plan import Plan
from bench.records.metrics import METRICS
from bench.report.answer import answer
from bench.report.explanation import power_sentences
from bench.report.findings import Findings


def test_who_collapsed_is_found_out_once_a_question(quick: Findings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Plan] = []
    monkeypatch.setattr(
        summary, "collapsed_variants", lambda plan, _: asked.append(plan) or ["layer_bce", "layer_mse"]
    )
    assert worst_level_nmse(quick.plan, quick.levels, quick.summary).keys() == {"plain", "truncated", "tied"}
    assert len(asked) == 1


def test_second_sentence_names_who_mirrors_and_who_does_not(quick: Findings) -> None:
    second = answer(quick, MSE)[1]
    assert second.startswith(
        "Opposite levels of encoder and decoder correspond in truncated (0.23), not in plain ("
    )
    assert " and tied (2.9): match error of the worst level" in second
    # They collapsed: what does not vary corresponds to anything.
    assert all(name not in second for name in ("layer_bce", "layer_mse"))


def test_where_no_levels_correspond_none_is_named(quick: Findings) -> None:
    assert (
        "correspond in no variant, not in plain ("
        in answer(changed(quick, "levels", "truncated", nmse=1.5), MSE)[1]
    )


def test_third_sentence_names_whom_the_plateau_keeps(quick: Findings) -> None:
    assert answer(quick, MSE)[2] == (
        "layer_bce on 5 of 5 seeds and layer_mse on 5 of 5 seeds learned little or nothing, with a test mse not more "
        "than 5 % below that of giving back the mean image."
    )


def test_diverged_seeds_are_not_called_stuck(quick: Findings) -> None:
    found = changed(quick, "summary", "plain", escaped=3, diverged=1)
    third = answer(found, MSE)[2]
    assert third.startswith("plain on 1 of 5 seeds, layer_bce on 5 of 5 seeds")
    assert third.endswith("; plain on 1 of 5 seeds diverged.")


def test_where_every_seed_learned_none_is_named(quick: Findings) -> None:
    found = quick
    for name in ("layer_bce", "layer_mse"):
        found = changed(found, "summary", name, escaped=5)
    assert answer(found, MSE)[2].startswith("Every seed of every variant came more than 5 % below")


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


@pytest.mark.parametrize(
    ("p", "told"), [(0.049, "a difference beyond chance"), (0.051, "a difference within chance")]
)
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
    assert f", {side} plain's on the same seeds, " in answer(found, MSE)[0]


def test_other_errors_say_that_the_difference_is_one_of_mse(quick: Findings) -> None:
    first = answer(quick, METRICS["test_psnr_db"])[0]
    assert "tied has the highest test signal-to-noise ratio (psnr, dB): " in first
    assert "; its mse is 0.00021 below plain's" in first


def test_where_plain_is_best_the_next_one_is_named(quick: Findings) -> None:
    found = changed(quick, "summary", "plain", test_mse_mean=0.02)
    first = answer(found, MSE)[0]
    assert first.startswith("Of 5 variants, plain has the lowest test error")
    assert "; tied comes next, its mse 0.00021 below plain's on the same seeds, " in first


def test_five_seeds_can_show_nothing_and_a_sentence_says_so(quick: Findings) -> None:
    plain, single = power_sentences(quick)
    assert "0.062, 0.25 after Holm for the 4 comparisons to plain: no difference, however large" in plain
    assert "0.062: no difference, however large" in single


def test_sentence_gives_the_range_of_what_could_be_seen(quick: Findings) -> None:
    found = with_values(quick, contrasts=quick.contrasts.assign(pairs=8))
    for name, value in zip(found.contrasts["variant"], (0.001, 0.002, 0.003, 0.004), strict=True):
        found = changed(found, "contrasts", name, detectable=value)
    plain, _ = power_sentences(found)
    assert "a true difference of the test mse of 0.001 to 0.004, by comparison, is found four times" in plain


def test_run_of_one_variant_has_no_sentence_on_power(quick: Findings) -> None:
    assert not list(
        power_sentences(with_values(quick, contrasts=quick.contrasts[:0], attribution=quick.attribution[:0]))
    )
