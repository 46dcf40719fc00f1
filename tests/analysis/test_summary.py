"""The summary's every column by hand: means over the seeds that finished, medians over levels and seeds, counts."""

import math
from collections.abc import Mapping, Sequence

import pytest
from pandas import DataFrame

from bench.analysis.statistics import interval
from bench.analysis.summary import summarise
from bench.plan import Plan

PLAN = Plan(variants=("plain", "plain_mse", "tied"), lr_low=1e-4, lr_high=1e-1)
ERRORS = ("test_mse", "test_sse", "test_bce_nats", "test_psnr_db")


def _member(variant: str, seed: int | None, mse: float, **other: object) -> dict[str, object]:
    """A row as the table of members has it, every other error in proportion."""
    errors = dict(zip(ERRORS, (mse, 784 * mse, 1000 * mse, -mse), strict=True))
    row = {"variant": variant, "seed": seed, "status": "ok", "lr": 0.01, "escaped": True, "parameters": 500}
    return row | errors | {"test_mse_share_of_pca": mse / 0.02, "probe_accuracy": 0.5} | other


def _summary(
    members: Sequence[Mapping[str, object]], trials: Sequence[tuple[str, float]] = ()
) -> dict[str, Mapping[str, float]]:
    lines = [
        _member(name, None, mse, status=None, lr=math.nan, escaped=None, parameters=math.nan, probe_accuracy=math.nan)
        for name, mse in (("mean_image", 0.05), ("pca", 0.02))
    ]  # fmt: skip
    frame = DataFrame([*members, *lines]).astype({"escaped": "boolean", "parameters": "Int64"})
    found = summarise(PLAN, frame, DataFrame(list(trials), columns=["variant", "lr"]))
    assert found["variant"].tolist() == [*PLAN.variants, "mean_image", "pca"]
    return {str(row["variant"]): row for row in found.to_dict("records")}


def test_errors_are_over_the_finished_seeds_of_the_variant() -> None:
    mses = [0.01, 0.02, 0.06, 0.03]
    found = _summary([
        *(_member("tied", seed, mse) for seed, mse in enumerate(mses)), _member("plain", 0, 0.5),
        _member("tied", 4, math.nan, status="diverged", escaped=None, probe_accuracy=math.nan),
    ])["tied"]  # fmt: skip
    for name, share in zip(ERRORS, (1, 784, 1000, -1), strict=True):
        values = [share * mse for mse in mses]
        of_it = [found[f"{name}_{kind}"] for kind in ("mean", "median", "min", "max", "low", "high")]
        expected = [sum(values) / 4, share * 0.025, min(values), max(values), *interval(values)]
        assert of_it == pytest.approx(expected)
    assert found["test_mse_share_of_pca_mean"] == pytest.approx(0.03 / 0.02)


def test_counts_are_of_all_seeds_of_the_variant() -> None:
    found = _summary([
        _member("plain", 0, 0.01), _member("plain", 1, 0.06, escaped=False), _member("plain", 2, 0.02),
        _member("plain", 3, math.nan, status="diverged", escaped=None), _member("tied", 0, 0.01),
    ])  # fmt: skip
    counts = [[row[name] for name in ("seeds", "escaped", "diverged")] for row in found.values()]
    assert counts == [[4, 2, 1], [0, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_control_is_marked_and_no_other_row() -> None:
    found = _summary([_member("plain", 0, 0.01), _member("plain_mse", 0, 0.01)])
    assert [row["control"] for row in found.values()] == [False, True, False, False, False]


def test_probe_parameters_and_rate_are_the_variants() -> None:
    found = _summary([
        _member("plain", 0, 0.01, lr=0.003, probe_accuracy=0.9, parameters=700),
        _member("plain", 1, 0.01, lr=0.003, probe_accuracy=0.7, parameters=700),
        _member("plain", 2, 0.01, lr=0.003, probe_accuracy=math.nan, status="diverged", parameters=None),
        _member("tied", 0, 0.01, lr=0.02, probe_accuracy=0.1),
    ])  # fmt: skip
    plain = found["plain"]
    assert (plain["lr"], plain["parameters"]) == (0.003, 700)
    assert plain["probe_accuracy_mean"] == pytest.approx(0.8)
    assert (found["tied"]["lr"], found["tied"]["parameters"]) == (0.02, 500)
    assert math.isnan(found["plain_mse"]["lr"])


def test_match_error_is_the_median_over_levels_and_seeds_that_have_one() -> None:
    """Level 3 is the code and has none; a variant's level may lack one on a seed; other columns do not count."""
    found = _summary([
        _member("plain", 0, 0.01, nmse_1=0.1, nmse_2=0.9, nmse_3=math.nan, r2_1=99.0),
        _member("plain", 1, 0.01, nmse_1=0.2, nmse_2=math.nan, nmse_3=math.nan, r2_1=99.0),
        _member("plain", 2, math.nan, nmse_1=5.0, nmse_2=5.0, nmse_3=5.0, status="diverged"),
        _member("tied", 0, 0.01, nmse_1=math.nan, nmse_2=math.nan, nmse_3=math.nan),
    ])  # fmt: skip
    assert found["plain"]["nmse_median"] == pytest.approx(0.2)
    assert math.isnan(found["tied"]["nmse_median"])
    assert math.isnan(found["plain_mse"]["nmse_median"])


def test_reference_lines_have_their_errors_and_nothing_else() -> None:
    found = _summary([_member("plain", 0, 0.01)])
    for name, mse in (("mean_image", 0.05), ("pca", 0.02)):
        assert found[name]["test_mse_mean"] == found[name]["test_mse_max"] == mse
        assert found[name]["test_mse_share_of_pca_mean"] == pytest.approx(mse / 0.02)
        assert found[name]["lr_at_edge"] == ""
        assert all(
            map(math.isnan, (found[name]["lr"], found[name]["nmse_median"], found[name]["test_mse_low"]))
        )


def test_edge_is_told_by_the_variants_own_trials() -> None:
    trials = [("plain", 0.01), ("plain", 0.003), ("tied", 0.01), ("tied", 0.03), ("plain_mse", 0.01)]
    found = _summary([_member(name, 0, 0.01) for name in PLAN.variants], trials)
    assert [found[name]["lr_at_edge"] for name in PLAN.variants] == ["high", "", "low"]
