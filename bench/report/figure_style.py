"""How every figure looks: colours, markers, axes; and an SVG that is the same for the same numbers.

Colours after Okabe and Ito (2008), darkened where they would be faint on white.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

WIDTH = 7.2
"""Inches, of every figure."""
VARIANT_COLOURS = {
    "plain": ("#404040", "o"),
    "layer_bce": ("#d55e00", "X"),
    "layer_mse": ("#0072b2", "s"),
    "truncated": ("#009e73", "D"),
    "tied": ("#b0528c", "^"),
}
SPARE_COLOURS = (
    ("#b8860b", "v"),
    ("#3f9bd1", "P"),
    ("#7f5539", "<"),
    ("#6a3d9a", ">"),
    ("#8c8c00", "p"),
)
"""For other variants, in their order, then again from the start."""


@contextmanager
def house_style() -> Iterator[None]:
    """Figures drawn and saved meanwhile look as the report's do."""
    settings = {
        **sns.axes_style("whitegrid"),
        **sns.plotting_context("paper", font_scale=1.1),
        "svg.hashsalt": "aebench",
        "svg.fonttype": "path",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
    }
    with mpl.rc_context(settings):
        yield


def new_figure(height: float) -> tuple[Figure, Axes]:
    """A figure of one set of axes, `height` inches tall."""
    figure = Figure(figsize=(WIDTH, height))
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.08)
    return figure, figure.subplots()


def to_svg(figure: Figure) -> str:
    """The figure as SVG text; in the house style nothing in it depends on when or where it was made."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": "aebench"})
    return text.getvalue()


def horizontal_line(axes: Axes, value: float, label: str) -> None:
    """A dashed line across the axes at a value, its name above its right end."""
    legend_line(axes, value)
    _name(axes, label, (1.0, value), axes.get_yaxis_transform(), "right")


def legend_line(axes: Axes, value: float, label: str | None = None) -> None:
    """A dashed line across the axes at a value, its name left to the legend: for axes that are full of points."""
    axes.axhline(value, color="#707070", linestyle="--", linewidth=1, zorder=1, label=label)


def vertical_line(axes: Axes, value: float, label: str) -> None:
    """A dashed upright line at a value, its name above it."""
    axes.axvline(value, color="#707070", linestyle="--", linewidth=1, zorder=1)
    _name(axes, label, (value, 1.0), axes.get_xaxis_transform(), "center")


def logarithmic(axes: Axes, side: str) -> None:
    """A logarithmic axis, side "x" or "y"; within two decades its ticks are plain numbers."""
    axis = axes.xaxis if side == "x" else axes.yaxis
    axes.set(**{f"{side}scale": "log"})
    low, high = axis.get_view_interval()
    if high < 100 * low:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high > 10 * low else (1, 2, 3, 4, 5, 6, 8)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def colours(variants: Sequence[str]) -> dict[str, str]:
    """Name to colour."""
    return {name: colour for name, (colour, _) in _chosen(variants).items()}


def markers(variants: Sequence[str]) -> dict[str, str]:
    """Name to Matplotlib marker."""
    return {name: marker for name, (_, marker) in _chosen(variants).items()}


def _name(
    axes: Axes, label: str, place: tuple[float, float], coordinates: mpl.transforms.Transform, side: str
) -> None:
    axes.annotate(
        label, place, xycoords=coordinates, xytext=(0, 3), textcoords="offset points", ha=side, va="bottom",
        size="small", color="#505050", zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
    )  # fmt: skip


def _chosen(variants: Sequence[str]) -> dict[str, tuple[str, str]]:
    others = [name for name in variants if name not in VARIANT_COLOURS]
    further = {name: SPARE_COLOURS[place % len(SPARE_COLOURS)] for place, name in enumerate(others)}
    return {name: VARIANT_COLOURS.get(name) or further[name] for name in variants}
