"""Every table of a run: the file with all its digits, and what people read of it, columns and note.

A new one is a function of `bench.analysis` and an entry of `TABLES`; `sections` says where it stands.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from bench.analysis.summary import BASELINE_TITLES, level_medians
from bench.io.text import format_count, format_difference, format_number, format_p
from bench.records.metrics import LEVEL_METRICS, VALID_MSE, Metric
from bench.records.records import MODEL_METRICS
from bench.report.blocks import (
    Cell,
    Column,
    Row,
    Rows,
    Table,
    column_note,
    interval_cell,
    metric_cell,
    number_cell,
    text_cell,
    written_rows,
)
from bench.report.findings import Findings

HEADLINE_FILES = (
    "From `tables/summary.csv`, and behind it `tables/members.csv`, one row a seed with the unit that trained "
    "it."
)
EDGES = {"low": " ↓", "high": " ↑", "": ""}
VARIANT = Column("variant", text_cell("variant"))
INTERVAL = Column("95 % interval", interval_cell("low", "high", format_difference))
P_HOLM = Column("p (Holm)", number_cell("p_holm", format_p))


@dataclass(frozen=True)
class TableSpec:
    """A table: which rows it has, and how they are shown."""

    name: str
    """Of its files in `tables/`."""
    frame: Callable[[Findings], pd.DataFrame]
    """Its rows with all their digits."""
    columns: Sequence[Column] = ()
    """As the report shows them; none where it does not."""
    note: str = ""
    """What the columns are and which file they come from."""
    words: int = 1
    """How many of its columns, from the first, are words."""
    shown: Callable[[Findings], pd.DataFrame] | None = None
    """Its rows as the report shows them, where they are others."""
    file: Literal["always", "filled", "none"] = "always"
    """Whether a CSV file holds it: always, where it has rows, or never, for another holds it."""

    def rows(self, frame: pd.DataFrame) -> Rows:
        """The frame's rows as text under the columns' titles."""
        return written_rows(self.columns, frame)

    def table(self, found: Findings) -> Table:
        """The table as the report shows it; without rows where there is nothing to show."""
        return Table(self.name, *self.rows((self.shown or self.frame)(found)), self.note, self.words)


def headline(found: Findings, metric: Metric) -> Table:
    """The table that the report opens with."""
    columns = _headline_columns(metric)
    said = column_note("", columns, HEADLINE_FILES).replace("{inner}", str(len(found.plan.widths) - 2))
    return Table("headline", *written_rows(columns, without_controls(found.summary)), said)


def headline_rows(summary: pd.DataFrame, metric: Metric) -> Rows:
    """One row a contestant, then one a reference line."""
    return written_rows(_headline_columns(metric), without_controls(summary))


def narrow_rows(table: Rows) -> Rows:
    """The headline table for a screen of 80 characters: without intervals and medians."""
    header, body = table
    kept = [place for place, title in enumerate(header) if title not in ("95 % interval", "median")]
    return [header[place] for place in kept], [[row[place] for place in kept] for row in body]


def without_controls(summary: pd.DataFrame) -> pd.DataFrame:
    """The rows of contestants and reference lines; all rows where every variant is a control."""
    contestants = summary[~summary["control"]]
    return contestants if set(contestants["variant"]) - set(BASELINE_TITLES) else summary


def _of_seeds(cell: Cell) -> Cell:
    """Empty for a reference line, which has no seeds."""
    return lambda row: cell(row) if row["seeds"] else ""


def _range(metric: Metric, low: str, high: str) -> Cell:
    def cell(row: Row) -> str:
        ends = [row[f"{metric.name}_{end}"] for end in (low, high)]
        return "–".join(map(metric.rough, ends)) if np.isfinite(ends).all() else "–"

    return cell


def _wins(row: Row) -> str:
    pairs = row["pairs"]
    return f"{row['beats_plain'] * pairs:.3g} of {pairs}" if pairs else "–"


def _headline_columns(metric: Metric) -> list[Column]:
    short = f"test {metric.name.removeprefix('test_')}"
    match = LEVEL_METRICS["nmse"]
    return [
        Column("variant", lambda row: str(BASELINE_TITLES.get(row["variant"], row["variant"]))),
        Column(
            short,
            metric_cell(metric, f"{metric.name}_mean"),
            f"{short}: {metric.title}, mean over the seeds with its 95 % bootstrap interval (BCa), median, and "
            "range from the lowest to the highest",
        ),
        Column("95 % interval", _of_seeds(_range(metric, "low", "high"))),
        Column("median", _of_seeds(metric_cell(metric, f"{metric.name}_median"))),
        Column("range", _of_seeds(_range(metric, "min", "max"))),
        Column("/ PCA", number_cell("test_mse_share_of_pca_mean", ".2f"), "/ PCA: its mse over PCA's"),
        Column(
            "escaped",
            _of_seeds(
                lambda row: f"{row['escaped']} of {format_count(row['seeds'], diverged=row['diverged'])}"
            ),
            "escaped: seeds whose test mse is below 0.95 of the mean image's",
        ),
        Column(
            match.column,
            _of_seeds(metric_cell(match, "nmse_median")),
            "match: match error, mean (d − e)² / var(e) as the median over levels 1 to {inner} and seeds, where 1 "
            "is no better than the mean activation",
        ),
        *(
            Column(one.column, _of_seeds(metric_cell(one, f"{one.name}_mean")), one.help)
            for one in MODEL_METRICS.values()
            if one.column
        ),
        Column(
            "lr",
            _of_seeds(lambda row: f"{row['lr']:.2g}{EDGES[row['lr_at_edge']]}"),
            "lr: the tuned learning rate, with an arrow where it lies at that edge of the search",
        ),
    ]


def levels_table(metrics: Mapping[str, Metric]) -> TableSpec:
    """The table of levels, a column for each of the yardsticks that names one."""
    columns = (
        VARIANT,
        Column("level", text_cell("level")),
        *(Column(one.column, metric_cell(one), one.help) for one in metrics.values() if one.column),
    )
    ending = "The last level is the code, which has one side. From `tables/levels.csv`."
    return TableSpec(
        "levels",
        lambda found: found.levels,
        columns,
        column_note("Medians over the seeds, on test images", columns, ending),
        shown=lambda found: level_medians(found.plan, found.levels),
    )


CONTRASTS = TableSpec(
    "contrasts",
    lambda found: found.contrasts,
    (
        VARIANT,
        Column("mse − plain's", number_cell("difference", format_difference)),
        INTERVAL,
        Column("better on", _wins),
        Column("p", number_cell("p", format_p)),
        P_HOLM,
        Column(
            "could be seen",
            lambda row: "none" if math.isinf(row["detectable"]) else format_number(row["detectable"], ".5f"),
        ),
    ),
    "The same seed starts from the same encoder weights and sees the same batches. Mean difference of the test "
    "mse, below 0 where the variant is better; its 95 % bootstrap interval (BCa), which is too narrow for few seeds "
    "and misses the true mean of normal differences in 28 % of cases with 3 seeds, 16 % with 5, 12 % with 8, and "
    "in a third of cases with 8 seeds of which one in eight stays at the mean image; it is that of each row alone. "
    "Then the seeds it is better on; p of a paired sign-flip test, two-sided, exact up to 16 pairs, and corrected "
    "for the number of variants (Holm); could be seen: the true difference that this test, corrected, would find "
    "four times in five with so many seeds of such a spread. From `tables/contrasts.csv`.",
)
ATTRIBUTION = TableSpec(
    "attribution",
    lambda found: found.attribution,
    (
        Column("from → to", lambda row: f"{row['instead_of']} → {row['variant']}"),
        Column("the change", text_cell("change")),
        Column("difference", number_cell("difference", format_difference)),
        INTERVAL,
        P_HOLM,
        Column("escaped", lambda row: f"{row['escaped_before']} → {row['escaped_after']} of {row['seeds']}"),
        Column("where both did", number_cell("difference_escaped", format_difference)),
    ),
    "Each row changes one thing in the variant, and with it the learning rate, which is each end's own. "
    "Difference of the test mse seed by seed, with its interval as above; p corrected for the rows of this "
    "table, which are not those above. escaped: seeds that left the mean image before and after the change; "
    "where both did: the difference over the seeds that left it at both ends, for one that stays outweighs all "
    "else. Variants that are not in the table of results are controls. From `tables/attribution.csv`.",
    words=2,
)
LEVELS = levels_table(LEVEL_METRICS)
CLAIMS = TableSpec(
    "claims",
    lambda found: found.claims,
    (
        Column("id", text_cell("claim")),
        Column("claim", text_cell("statement")),
        Column("tried on", text_cell("conditions")),
        Column("verdict", text_cell("verdict")),
        Column("figure", text_cell("figure")),
    ),
    "The statements of the thread that the question comes from, under the conditions that they name and on the "
    "models of this run, where these were trained for as many epochs as the statement names. Intervals are 95 %: of "
    "means BCa, of shares Clopper and Pearson's, each for its claim alone. From `tables/claims.csv`.",
    words=5,
)
RULES = TableSpec(
    "rules",
    lambda found: found.claims.drop_duplicates("claim"),
    (Column("id", text_cell("claim")), Column("rule", text_cell("rule"))),
    "The rules stand in code and see nothing but the tables. From `tables/claims.csv`.",
    words=2,
    file="none",
)
ONE_RATE = TableSpec(
    "one_rate",
    lambda found: found.one_rate,
    (
        VARIANT,
        Column("tuned lr", number_cell("lr_tuned", ".2g")),
        Column(VALID_MSE.column, metric_cell(VALID_MSE, "valid_mse_tuned")),
        Column("place", number_cell("rank_tuned", ".0f")),
        Column("plain's lr", number_cell("lr_one", ".2g")),
        Column(VALID_MSE.column, metric_cell(VALID_MSE, "valid_mse_one")),
        Column("place", number_cell("rank_one", ".0f")),
        Column("seeds", text_cell("seeds")),
    ),
    "Validation mse of the same seeds after as many epochs, at the variant's own tuned learning rate and at "
    "plain's. From `tables/one_rate.csv`.",
)
BUDGET = TableSpec(
    "budget",
    lambda found: found.budget,
    (
        VARIANT,
        Column(
            "trials",
            lambda row: format_count(
                row["trials"], pruned=row["trials_pruned"], diverged=row["trials_diverged"]
            ),
        ),
        Column("seeds", lambda row: format_count(row["seeds"], diverged=row["seeds_diverged"])),
        Column("tuning", number_cell("tune_model_epochs", ".0f")),
        Column("confirmation", number_cell("confirm_model_epochs", ".0f")),
        Column("one lr", number_cell("one_lr_model_epochs", ".0f")),
        Column("claims", number_cell("claim_model_epochs", ".0f")),
        Column("all", number_cell("model_epochs", ".0f")),
        Column("test read by", number_cell("test_readings", ".0f")),
    ),
    "What each variant spent, in epochs of one model; every variant had the same number of trials, seeds and "
    "epochs. From `tables/budget.csv`.",
)
TABLES = (
    TableSpec("summary", lambda found: found.summary),
    CONTRASTS,
    ATTRIBUTION,
    LEVELS,
    CLAIMS,
    RULES,
    ONE_RATE,
    BUDGET,
    TableSpec("expected_best", lambda found: found.expected_best),
    TableSpec("members", lambda found: found.members),
    TableSpec("trials", lambda found: found.trials),
    TableSpec("epochs", lambda found: found.epochs),
    TableSpec("audit", lambda found: found.audit, file="filled"),
)
"""Every table but the headline, which changes with the metric."""
