"""Frames as the text of tables: a header, and rows of cells with sensible digits."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.analysis.summary import LINE_NAMES
from bench.io.numbers import counted, number, p_value, signed, spread
from bench.records.metrics import LEVEL_METRICS, VALID_MSE, Metric
from bench.records.records import MODEL_METRICS

Rows = tuple[list[str], list[list[str]]]


def headline_rows(summary: pd.DataFrame, metric: Metric) -> Rows:
    """One row a contestant, then one a reference line."""
    header = ["variant", f"test {metric.name.removeprefix('test_')}", "95 % interval", "median", "range", "/ PCA",
              "escaped", "match", "probe", "lr"]  # fmt: skip
    return header, [_headline(row, metric) for _, row in without_controls(summary).iterrows()]


def narrow(rows: Rows) -> Rows:
    """The headline table for a screen of 80 characters: without intervals and medians."""
    header, body = rows
    kept = [place for place, title in enumerate(header) if title not in ("95 % interval", "median")]
    return [header[place] for place in kept], [[row[place] for place in kept] for row in body]


def without_controls(summary: pd.DataFrame) -> pd.DataFrame:
    """The rows of contestants and reference lines; all rows where every variant is a control."""
    contestants = summary[~summary["control"]]
    return contestants if set(contestants["variant"]) - set(LINE_NAMES) else summary


def contrast_rows(contrasts: pd.DataFrame) -> Rows:
    """One row a contestant but plain: its paired difference to plain."""
    header = ["variant", "mse − plain's", "95 % interval", "better on", "p", "p (Holm)", "could be seen"]
    return header, [
        [
            row["variant"],
            signed(row["difference"]),
            spread(row["low"], row["high"], signed),
            _share(row["beats_plain"], row["pairs"]),
            p_value(row["p"]),
            p_value(row["p_holm"]),
            "none" if math.isinf(row["detectable"]) else number(row["detectable"], ".5f"),
        ]
        for _, row in contrasts.iterrows()
    ]


def attribution_rows(attribution: pd.DataFrame) -> Rows:
    """One row a single change, from one variant to the next."""
    header = [
        "from → to",
        "the change",
        "difference",
        "95 % interval",
        "p (Holm)",
        "escaped",
        "where both did",
    ]
    return header, [
        [
            f"{row['instead_of']} → {row['variant']}",
            row["change"],
            signed(row["difference"]),
            spread(row["low"], row["high"], signed),
            p_value(row["p_holm"]),
            f"{row['escaped_before']} → {row['escaped_after']} of {row['seeds']}",
            signed(row["difference_escaped"]),
        ]
        for _, row in attribution.iterrows()
    ]


def level_rows(levels: pd.DataFrame) -> Rows:
    """One row a contestant and level: how well its sides correspond and how alive it is, medians over the seeds."""
    shown = [metric for metric in LEVEL_METRICS.values() if metric.column]
    header = ["variant", "level", *(metric.column for metric in shown)]
    return header, [
        [row["variant"], str(row["level"]), *(metric.text(row[metric.name]) for metric in shown)]
        for _, row in levels.iterrows()
    ]


def one_rate_rows(one_rate: pd.DataFrame) -> Rows:
    """One row a contestant: its validation error at its own rate and at plain's."""
    mse = VALID_MSE.column
    header = ["variant", "tuned lr", mse, "place", "plain's lr", mse, "place", "seeds"]
    return header, [
        [
            row["variant"],
            number(row["lr_tuned"], ".2g"),
            VALID_MSE.text(row["valid_mse_tuned"]),
            number(row["rank_tuned"], ".0f"),
            number(row["lr_one"], ".2g"),
            VALID_MSE.text(row["valid_mse_one"]),
            number(row["rank_one"], ".0f"),
            str(row["seeds"]),
        ]
        for _, row in one_rate.iterrows()
    ]


def budget_rows(budget: pd.DataFrame) -> Rows:
    """One row a variant: what its tuning and its confirmation spent."""
    header = [
        "variant",
        "trials",
        "seeds",
        "tuning",
        "confirmation",
        "one lr",
        "claims",
        "all",
        "test read by",
    ]
    columns = ["tune_model_epochs", "confirm_model_epochs", "one_lr_model_epochs", "claim_model_epochs",
               "model_epochs", "test_readings"]  # fmt: skip
    return header, [
        [
            row["variant"],
            counted(row["trials"], pruned=row["trials_pruned"], diverged=row["trials_diverged"]),
            counted(row["seeds"], diverged=row["seeds_diverged"]),
            *(number(row[name], ".0f") for name in columns),
        ]
        for _, row in budget.iterrows()
    ]


def claim_rows(claims: pd.DataFrame) -> Rows:
    """One row a claim and kind of conditions."""
    header = ["id", "claim", "tried on", "verdict", "figure"]
    columns = ["claim", "statement", "conditions", "verdict", "figure"]
    return header, [[str(row[name]) for name in columns] for _, row in claims.iterrows()]


def rule_rows(claims: pd.DataFrame) -> Rows:
    """One row a claim: the rule for its verdict."""
    rules = claims.drop_duplicates("claim")
    return ["id", "rule"], rules[["claim", "rule"]].astype(str).to_numpy().tolist()


def _headline(row: "pd.Series[Any]", metric: Metric) -> list[str]:
    mean, median = (metric.text(row[f"{metric.name}_{kind}"]) for kind in ("mean", "median"))
    sure, ranged = (
        _from_to([row[f"{metric.name}_{end}"] for end in ends], metric)
        for ends in (("low", "high"), ("min", "max"))
    )
    name = LINE_NAMES.get(row["variant"], row["variant"])
    share = number(row["test_mse_share_of_pca_mean"], ".2f")
    if not row["seeds"]:
        return [name, mean, "", "", "", share, "", "", "", ""]
    escaped = f"{row['escaped']} of {counted(row['seeds'], diverged=row['diverged'])}"
    at_edge = {"low": " ↓", "high": " ↑", "": ""}[row["lr_at_edge"]]
    match = LEVEL_METRICS["nmse"].text(row["nmse_median"])
    probe = MODEL_METRICS["probe_accuracy"].text(row["probe_accuracy_mean"])
    return [name, mean, sure, median, ranged, share, escaped, match, probe, f"{row['lr']:.2g}{at_edge}"]


def _from_to(ends: Sequence[float], metric: Metric) -> str:
    return "–".join(map(metric.rough, ends)) if np.isfinite(ends).all() else "–"


def _share(share: float, count: int) -> str:
    return f"{share * count:.3g} of {count}" if count else "–"
