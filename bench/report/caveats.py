"""The caveats of the answer, a sentence each, with whether training had converged."""

from collections.abc import Iterator

import pandas as pd

from bench.analysis.comparisons import compare_variants, errors_by_seed
from bench.analysis.statistics import ALPHA, least_p
from bench.analysis.summary import LAST_EPOCHS, late_improvement
from bench.contestants import REFERENCE, contestants
from bench.io.text import format_difference, format_interval, format_number, format_p, join_words, quantity
from bench.records.metrics import Metric
from bench.report.answer import contestants_by_error, describe_failures
from bench.report.findings import Findings

STILL_FALLING = 0.05
"""A variant whose error still fell by this share over the last epochs had not converged."""
QUESTION_EPOCHS = 100
"""What the question trained for."""


def unconverged(found: Findings) -> Iterator[str]:
    """Which contestants would have gone on, if any: where the clock stops decides their order too."""
    if found.plan.epochs <= LAST_EPOCHS:
        return
    falls = late_improvement(found.epochs)
    told = [
        f"{name} {format_number(falls[name], '.0%')}"
        for name in contestants(found.plan)
        if name in falls.index and falls[name] >= STILL_FALLING
    ]
    if told:
        yield (
            f"Training had not come to its end: over the last {quantity(LAST_EPOCHS, 'epoch')} the validation error "
            f"still fell ({join_words(told)}, in the median over the seeds), so more epochs may change the order."
        )


def caveats(found: Findings, metric: Metric) -> list[str]:
    """Whom means hide, how far PCA goes, what budget stands behind the numbers, and what it cannot tell."""
    variants = contestants_by_error(found)
    means = {str(name): float(mean) for name, mean in variants[f"{metric.name}_mean"].items()}
    order = metric.best_first(means)
    if not order:
        return []
    learned = variants["escaped"].any()
    return [
        *(_next(found, order) if learned else ()),
        *(_median(variants, order[0], metric) if learned else ()),
        *_controls(found, means[order[0]], metric),
        *_pca(found, order[0]),
        *_budget(found),
        *_significance(found),
    ]


def _next(found: Findings, order: list[str]) -> Iterator[str]:
    """How sure the best is of its place before the next best, where that is not plain, with which it was compared."""
    if len(order) < 2 or REFERENCE in order[:2]:
        return
    row = compare_variants(errors_by_seed(found.members), order[1], order[0])
    if not row["low"] < float("inf"):
        return
    sure = "beyond" if row["p"] <= ALPHA else "within"
    side = "below" if row["difference"] < 0 else "above"
    better = format_number(row["better_on"] * row["pairs"], ".3g")
    size = format_difference(abs(row["difference"]))[1:]
    interval = format_interval(row["low"], row["high"], format_difference)
    yield (
        f"The next best is {order[1]}, its mse {size} {side} {order[0]}'s on the same seeds, a difference {sure} "
        f"chance (95 % interval {interval}, p {format_p(row['p'])}, not corrected); "
        f"it is better on {better} of {quantity(row['pairs'], 'seed')}."
    )


def _median(variants: pd.DataFrame, name: str, metric: Metric) -> Iterator[str]:
    """Another variant that is best on most seeds, and whose mean a few bad seeds spoil."""
    medians = {str(one): float(median) for one, median in variants[f"{metric.name}_median"].items()}
    best = metric.best(medians)
    if medians[best] == medians[name]:
        return
    lost = variants["seeds"][best] - variants["escaped"][best]
    seeds = quantity(variants["seeds"][best], "seed")
    spoiled = f"; its mean is spoiled by {lost} of its {seeds} that stayed at the mean image" if lost else ""
    yield f"By the median over the seeds the best is {best}, with {metric.text(medians[best])}{spoiled}."


def _controls(found: Findings, best: float, metric: Metric) -> Iterator[str]:
    """The control that is better still, if one is, and those that stayed at the mean image."""
    controls = found.summary[found.summary["control"].astype(bool)].set_index("variant")
    means = {str(name): float(mean) for name, mean in controls[f"{metric.name}_mean"].items()}
    order = metric.best_first(means)
    if order and metric.best({"": best, order[0]: means[order[0]]}):
        error = metric.text(means[order[0]])
        yield f"Of the controls, which are no contestants, {order[0]} is better still: {error}."
    stuck = controls["seeds"] - controls["escaped"] - controls["diverged"]
    if told := describe_failures(controls, stuck):
        yield f"Controls that stayed at the mean image: {join_words(told)}."


def _pca(found: Findings, name: str) -> Iterator[str]:
    """How far the best is from what a linear method gives at once."""
    rows = found.summary.set_index("variant")
    shares, least = (rows[column].astype(float) for column in ("test_mse_share_of_pca_mean", "test_mse_min"))
    share = format_number(shares[name], ".2f")
    told = f"{name}'s mse is {share} times that of PCA with as many components as the code has units"
    none = "; no seed of any variant comes below PCA's" if (least.drop("pca") > least["pca"]).all() else ""
    yield f"{told}{none}."


def _budget(found: Findings) -> Iterator[str]:
    """What the numbers come from, and what it cannot tell."""
    plan = found.plan
    yield (
        f"Behind each variant stand {quantity(plan.trials, 'learning rate')} tried for "
        f"{quantity(plan.tune_epochs, 'epoch')} on {quantity(plan.tune_seeds, 'seed')}, and "
        f"{quantity(plan.seeds, 'seed')} trained for {quantity(plan.epochs, 'epoch')} at the best of them."
    )
    if plan.epochs < QUESTION_EPOCHS:
        yield (
            f"The question trained for {QUESTION_EPOCHS} epochs; a variant that leaves the mean image later than "
            "here counts as stuck."
        )
    yield from unconverged(found)
    if plan.tune_epochs < plan.epochs:
        yield "The rate that is best for the shorter time need not be best for the longer."
    if plan.tune_seeds == 1:
        yield "Whether a model leaves the mean image depends on its seed too, and each rate was tried on one."
    edges = [str(row["variant"]) for _, row in found.summary.iterrows() if row["lr_at_edge"]]
    if edges:
        yield f"The best rate lies at the edge of the search for {join_words(edges)}."


def _significance(found: Findings) -> Iterator[str]:
    """What corrected p the comparisons to plain can reach, where there are some."""
    pairs = [int(number) for number in found.contrasts["pairs"] if number]
    if not pairs:
        return
    least, seeds = least_p(pairs), quantity(max(pairs), "seed")
    if least > ALPHA:
        yield f"{seeds} cannot make any difference significant at 5 % in a paired sign-flip test."
    else:
        yield f"With {seeds} no corrected p of a paired sign-flip test lies below {least:.2g}."
