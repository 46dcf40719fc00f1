"""What a reader of the answer should bear in mind, a sentence each."""

from collections.abc import Iterator

import pandas as pd

from bench.answer import compared
from bench.digits import number
from bench.findings import Findings
from bench.headline import Metric
from bench.power import ALPHA, least_p
from bench.wording import count, listing

QUESTION_EPOCHS = 100
"""What the question trained for."""


def caveats(found: Findings, metric: Metric) -> list[str]:
    """Whom means hide, how far PCA goes, what budget stands behind the numbers, and what it cannot tell."""
    variants = compared(found)
    means = {str(name): float(mean) for name, mean in variants[f"{metric.name}_mean"].items()}
    order = metric.best_first(means)
    if not order:
        return []
    learned = variants["escaped"].any()
    return [
        *(_median(variants, order[0], metric) if learned else ()),
        *(_control(found, means[order[0]], metric) if learned else ()),
        *_pca(variants, order[0]),
        *_budget(found, variants),
        *_significance(found),
    ]


def _median(variants: pd.DataFrame, name: str, metric: Metric) -> Iterator[str]:
    """Another variant that is best on most seeds, and whose mean a few bad seeds spoil."""
    medians = {str(one): float(median) for one, median in variants[f"{metric.name}_median"].items()}
    best = metric.best(medians)
    if medians[best] == medians[name]:
        return
    lost, seeds = variants["seeds"][best] - variants["escaped"][best], count(variants["seeds"][best], "seed")
    spoiled = f"; its mean is spoiled by {lost} of its {seeds} that learned nothing" if lost else ""
    yield f"By the median over the seeds the best is {best}, with {metric.text(medians[best])}{spoiled}."


def _control(found: Findings, best: float, metric: Metric) -> Iterator[str]:
    """The control that is better still, if one is."""
    controls = found.summary[found.summary["control"].astype(bool)].set_index("variant")
    means = {str(name): float(mean) for name, mean in controls[f"{metric.name}_mean"].items()}
    order = metric.best_first(means)
    if order and metric.best({"": best, order[0]: means[order[0]]}):
        error = metric.text(means[order[0]])
        yield f"Of the controls, which are no contestants, {order[0]} is better still: {error}."


def _pca(variants: pd.DataFrame, name: str) -> Iterator[str]:
    """How far the best is from what a linear method gives at once."""
    share = number(variants["test_mse_share_of_pca_mean"][name], ".2f")
    yield f"{name}'s mse is {share} times that of PCA with as many components as the code has units."


def _budget(found: Findings, variants: pd.DataFrame) -> Iterator[str]:
    """What the numbers come from, and what it cannot tell."""
    plan = found.plan
    yield (
        f"Behind each variant stand {count(plan.trials, 'learning rate')} tried for "
        f"{count(plan.tune_epochs, 'epoch')} on {count(plan.tune_seeds, 'seed')}, and "
        f"{count(plan.seeds, 'seed')} trained for {count(plan.epochs, 'epoch')} at the best of them."
    )
    if plan.epochs < QUESTION_EPOCHS:
        yield (
            f"The question trained for {QUESTION_EPOCHS} epochs; a variant that leaves the mean image later than "
            "here counts as stuck."
        )
    if plan.tune_epochs < plan.epochs:
        yield "The rate that is best for the shorter time need not be best for the longer."
    edges = [str(name) for name, side in variants["lr_at_edge"].items() if side]
    if edges:
        yield f"The best rate lies at the edge of the search for {listing(edges)}."


def _significance(found: Findings) -> Iterator[str]:
    """What corrected p the comparisons to plain can reach, where there are some."""
    pairs = [int(number) for number in found.contrasts["pairs"] if number]
    if not pairs:
        return
    least, seeds = least_p(pairs), count(max(pairs), "seed")
    if least > ALPHA:
        yield f"{seeds} cannot make any difference significant at 5 % in a paired sign-flip test."
    else:
        yield f"With {seeds} no corrected p of a paired sign-flip test lies below {least:.2g}."
