"""How every figure is set up, and how it becomes an SVG that is the same for the same numbers."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 7.2
"""Inches, of every figure."""


def blank(height: float) -> tuple[Figure, Axes]:
    """A figure of one set of axes, `height` inches tall."""
    with _style():
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        return figure, figure.subplots()


def to_svg(figure: Figure) -> str:
    """The figure as SVG text; nothing in it depends on when or where it was made."""
    text = io.StringIO()
    with _style():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": "aebench"})
    return text.getvalue()


def reference_line(axes: Axes, value: float, label: str, *, across: bool) -> None:
    """A dashed line at a value, across the axes or upright, with its name beside it."""
    if across:
        axes.axhline(value, color="#707070", linestyle="--", linewidth=1, zorder=1)
        at, where, angle = (1.0, value), ("right", "bottom"), 0
        transform = axes.get_yaxis_transform()
    else:
        axes.axvline(value, color="#707070", linestyle="--", linewidth=1, zorder=1)
        at, where, angle = (value, 1.01), ("center", "bottom"), 0
        transform = axes.get_xaxis_transform()
    axes.text(
        *at,
        label,
        transform=transform,
        ha=where[0],
        va=where[1],
        rotation=angle,
        size="small",
        color="#505050",
    )


@contextmanager
def _style() -> Iterator[None]:
    settings = {
        **sns.axes_style("whitegrid"),
        **sns.plotting_context("paper", font_scale=1.1),
        "svg.hashsalt": "aebench",
        "svg.fonttype": "path",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.facecolor": "white",
    }
    with mpl.rc_context(settings):
        yield
