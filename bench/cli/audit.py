"""`aebench audit`: which level's loss of a variant trains which weight, on the screen."""

from collections.abc import Sequence
from pathlib import Path

from bench.cli.checks import check_plan
from bench.cli.data import with_data
from bench.contestants import get_variant
from bench.io.console import say, show_table
from bench.plan import Plan
from bench.records.records import WHOLE_OBJECTIVE, Audit
from bench.training.gradient_audit import audit_gradients

AT_ONCE = 6
"""Levels in one table: as many as fit beside each other on a narrow screen."""


def run_audit(plan: Plan, seed: int, data_dir: Path | None) -> None:
    """Audit the plan's one variant on the first batch of MNIST's training images, print the norms and read them.

    Raises UsageError for a plan that no run would accept, BenchError where the variant cannot be audited.
    """
    check_plan(plan)
    _, split = with_data(plan, None, data_dir)
    images = split.train.images[: plan.batch_size]
    (name,) = plan.variants
    found = audit_gradients(get_variant(name), plan.widths, images, seed)
    say(
        f"{name}: norm of the gradient of each level's loss at each weight, before training, "
        f"on the first {len(images)} training images, seed {seed}"
    )
    _show(found)
    for sentence in audit_sentences(found):
        say(sentence)


def audit_sentences(found: Audit) -> list[str]:
    """What each level's loss trains and what it leaves untouched, a sentence each."""
    levels = [
        (level, norms)
        for level, norms in zip(found.levels, found.norms, strict=True)
        if level != WHOLE_OBJECTIVE
    ]
    if len(levels) == 1:
        return [f"its one loss {_reading(found.weights, levels[0][1])}"]
    return [f"level {level}'s loss {_reading(found.weights, norms)}" for level, norms in levels]


def _show(found: Audit) -> None:
    """Print a row for each weight, in the order of the forward pass, and a column for each level."""
    columns = list(zip(found.levels, found.norms, strict=True))
    for start in range(0, len(columns), AT_ONCE):
        part = columns[start : start + AT_ONCE]
        header = ["weight", *(level if level == WHOLE_OBJECTIVE else f"level {level}" for level, _ in part)]
        rows = zip(found.weights, *(norms for _, norms in part), strict=True)
        show_table(header, [[weight, *(f"{norm:.3g}" for norm in norms)] for weight, *norms in rows])


def _reading(weights: Sequence[str], norms: Sequence[float]) -> str:
    pairs = list(zip(weights, norms, strict=True))
    trained = ", ".join(weight for weight, norm in pairs if norm != 0)
    untouched = ", ".join(weight for weight, norm in pairs if norm == 0)
    if not (trained and untouched):
        return "trains every weight" if trained else "trains no weight"
    return f"trains {trained} and leaves {untouched} untouched"
