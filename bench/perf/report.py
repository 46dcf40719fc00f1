"""What `aebench perf` leaves: a table, two figures and the machine they hold for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from bench.io.files import write_atomic, write_json
from bench.perf.loops import BATCH
from bench.perf.measure import Timing, step_bytes, step_flop
from bench.report.escaping import csv_text
from bench.report.figure_style import colours, house_style, logarithmic, markers, new_figure, to_svg


def write_perf_report(
    folder: Path, timings: Sequence[Timing], widths: tuple[int, ...], facts: Mapping[str, Any]
) -> pd.DataFrame:
    """Write the timings as CSV and Markdown, the figures, and the facts: the machine, its peak, its bandwidth."""
    frame = pd.DataFrame([vars(timing) for timing in timings])
    user = frame[frame["loop"] == "DataLoader"].set_index("variant")["seconds"]
    frame["times_faster_than_user"] = frame["variant"].map(user) / frame["seconds"]
    write_atomic(folder / "perf.csv", csv_text(frame.round(4)).encode())
    header, table = perf_rows(frame)
    lines = [header, ["---", "---", *["--:"] * (len(header) - 2)], *table]
    write_atomic(folder / "perf.md", "".join(f"| {' | '.join(cells)} |\n" for cells in lines).encode())
    write_json(folder / "machine.json", facts)
    with house_style():
        for name, figure in (
            ("cost", cost_figure(frame)),
            ("roofline", roofline_figure(frame, widths, facts)),
        ):
            write_atomic(folder / f"{name}.svg", to_svg(figure).encode())
    return frame


def perf_rows(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """The table as text: its header and rows."""
    header = ["variant", "loop", "K", "s/epoch", "range", "GFLOP/s", "of peak", "× user", "MiB"]
    return header, [
        [
            row["variant"],
            row["loop"],
            str(row["members"]),
            f"{row['seconds']:.2f}",
            f"{row['seconds_low']:.1f}–{row['seconds_high']:.1f}",
            f"{row['gflop_per_s']:.0f}",
            f"{row['share_of_peak']:.2f}",
            f"{row['times_faster_than_user']:.1f}",
            f"{row['memory_mib']:.0f}",
        ]
        for _, row in frame.iterrows()
    ]


def cost_figure(frame: pd.DataFrame) -> Figure:
    """Seconds for one model and epoch against the members of a population; other loops hollow at 1."""
    names = list(frame["variant"].unique())
    figure, axes = new_figure(3.8)
    sns.lineplot(
        frame[frame["loop"] == "population"], x="members", y="seconds", hue="variant", style="variant",
        palette=colours(names), markers=markers(names), dashes=False, markersize=6, linewidth=1, ax=axes,
    )  # fmt: skip
    for loop, shift in (("DataLoader", 0.85), ("tensor", 0.92)):
        for _, row in frame[frame["loop"] == loop].iterrows():
            colour, marker = colours(names)[row["variant"]], markers(names)[row["variant"]]
            axes.scatter(shift, row["seconds"], marker=marker, s=26, facecolors="none", edgecolors=colour)
        top = frame.loc[frame["loop"] == loop, "seconds"].max()
        axes.annotate(loop, (shift, top), xytext=(2, 5), textcoords="offset points", size="small")
    axes.set_xscale("log", base=2)
    members = sorted(frame["members"].unique())
    axes.set_xticks(members, [str(count) for count in members])
    axes.minorticks_off()
    logarithmic(axes, "y")
    axes.set(xlabel="models trained as one (K)", ylabel="seconds for one model and epoch")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def roofline_figure(frame: pd.DataFrame, widths: tuple[int, ...], facts: Mapping[str, Any]) -> Figure:
    """Speed against operations a byte, under the roof of the machine's product and its memory."""
    peak, bandwidth = facts["peak_gflop_per_s"], facts["copy_gb_per_s"]
    names = list(frame["variant"].unique())
    figure, axes = new_figure(3.8)
    intensities = np.geomspace(0.5, 200, 100)
    axes.plot(intensities, np.minimum(peak, intensities * bandwidth), color="black", linewidth=1)
    axes.annotate(f"torch.mm {peak:.0f} GFLOP/s", (200, peak), xytext=(0, 4), textcoords="offset points",
                  ha="right", size="small")  # fmt: skip
    axes.annotate(f"memory {bandwidth:.0f} GB/s", (1, bandwidth), xytext=(8, -4), textcoords="offset points",
                  size="small")  # fmt: skip
    for name in names:
        mine = frame[frame["variant"] == name]
        intensity = step_flop(name, widths) * BATCH / step_bytes(name, widths, BATCH)
        for loop, group in mine.groupby("loop"):
            solid = loop == "population"
            axes.scatter(
                [intensity] * len(group), group["gflop_per_s"], marker=markers(names)[name], s=30,
                facecolors=colours(names)[name] if solid else "none", edgecolors=colours(names)[name],
                label=name if solid else None,
            )  # fmt: skip
    logarithmic(axes, "x")
    logarithmic(axes, "y")
    axes.set(xlabel="FLOP for each byte moved", ylabel="GFLOP/s")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
