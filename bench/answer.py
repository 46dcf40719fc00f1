"""The answer in three sentences, filled from the tables."""

import pandas as pd

from bench.findings import Findings
from bench.headline import Metric
from bench.summary import LINE_NAMES


def answer(found: Findings, metric: Metric) -> list[str]:
    """Which variant is best by the metric, which ones fail, and what this run cannot show."""
    variants = found.summary[~found.summary["variant"].isin(list(LINE_NAMES))].set_index("variant")
    finite = variants[f"{metric.name}_mean"].notna()
    if not finite.any():
        return ["No variant has a confirmed model that did not diverge, so there is nothing to compare."]
    return [_best(found, variants, metric), _failures(variants), _limits(found, variants)]


def _best(found: Findings, variants: pd.DataFrame, metric: Metric) -> str:
    """The variant with the best mean, its spread, and its place between the reference lines."""
    means = {str(name): float(mean) for name, mean in variants[f"{metric.name}_mean"].items()}
    name = metric.best(means)
    low, mean, high = (
        metric.text(variants[f"{metric.name}_{kind}"][name]) for kind in ("min", "mean", "max")
    )
    share = variants["test_mse_share_of_pca_mean"][name]
    return (
        f"Of {_count(len(variants), 'variant')}, {name} reconstructs the {found.plan.test_images:,} test images "
        f"best: {metric.title} {mean} on average over {_count(variants['seeds'][name], 'seed')} ({low} to {high}); "
        f"its mse is {share:.2f} times that of PCA with as many components as the code has units."
    )


def _failures(variants: pd.DataFrame) -> str:
    """The variants some of whose seeds are no better than the mean image, or diverged."""
    parts = []
    for name, row in variants.iterrows():
        stuck = row["seeds"] - row["escaped"] - row["diverged"]
        if stuck:
            parts.append(f"{name} on {stuck} of {_count(row['seeds'], 'seed')}")
        if row["diverged"]:
            parts.append(f"{name} diverged on {row['diverged']} of {_count(row['seeds'], 'seed')}")
    if not parts:
        return "Every seed of every variant did better than giving back the mean image for all."
    return f"Some models did no better than giving back the mean image for all: {'; '.join(parts)}."


def _limits(found: Findings, variants: pd.DataFrame) -> str:
    """What budget stands behind the numbers, and what it cannot tell."""
    plan = found.plan
    smallest = 2 / 2**plan.seeds
    doubt = (
        f"{_count(plan.seeds, 'seed')} cannot make any difference significant at 5 % (a paired sign-flip test "
        f"has no p below {smallest:.2g})"
        if smallest > 0.05
        else f"with {_count(plan.seeds, 'seed')} a paired sign-flip test has no p below {smallest:.2g}"
    )
    edges = [str(name) for name, side in variants["lr_at_edge"].items() if side]
    edge = f"; the best learning rate lies at the edge of the search for {', '.join(edges)}" if edges else ""
    late = (
        ""
        if plan.epochs >= 100
        else ", where the question trained for 100: leaving the plateau later is not seen"
    )
    return (
        f"Behind this stand {_count(plan.trials, 'learning rate')} of {_count(plan.tune_epochs, 'epoch')} and "
        f"{_count(plan.seeds, 'seed')} of {_count(plan.epochs, 'epoch')} for each variant{late}; {doubt}{edge}."
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
