"""The question that a report answers."""

from bench.contestants import REFERENCE, contestants
from bench.plan import Plan
from bench.wording import listing


def title(plan: Plan) -> str:
    """The bench's own question for a run about it; for any other, which variants are compared on which data."""
    names, default = contestants(plan), Plan()
    if set(names) <= set(default.variants) and set(names) - {REFERENCE} and plan.dataset == default.dataset:
        return "Which way of making a decoder mirror its encoder works?"
    data = "MNIST" if plan.dataset == default.dataset else plan.dataset
    if len(names) == 1:
        return f"How well does {names[0]} reconstruct {data}?"
    return f"Which of {listing(names)} reconstructs {data} best?"
