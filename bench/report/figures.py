"""The report's figures, each a function from a frame of `bench.analysis` to a Figure, and the list of them.

A new one is a function and an entry of `FIGURES`; `sections` says where it stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isqrt
from types import MappingProxyType

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from bench.analysis.frames import DigitStrip
from bench.analysis.summary import BASELINE_TITLES
from bench.contestants import contestants
from bench.records.metrics import LEVEL_METRICS, VALID_MSE, Metric
from bench.report.audit_figure import gradient_audit_figure, variants_with_levels
from bench.report.blocks import FigureBlock
from bench.report.figure_style import (
    colours,
    horizontal_line,
    legend_line,
    logarithmic,
    markers,
    new_figure,
    vertical_line,
)
from bench.report.findings import Findings

DODGE = 0.8
"""Share of a category's width over which its variants are spread, seaborn's own for dots."""
CEILING = 100.0
"""Match errors above it are drawn at it: activations that hardly vary from image to image give any number."""
SPREAD = 0.25
"""How far above and below its variant's row a seed's dot may stand: the first seed highest."""


@dataclass(frozen=True)
class FigureSpec:
    """A figure: what the report says of it, when the records can fill it, and how it is drawn."""

    name: str
    """Of its file in `figures/`."""
    title: str
    caption: str
    filled: Callable[[Findings], bool]
    draw: Callable[[Findings, Metric], Figure]

    @property
    def picture(self) -> FigureBlock:
        """The figure as a part of the report."""
        return FigureBlock(self.name, self.title, self.caption)


def expected_best_curves(frame: pd.DataFrame, mean_image: float) -> Figure:
    """A line for each variant, a dot for each number of trials; frame: as `expected_best` gives it."""
    names = list(frame["variant"].unique())
    figure, axes = new_figure(3.6)
    sns.lineplot(
        frame, x="trials", y="expected_valid_mse", hue="variant", style="variant", palette=colours(names),
        markers=markers(names), dashes=False, markersize=6, linewidth=1, ax=axes,
    )  # fmt: skip
    horizontal_line(axes, mean_image, BASELINE_TITLES["mean_image"])
    logarithmic(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="trials", ylabel=f"expected best {VALID_MSE.title}")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def fold_images(images: NDArray[np.float64], shape: tuple[int, int] | None = None) -> NDArray[np.float64]:
    """Images (n, pixels) as (n, height, width).

    Without a shape a row is folded to what comes nearest to a square, and what it does not fill is nan.
    """
    count, pixels = images.shape
    height = isqrt(pixels)
    height, width = shape or (height, ceil(pixels / height))
    filled = np.full((count, height * width), np.nan)
    filled[:, :pixels] = images
    return filled.reshape(count, height, width)


def error_by_variant(members: pd.DataFrame, metric: Metric) -> Figure:
    """Each confirmed seed's test error as a dot, a variant's mean as a bar, the reference lines dashed."""
    rows = members[~members["variant"].isin(list(BASELINE_TITLES))]
    names = list(rows["variant"].unique())
    figure, axes = new_figure(1.0 + 0.42 * len(names))
    axes.set_yticks(range(len(names)), names)
    for place, name in enumerate(names):
        errors = rows.loc[rows["variant"] == name, metric.name]
        heights = place + np.linspace(-SPREAD, SPREAD, len(errors) + 2)[1:-1]
        axes.scatter(errors, heights, color=colours(names)[name], marker=markers(names)[name], s=30, zorder=3)
    means = rows.groupby("variant")[metric.name].mean()
    axes.scatter(
        [means[name] for name in names], range(len(names)), marker="|", s=420, color="black", zorder=4
    )
    axes.set_ylim(len(names) - 0.5, -0.5)
    for name, line in members[members["variant"].isin(list(BASELINE_TITLES))].set_index("variant").iterrows():
        if np.isfinite(line[metric.name]):
            vertical_line(axes, line[metric.name], BASELINE_TITLES[str(name)])
    if metric.lower_is_better:
        logarithmic(axes, "x")
    axes.set(xlabel=metric.title, ylabel="")
    return figure


def validation_curves(epochs: pd.DataFrame, mean_image: float) -> Figure:
    """Validation error of every confirmed seed after each epoch, a thin line each."""
    rows = epochs[epochs["stage"] == "confirm"].assign(model=_model)
    names = list(rows["variant"].unique())
    figure, axes = new_figure(3.6)
    sns.lineplot(
        rows, x="epoch", y="valid_mse", hue="variant", style="variant", units="model", estimator=None,
        palette=colours(names), markers=markers(names), dashes=False, markersize=4, linewidth=1, alpha=0.8,
        ax=axes,
    )  # fmt: skip
    horizontal_line(axes, mean_image, BASELINE_TITLES["mean_image"])
    logarithmic(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="epoch", ylabel=VALID_MSE.title)
    _legend(axes)
    return figure


def lr_curves(trials: pd.DataFrame, mean_image: float) -> Figure:
    """Validation error of every finished trial against its learning rate; chosen ones ringed, lost ones on top."""
    names = list(trials["variant"].unique())
    rows = trials[np.isfinite(trials["valid_mse"]) & (trials["status"] == "ok")]
    chosen = rows[rows["best"]]
    figure, axes = new_figure(3.6)
    sns.lineplot(
        rows, x="lr", y="valid_mse", hue="variant", style="variant", hue_order=names, style_order=names,
        palette=colours(names), markers=markers(names), dashes=False, markersize=6, linewidth=1, ax=axes,
    )  # fmt: skip
    axes.scatter(
        chosen["lr"], chosen["valid_mse"], s=130, facecolors="none", zorder=5, label="chosen",
        edgecolors=chosen["variant"].map(colours(names)).tolist(),
    )  # fmt: skip
    _lost(axes, trials[trials["status"] != "ok"], colours(names))
    horizontal_line(axes, mean_image, BASELINE_TITLES["mean_image"])
    logarithmic(axes, "x")
    logarithmic(axes, "y")
    axes.set(xlabel="learning rate", ylabel=VALID_MSE.title)
    _legend(axes)
    return figure


def _lost(axes: Axes, trials: pd.DataFrame, colour: Mapping[str, str]) -> None:
    """Mark trials that have no error to draw at the upper end of the axes, one kind of mark for each fate."""
    for status, mark in (("diverged", "x"), ("pruned", "1")):
        rows = trials[trials["status"] == status]
        if len(rows):
            axes.scatter(
                rows["lr"], [0.98] * len(rows), color=rows["variant"].map(colour).tolist(), marker=mark, s=36,
                transform=axes.get_xaxis_transform(), zorder=5, label=status,
            )  # fmt: skip


def match_by_level(levels: pd.DataFrame) -> Figure:
    """Normalised match error of each inner level, every seed as a dot, the variant's median as a line."""
    rows = levels[levels["nmse"].notna()]
    rows = rows.assign(nmse=rows["nmse"].clip(upper=CEILING))
    names = list(rows["variant"].unique())
    figure, axes = new_figure(3.6)
    spread = DODGE - DODGE / len(names) if len(names) > 1 else False
    sns.pointplot(
        rows, x="level", y="nmse", hue="variant", palette=colours(names), markers=[*markers(names).values()],
        estimator="median", errorbar=None, dodge=spread, linewidth=1, markersize=5, ax=axes,
    )  # fmt: skip
    sns.stripplot(
        rows, x="level", y="nmse", hue="variant", palette=colours(names), dodge=len(names) > 1, jitter=False,
        size=3, alpha=0.6, ax=axes, legend=False,
    )  # fmt: skip
    legend_line(axes, 1.0, "mean activation")
    logarithmic(axes, "y")
    axes.set(xlabel="level (1 is next to the image)", ylabel=LEVEL_METRICS["nmse"].title)
    _legend(axes)
    return figure


def reconstructions(
    digits: Sequence[tuple[str, NDArray[np.float64]]], shape: tuple[int, int] | None = None
) -> Figure:
    """Rows of images with their names, each (n, pixels) in [0, 1]: the originals, then what became of them.

    shape: height and width of an image; see `fold_images` where it is not known.
    """
    strips = [np.hstack(list(fold_images(images, shape))) for _, images in digits]
    side, width = len(strips[0]), strips[0].shape[1] / len(digits[0][1])
    figure, axes = new_figure(0.2 + 0.6 * min(max(side / width, 0.3), 3.0) * len(strips))
    axes.imshow(np.vstack(strips), cmap="gray", vmin=0, vmax=1, interpolation="none", aspect="equal")
    axes.set_yticks([side * (row + 0.5) - 0.5 for row in range(len(strips))], [name for name, _ in digits])
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _model(rows: pd.DataFrame) -> "pd.Series[str]":
    """One name for each confirmed model."""
    return rows["variant"] + " " + rows["seed"].astype(str)


def _legend(axes: Axes) -> None:
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _of_contestants(found: Findings, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the plan's controls, which stand in the audit's figure alone."""
    return frame[~frame["variant"].isin(set(found.plan.variants) - set(contestants(found.plan)))]


def _strips(found: Findings) -> list[DigitStrip]:
    controls = set(found.plan.variants) - set(contestants(found.plan))
    return [strip for strip in found.digits if strip[0] not in controls]


def _confirmed(found: Findings) -> bool:
    return bool(_of_contestants(found, found.members)["status"].eq("ok").any())


_FIGURES = (
    FigureSpec(
        "error",
        "Test error",
        "Every dot is one seed, the first seed highest, and the bar their mean; dashed are the reference lines.",
        _confirmed,
        lambda found, metric: error_by_variant(_of_contestants(found, found.members), metric),
    ),
    FigureSpec(
        "reconstructions",
        "Reconstructions",
        "Ten test images, and what each variant makes of them: its seed of median test error, of two in "
        "the middle the better.",
        _confirmed,
        lambda found, _: reconstructions(_strips(found), found.shape),
    ),
    FigureSpec(
        "epochs",
        "Training",
        "Validation error of every seed after each epoch of confirmation.",
        _confirmed,
        lambda found, _: validation_curves(_of_contestants(found, found.epochs), found.mean_image),
    ),
    FigureSpec(
        "lr",
        "Tuning",
        "Validation error at the end of each trial against its learning rate; ringed is the one confirmed. "
        "Trials that diverged or were pruned have no error at their end and stand at the upper edge.",
        lambda found: bool(_of_contestants(found, found.trials)["status"].eq("ok").any()),
        lambda found, _: lr_curves(_of_contestants(found, found.trials), found.mean_image),
    ),
    FigureSpec(
        "budget",
        "Would fewer trials have done?",
        "The lowest validation error to expect of that many trials, drawn with replacement from those "
        "whose learning rates did not depend on earlier ones; a grid's are taken for draws. A line that is "
        "level at its end gains little from more.",
        lambda found: bool(found.expected_best["trials"].max() >= 2),
        lambda found, _: expected_best_curves(_of_contestants(found, found.expected_best), found.mean_image),
    ),
    FigureSpec(
        "levels",
        "Do the levels correspond?",
        "Squared distance of decoder and encoder activations over the encoder's variance, on test images; 1, the "
        "dashed line, is no better than the mean activation. Each dot is one seed, the line the median; above "
        "100, where activations hardly vary, it is drawn at 100.",
        lambda found: bool(_of_contestants(found, found.levels)["nmse"].notna().any()),
        lambda found, _: match_by_level(_of_contestants(found, found.levels)),
    ),
    FigureSpec(
        "audit",
        "Who trains whom",
        "Norm of the gradient of each level's loss at each weight of encoder (W) and decoder (V), on the first "
        "batch of training images before training. Hatched is exactly 0: that loss does not train that weight.",
        lambda found: bool(variants_with_levels(found.audit)),
        lambda found, _: gradient_audit_figure(found.audit),
    ),
)
FIGURES: Mapping[str, FigureSpec] = MappingProxyType({one.name: one for one in _FIGURES})
"""By name."""
