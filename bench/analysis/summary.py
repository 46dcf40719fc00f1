"""The summary, one row a variant and reference line; and what else its seeds say: last epochs, levels, collapse."""

from typing import Any

import numpy as np
import pandas as pd

from bench.analysis.statistics import interval
from bench.contestants import contestants, is_control
from bench.plan import Plan
from bench.records.metrics import LEVEL_METRICS, METRICS
from bench.records.records import MODEL_METRICS
from bench.tuning.trials import search_edge

BASELINE_TITLES = {"mean_image": "mean image", "pca": "PCA"}
"""The reference lines, as tables and as people call them."""
LAST_EPOCHS = 5
"""By which it is judged whether training had converged."""


def summarise(plan: Plan, members: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Means over the seeds that did not diverge, with the counts of those that did, and that escaped.

    members, trials: as `bench.analysis.frames` gives them. A variant without a confirmed member has a row of 0 seeds.
    """
    rows = [
        _variant_row(plan, name, *(frame[frame["variant"] == name] for frame in (members, trials)))
        for name in plan.variants
    ]
    rows += [_line_row(name, members[members["variant"] == name]) for name in BASELINE_TITLES]
    return pd.DataFrame(rows).astype({"parameters": "Int64"})


def late_improvement(epochs: pd.DataFrame) -> "pd.Series[float]":
    """By variant, the share by which a confirmed model's validation error fell in its last epochs, median over seeds.

    epochs: as `bench.analysis.frames` gives it. Models of no more than so many epochs do not count.
    """
    confirmed = epochs[epochs["stage"] == "confirm"].sort_values("epoch")
    models = confirmed.groupby(["variant", "seed"], sort=False)["valid_mse"]
    shares = models.agg(_fall)
    return shares.groupby("variant", sort=False).median()


def level_medians(plan: Plan, levels: pd.DataFrame) -> pd.DataFrame:
    """The levels' yardsticks of every contestant, median over the seeds that did not diverge."""
    rows = levels[levels["variant"].isin(contestants(plan))]
    return rows.groupby(["variant", "level"], sort=False)[list(LEVEL_METRICS)].median().reset_index()


def worst_level_nmse(plan: Plan, levels: pd.DataFrame, summary: pd.DataFrame) -> dict[str, float]:
    """The match error of each contestant's worst inner level, median over the seeds; not of those that collapsed."""
    inner = level_medians(plan, levels).dropna(subset=["nmse"])
    worst = inner.groupby("variant", sort=False)["nmse"].max()
    left_out = collapsed_variants(plan, summary)
    return {str(name): float(nmse) for name, nmse in worst.items() if name not in left_out}


def collapsed_variants(plan: Plan, summary: pd.DataFrame) -> list[str]:
    """Contestants of whose finished seeds most stayed at the mean image."""
    rows = summary[summary["variant"].isin(contestants(plan))]
    finished = rows["seeds"] - rows["diverged"]
    return [str(name) for name in rows.loc[(finished > 0) & (2 * rows["escaped"] < finished), "variant"]]


def _variant_row(plan: Plan, name: str, members: pd.DataFrame, trials: pd.DataFrame) -> dict[str, Any]:
    finished = members[members["status"] == "ok"]
    lr = float(members["lr"].iloc[0]) if len(members) else float("nan")
    return {
        "variant": name,
        "control": is_control(name),
        "lr": lr,
        "lr_at_edge": search_edge(plan, lr, trials["lr"].tolist()),
        "seeds": len(members),
        "escaped": int(finished["escaped"].sum()),
        "diverged": int((members["status"] == "diverged").sum()),
        **_errors(finished),
        "nmse_median": _match(finished),
        **{f"{name}_mean": finished[name].mean() for name in MODEL_METRICS},
        "parameters": finished["parameters"].max(),
    }


def _line_row(name: str, line: pd.DataFrame) -> dict[str, Any]:
    return {
        "variant": name,
        "control": False,
        "lr_at_edge": "",
        "seeds": 0,
        "escaped": 0,
        "diverged": 0,
        **_errors(line),
    }


def _errors(members: pd.DataFrame) -> dict[str, Any]:
    """The mean of each test error with its 95 % interval, and its spread over the seeds."""
    errors: dict[str, Any] = {}
    for metric in METRICS:
        values = members[metric]
        low, high = interval(values.dropna().to_numpy(dtype=float))
        found = {"mean": values.mean(), "low": low, "high": high, "median": values.median(), "min": values.min(),
                 "max": values.max()}  # fmt: skip
        errors |= {f"{metric}_{kind}": value for kind, value in found.items()}
    return errors | {"test_mse_share_of_pca_mean": members["test_mse_share_of_pca"].mean()}


def _match(members: pd.DataFrame) -> float:
    """Normalised match error, median over the inner levels and the seeds; nan without inner levels."""
    inner = members.filter(regex=r"^nmse_\d+$").dropna(axis="columns", how="all")
    return float(np.nanmedian(inner.to_numpy(dtype=float))) if inner.size else float("nan")


def _fall(errors: "pd.Series[float]") -> float:
    """Of one model; nan where it diverged before it had so many epochs."""
    return (
        float(1 - errors.iloc[-1] / errors.iloc[-1 - LAST_EPOCHS])
        if len(errors) > LAST_EPOCHS
        else float("nan")
    )
