"""Two runs are compared seed by seed as by hand, whatever state they are in."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from made_runs import Errors, make_run
from repository import ROOT

from bench.records.metrics import METRICS
from bench.report.comparison import COLUMNS, Comparison, compare
from bench.report.comparison_report import comparison_answer, differences_between, left_out, table_rows
from bench.report.findings import findings

PLAIN = (0.020, 0.022, 0.024, 0.026)
TIED = (0.030, 0.030, 0.030, 0.031)
COLUMNS_README = (ROOT / "results" / "README.md").read_text()


def comparison(
    tmp_path: Path, a: Errors, b: Errors, metric: str = "test_mse", **change: object
) -> Comparison:
    """The runs of these errors compared; the change is B's."""
    runs = make_run(tmp_path / "a", a), make_run(tmp_path / "b", b, **change)  # type: ignore[arg-type]
    return compare(findings(runs[0]), findings(runs[1]), METRICS[metric])


def row(tmp_path: Path, a: Sequence[float | None], b: Sequence[float | None]) -> "pd.Series[float]":
    return comparison(tmp_path, {"plain": a}, {"plain": b}).table.iloc[0]


def test_row_by_hand(tmp_path: Path) -> None:
    # Differences +1, +1, +2, -1 thousandths: mean 0.75 of a mean of 23; of the 16 choices of signs of 1, 1, 2, 1
    # those whose sum is at least 3 from 0 are all four alike (2) and one of the three 1s against the rest (6).
    found = row(tmp_path, PLAIN, (0.021, 0.023, 0.026, 0.025))
    assert (found["variant"], found["metric"], found["pairs"]) == ("plain", "test_mse", 4)
    assert (found["mean_a"], found["mean_b"]) == (pytest.approx(0.023), pytest.approx(0.02375))
    assert found["difference"] == pytest.approx(0.00075)
    assert found["percent"] == pytest.approx(100 * 0.75 / 23)
    assert found["p"] == found["p_holm"] == 0.5
    assert found["better_share"] == 0.25
    assert found["low"] < 0 < found["high"]
    assert found["percent_low"] == pytest.approx(100 * found["low"] / 0.023)
    assert found["percent_high"] == pytest.approx(100 * found["high"] / 0.023)
    assert found["verdict"] == "not told apart"


def test_interval_of_a_constant_difference_is_that_difference(tmp_path: Path) -> None:
    found = row(tmp_path, (0.25, 0.5), (0.125, 0.375))
    assert found[["difference", "low", "high"]].tolist() == [-0.125] * 3
    assert (found["verdict"], found["better_share"], found["p"]) == ("better", 1.0, 0.5)


def test_run_against_itself_does_not_differ(tmp_path: Path) -> None:
    table = comparison(tmp_path, {"plain": PLAIN, "tied": TIED}, {"plain": PLAIN, "tied": TIED}).table
    for column, value in (
        ("difference", 0),
        ("low", 0),
        ("high", 0),
        ("percent", 0),
        ("p", 1),
        ("p_holm", 1),
    ):
        assert table[column].tolist() == [value] * 2, column
    assert table["verdict"].tolist() == ["not told apart"] * 2


def test_swapping_the_runs_turns_the_signs(tmp_path: Path) -> None:
    there = row(tmp_path / "there", PLAIN, TIED)
    back = row(tmp_path / "back", TIED, PLAIN)
    assert there["difference"] == pytest.approx(-back["difference"])
    assert (there["verdict"], back["verdict"]) == ("worse", "better")
    assert (there["mean_a"], there["p"]) == (back["mean_b"], back["p"])


def test_lower_psnr_is_worse(tmp_path: Path) -> None:
    found = comparison(tmp_path, {"plain": PLAIN}, {"plain": TIED}, "test_psnr_db").table.iloc[0]
    assert found["difference"] < 0
    assert (found["verdict"], found["better_share"]) == ("worse", 0.0)


def test_holm_counts_the_variants_compared(tmp_path: Path) -> None:
    worse = {name: [mse + 0.001 * place for place, mse in enumerate(PLAIN, 1)] for name in ("plain", "tied")}
    table = comparison(tmp_path, {"plain": PLAIN, "tied": PLAIN}, worse).table
    assert table["p"].tolist() == [2 / 2**4] * 2
    assert table["p_holm"].tolist() == [4 / 2**4] * 2


def test_diverged_and_unpaired_seeds_are_left_out_and_named(tmp_path: Path) -> None:
    found = comparison(tmp_path, {"plain": PLAIN}, {"plain": (0.021, None, 0.025)})
    kept = found.table.iloc[0]
    assert (kept["pairs"], kept["mean_a"], kept["mean_b"]) == (2, pytest.approx(0.022), pytest.approx(0.023))
    lines = left_out(found)
    assert "plain: seed 1 diverged in B" in lines
    assert "plain: seed 3 finished only in A" in lines
    assert not any("only in B" in line or "diverged in A" in line for line in lines)


def test_escaped_seeds_are_counted_among_the_pairs(tmp_path: Path) -> None:
    # The mean image's test mse is 0.05, so escaped is below 0.0475.
    found = row(tmp_path, (0.02, 0.047, 0.048, 0.02), (0.048, 0.049, 0.02))
    assert (found["pairs"], found["escaped_a"], found["escaped_b"]) == (3, 2, 1)


def test_one_pair_has_no_interval_and_no_verdict(tmp_path: Path) -> None:
    found = row(tmp_path, (0.02,), (0.03,))
    assert (found["pairs"], found["p"], found["verdict"]) == (1, 1.0, "undecided")
    assert found["difference"] == pytest.approx(0.01)
    assert math.isnan(found["low"])


def test_seeds_of_another_range_are_not_paired(tmp_path: Path) -> None:
    found = comparison(tmp_path, {"plain": PLAIN}, {"plain": PLAIN}, seed=1)
    (only,) = found.table.to_dict("records")
    assert (only["pairs"], only["verdict"]) == (0, "undecided")
    assert all(math.isnan(only[name]) for name in ("mean_a", "mean_b", "difference", "low", "p", "p_holm"))
    assert comparison_answer(found) == [
        "A and B share no finished seed of any variant, so nothing can be compared."
    ]
    assert "plain: seeds 10000, 10001, 10002, 10003 finished only in B" in left_out(found)
    assert set(table_rows(found)[1][0][2:6]) == {"–"}


def test_variants_of_one_run_only_are_left_out_and_named(tmp_path: Path) -> None:
    found = comparison(tmp_path, {"plain": PLAIN, "tied": TIED}, {"truncated": TIED, "plain": PLAIN})
    assert found.table["variant"].tolist() == ["plain"]
    assert left_out(found)[:2] == ["tied: only A has this variant", "truncated: only B has this variant"]


def test_what_else_differs_is_named(tmp_path: Path) -> None:
    a, b = {"plain": PLAIN}, {"plain": PLAIN, "tied": TIED}
    found = comparison(tmp_path, a, b, lr=0.02, adam_eps=1e-7)
    lines = differences_between(found.a, found.b)
    assert lines[:3] == [
        "plan: adam_eps 1e-08 in A, 1e-07 in B",
        "plan: variants plain in A, plain, tied in B",
        "tuned lr of plain 0.01 in A, 0.02 in B",
    ]
    assert lines[3].startswith("code ")
    assert lines[3].endswith(" in B, which includes the plan's variants")
    assert len(lines) == 4
    assert differences_between(found.a, found.a) == []


def test_other_versions_and_machines_are_named(tmp_path: Path) -> None:
    found = comparison(tmp_path, {"plain": PLAIN}, {"plain": PLAIN})
    other = json.loads(json.dumps(found.b.manifest))
    other["versions"]["torch"], other["machine"]["gpu"] = "1.0", "a GPU"
    there = found.a.manifest["versions"]["torch"]
    found.b.manifest.update(other)  # type: ignore[attr-defined]
    assert differences_between(found.a, found.b) == [
        f"versions: torch {there} in A, 1.0 in B",
        "machine: gpu none in A, a GPU in B",
    ]


def test_answer_names_every_variant_under_its_verdict(tmp_path: Path) -> None:
    a = {"plain": (0.25, 0.5), "tied": (0.25, 0.5), "truncated": (0.25, 0.5), "layer_mse": (0.25,)}
    b = {"plain": (0.125, 0.375), "tied": (0.375, 0.625), "truncated": (0.25, 0.5), "layer_mse": (0.5,)}
    first, second = comparison_answer(comparison(tmp_path, a, b))
    assert first == (
        "Of 4 variants, by test_mse, B is worse than A on 1 (tied +33.33 %); better than A on 1 (plain −33.33 %); "
        "not told apart from A on 1 (truncated +0.00 %); "
        "undecided, with fewer than two pairs, on 1 (layer_mse +100.00 %)."
    )
    assert second.startswith(
        "Seeds paired: 1 to 2; so no p can lie below 0.5, and the 95 % interval of so few"
    )


def test_every_column_is_explained() -> None:
    section = COLUMNS_README[COLUMNS_README.index("compare.csv") :]
    for column in COLUMNS:
        assert f"`{column}`" in section, column
