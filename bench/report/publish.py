"""What a run leaves beside its records: tables, figures and report, all rebuilt from the records."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.io.files import write_atomic
from bench.records.metrics import METRICS, Metric
from bench.report.escaping import csv_text, latex_table
from bench.report.figure_style import house_style, to_svg
from bench.report.figures import FIGURES, lr_curves
from bench.report.findings import Findings, findings
from bench.report.page import render_html, render_markdown
from bench.report.tables import TABLES, headline
from bench.run.checksums import write_sums


@dataclass(frozen=True)
class Published:
    """The summary of a run and where its report lies."""

    summary: pd.DataFrame
    report: Path


def publish(folder: Path, metric_name: str = "test_mse") -> Published:
    """Write tables, figures, report.html and report.md of the run in the folder; errors of `findings`.

    A damaged record does not stop the report, which names it.
    """
    found, metric = findings(folder, skip_damaged=True), METRICS[metric_name]
    with house_style():
        drawn = _figures(found, metric)
    _write_tables(folder / "tables", found)
    for name, svg in drawn.items():
        write_atomic(folder / "figures" / f"{name}.svg", svg.encode())
    shown = (one.table(found) for one in TABLES if one.columns)
    for table in (headline(found, metric), *(table for table in shown if table.rows)):
        write_atomic(folder / "tables" / f"{table.name}.tex", latex_table(table).encode())
    write_atomic(folder / "report.html", render_html(found, metric, drawn).encode())
    write_atomic(folder / "report.md", render_markdown(found, metric, list(drawn)).encode())
    write_sums(folder)
    return Published(found.summary, folder / "report.html")


def publish_tuning(folder: Path) -> Path | None:
    """Write the tables of trials and epochs and the lr curve of a folder that was only tuned in.

    Returns where the curve is; without a finished trial there is none. A damaged record stops neither.
    """
    found = findings(folder, skip_damaged=True)
    for name, frame in (("trials", found.trials), ("epochs", found.epochs)):
        _write_table(folder / "tables" / f"{name}.csv", frame)
    path = folder / "figures" / "lr.svg" if found.trials["status"].eq("ok").any() else None
    if path:
        with house_style():
            write_atomic(path, to_svg(lr_curves(found.trials, found.mean_image)).encode())
    write_sums(folder)
    return path


def publish_claims(folder: Path) -> pd.DataFrame:
    """Write the table of claims of the run in the folder and return it, whatever record is damaged."""
    ledger = findings(folder, skip_damaged=True).claims
    _write_table(folder / "tables" / "claims.csv", ledger)
    write_sums(folder)
    return ledger


def _figures(found: Findings, metric: Metric) -> Mapping[str, str]:
    """The figures that the records can fill, as SVG by name."""
    return {one.name: to_svg(one.draw(found, metric)) for one in FIGURES.values() if one.filled(found)}


def _write_tables(folder: Path, found: Findings) -> None:
    frames = [(one, one.frame(found)) for one in TABLES if one.file != "none"]
    for one, frame in frames:
        if one.file == "always" or len(frame):
            _write_table(folder / f"{one.name}.csv", frame)


def _write_table(path: Path, frame: pd.DataFrame) -> None:
    """Every digit of every number, so that nothing is lost between records and tables."""
    write_atomic(path, csv_text(frame).encode())
