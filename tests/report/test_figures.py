"""Figures show all that their tables hold."""

import pandas as pd

from bench.report.figure_style import house_style
from bench.report.figures import lr_curves, match_by_level


def test_lost_trials_stand_at_the_upper_edge_at_their_rates() -> None:
    rows = [
        ("plain", 0.001, "ok", 0.03, True),
        ("plain", 0.1, "diverged", float("inf"), False),
        ("tied", 0.002, "ok", 0.04, True),
        ("tied", 0.02, "pruned", 0.06, False),
        ("tied", 0.2, "diverged", float("nan"), False),
    ]
    trials = pd.DataFrame(rows, columns=["variant", "lr", "status", "valid_mse", "best"])
    with house_style():
        (axes,) = lr_curves(trials, 0.0675).axes
    drawn = {
        str(one.get_label()): [tuple(map(float, place)) for place in one.get_offsets()]
        for one in axes.collections
    }
    assert drawn["diverged"] == [(0.1, 0.98), (0.2, 0.98)]
    assert drawn["pruned"] == [(0.02, 0.98)]
    assert drawn["chosen"] == [(0.001, 0.03), (0.002, 0.04)]


def test_line_of_the_mean_activation_is_named_in_the_legend_and_not_over_the_points() -> None:
    rows = [
        (name, seed, level, 0.5 + level) for name in ("plain", "tied") for seed in (0, 1) for level in (1, 2)
    ]
    levels = pd.DataFrame(rows, columns=["variant", "seed", "level", "nmse"])
    with house_style():
        (axes,) = match_by_level(levels).axes
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["plain", "tied", "mean activation"]
    assert list(axes.texts) == []
