"""Who trains whom: the gradient audit as a heat map for each variant."""

import re

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from bench.contestants import is_control
from bench.records.records import WHOLE_OBJECTIVE
from bench.report.figure_style import WIDTH

LARGEST, ACROSS = 8.5, 96.0
"""Points: the numbers' size where there is room, and the sizes of all columns together where there is not."""
ROW, FRAME, BAR = 0.24, 0.62, 0.7
"""Inches: of a level's row, of a panel's title and weights, of the colours' bar."""


def variants_with_levels(audit: pd.DataFrame) -> list[str]:
    """The variants with more than one level loss, contestants first; there is nothing to tell apart in others."""
    counts = audit[audit["level"] != WHOLE_OBJECTIVE].groupby("variant", sort=False)["level"].nunique()
    return sorted(counts.index[counts > 1], key=is_control)


def gradient_audit_figure(audit: pd.DataFrame) -> Figure:
    """A panel for each variant of `variants_with_levels`: its levels' losses down, the weights across.

    audit: as `bench.analysis.frames` gives it. Colour is the logarithm of the norm, on one scale for all; exact
    zeros are hatched.
    """
    tables = {name: _table(audit[audit["variant"] == name]) for name in variants_with_levels(audit)}
    heights = [FRAME + ROW * len(table) for table in tables.values()]
    figure = Figure(figsize=(WIDTH, sum(heights) + BAR))
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.06)
    panels = figure.subplots(len(tables), squeeze=False, height_ratios=heights)[:, 0]
    norm = _scale(np.concatenate([table.to_numpy().ravel() for table in tables.values()]))
    for axes, (name, table) in zip(panels, tables.items(), strict=True):
        _panel(axes, table, norm)
        axes.set_title(name, loc="left", fontsize="medium")
    bar = figure.colorbar(
        panels[0].collections[0], ax=panels.tolist(), label="norm of the gradient", location="bottom",
        shrink=0.6, aspect=40, pad=0.12 / sum(heights),
    )  # fmt: skip
    bar.minorticks_off()
    return figure


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    """Norms by level and weight, both in the order of the audit."""
    levels = rows[rows["level"] != WHOLE_OBJECTIVE]
    table = levels.pivot(index="level", columns="weight", values="norm")
    return table.loc[levels["level"].unique(), levels["weight"].unique()]


def _scale(norms: NDArray[np.float64]) -> LogNorm:
    """Whole decades around the norms above 0, of those that a float has in full."""
    positive = norms[(norms > 0) & np.isfinite(norms)]
    decades = np.log10(positive if positive.size else [1.0]).clip(-300, 300)
    bottom = np.floor(decades.min())
    return LogNorm(10**bottom, 10 ** max(np.ceil(decades.max()), bottom + 1))


def _panel(axes: Axes, table: pd.DataFrame, norm: LogNorm) -> None:
    """One variant's heat map, its numbers to two digits; what has no logarithm is left white."""
    values = table.to_numpy()
    white = ~((values > 0) & np.isfinite(values))
    text = np.vectorize(_short)(values)
    size = min(LARGEST, ACROSS / len(table.columns))
    # seaborn would look for the range of a panel that may be white throughout, so it is told.
    sns.heatmap(
        table, mask=white, norm=norm, vmin=norm.vmin, vmax=norm.vmax, cmap="viridis", annot=text, fmt="",
        annot_kws={"size": size}, linewidths=1, linecolor="white", cbar=False, ax=axes,
    )  # fmt: skip
    for row, column in np.argwhere(white):
        hatch = "////" if values[row, column] == 0 else ""
        axes.add_patch(
            Rectangle((column, row), 1, 1, facecolor="white", edgecolor="#c8c8c8", hatch=hatch, linewidth=0)
        )
        axes.text(
            column + 0.5, row + 0.5, text[row, column], ha="center", va="center", size=size, color="black",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2},
        )  # fmt: skip
    axes.set(ylabel="", xlabel="")
    axes.set_yticks(axes.get_yticks(), [f"level {level}" for level in table.index], rotation=0)
    axes.set_xticks(axes.get_xticks(), [_formula(name) for name in table.columns], rotation=0)
    axes.tick_params(length=0)


def _short(value: float) -> str:
    """Two significant digits, and 0 for exactly 0 only."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    if 1e-3 <= value < 99:
        return f"{value:#.2g}".rstrip(".")
    return re.sub(r"e([+-])0", r"e\1", f"{value:.1e}")


def _formula(weight: str) -> str:
    """W_1 and V_0 as in a formula, another name broken at its dots."""
    side, _, number = weight.partition("_")
    return (
        f"${side}_{{{number}}}$"
        if side in ("W", "V") and number.isdecimal()
        else weight.replace("$", r"\$").replace(".", ".\n")
    )
