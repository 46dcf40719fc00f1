"""A report is headed by the question that its run answers."""

import pytest

from bench.plan import Plan
from bench.report.page import report_title


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Plan(), "Which way of making a decoder mirror its encoder works?"),
        (
            Plan(variants=("plain", "tied", "tied_mse")),
            "Which way of making a decoder mirror its encoder works?",
        ),
        (Plan(variants=("plain",)), "How well does plain reconstruct MNIST?"),
        (
            Plan(dataset="kmnist", variants=("plain", "tied")),
            "Which of plain and tied reconstructs kmnist best?",
        ),
        (
            Plan(variants=("plain", "tied", "mine")),
            "Which of plain, tied and mine reconstructs MNIST best?",
        ),
    ],
)
def test_title_is_the_runs_own_question(plan: Plan, expected: str) -> None:
    assert report_title(plan) == expected
