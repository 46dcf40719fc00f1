"""The figure of the expected best validation error against the number of trials."""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.drawing import blank, level_line, logarithmic
from bench.palette import colours, markers
from bench.summary import LINE_NAMES


def expected_best_curves(frame: pd.DataFrame, mean_image: float) -> Figure:
    """A line for each variant, a dot for each number of trials; frame: as `expected_best` gives it."""
    names = list(frame["variant"].unique())
    figure, axes = blank(3.6)
    sns.lineplot(
        frame, x="trials", y="expected_valid_mse", hue="variant", style="variant", palette=colours(names),
        markers=markers(names), dashes=False, markersize=6, linewidth=1, ax=axes,
    )  # fmt: skip
    level_line(axes, mean_image, LINE_NAMES["mean_image"])
    logarithmic(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="trials", ylabel="expected best validation error (mse)")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
