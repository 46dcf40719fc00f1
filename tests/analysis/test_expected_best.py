"""The expected best of n trials, against every draw there is, and which trials count."""

import math
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from finished_run import FinishedRuns
from pandas import DataFrame

from bench.analysis.frames import trials_frame
from bench.analysis.tuning_tables import EXPECTED_BEST_COLUMNS, expected_best_table, expected_minima
from bench.plan import Plan
from bench.report.publish import publish

GRID = Plan(variants=("plain", "tied"), sampler="grid", trials=4)
MEAN_IMAGE = 0.07


def _trials(**errors: list[float]) -> DataFrame:
    rows = [(name, trial, mse) for name, mses in errors.items() for trial, mse in enumerate(mses)]
    return DataFrame(rows, columns=["variant", "trial", "valid_mse"])


def _expected(frame: DataFrame, name: str) -> list[float]:
    rows = frame[frame["variant"] == name]
    assert rows["trials"].tolist() == list(range(1, len(rows) + 1))
    return rows["expected_valid_mse"].tolist()


@pytest.mark.parametrize("values", [[0.3, 0.1, 0.4, 0.15], [0.2, 0.2, 0.1], [0.5]])
def test_expected_minimum_is_the_mean_over_all_draws(values: list[float]) -> None:
    for count, expected in enumerate(expected_minima(values), 1):
        draws = product(values, repeat=count)
        assert expected == pytest.approx(np.mean([min(draw) for draw in draws]))


def test_two_values_by_hand() -> None:
    # Of two draws from {1, 3} one in four has no 1.
    assert expected_minima([3.0, 1.0]) == pytest.approx([2.0, 1.5])
    assert expected_minima([]) == []


def test_all_trials_of_a_grid_or_a_random_search_count() -> None:
    for sampler in ("grid", "random"):
        found = expected_best_table(
            replace(GRID, sampler=sampler), _trials(plain=[0.03, 0.01, 0.02, 0.04]), MEAN_IMAGE
        )
        assert _expected(found, "plain") == pytest.approx(expected_minima([0.01, 0.02, 0.03, 0.04]))


def test_of_tpe_only_the_trials_spread_evenly_count() -> None:
    found = expected_best_table(
        replace(GRID, sampler="tpe", trials=3), _trials(plain=[0.03, 0.01, 0.001]), MEAN_IMAGE
    )
    assert _expected(found, "plain") == pytest.approx([0.02, 0.015])


def test_diverged_trial_counts_as_the_mean_image() -> None:
    found = expected_best_table(GRID, _trials(plain=[0.03, math.inf]), MEAN_IMAGE)
    assert _expected(found, "plain") == pytest.approx([0.05, 0.04])


def test_diverged_trial_is_never_better_than_one_that_finished() -> None:
    found = expected_best_table(GRID, _trials(plain=[0.09, math.inf]), MEAN_IMAGE)
    assert _expected(found, "plain") == pytest.approx([0.09, 0.09])


def test_variant_whose_every_trial_diverged_stays_at_the_mean_image() -> None:
    found = expected_best_table(GRID, _trials(plain=[0.03], tied=[math.inf] * 3), MEAN_IMAGE)
    assert _expected(found, "tied") == pytest.approx([MEAN_IMAGE] * 3)


def test_without_trials_there_are_no_rows() -> None:
    found = expected_best_table(GRID, trials_frame([]), MEAN_IMAGE)
    assert list(found.columns) == list(EXPECTED_BEST_COLUMNS)
    assert len(found) == 0


def test_figure_is_drawn_where_two_trials_count(plan: Plan, runs: FinishedRuns, folder: Path) -> None:
    for sampler, drawn in (("tpe", False), ("grid", True)):
        there = runs.copy(replace(plan, sampler=sampler), folder / sampler)
        publish(there)
        assert (there / "figures" / "budget.svg").exists() == drawn
        assert ("figures/budget.svg" in (there / "report.md").read_text()) == drawn
