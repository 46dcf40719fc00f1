"""Workflows without an engine."""

from collections.abc import Callable
from typing import TypeVar

from bench.records.jobs import Answer, Workflow
from bench.records.records import Unit

T = TypeVar("T")


def follow(workflow: Workflow[T], answer: Callable[[Unit], Answer]) -> T:
    """Run one workflow to its end on answers given at once."""
    try:
        units = next(workflow)
        while True:
            units = workflow.send(tuple(map(answer, units)))
    except StopIteration as end:
        result: T = end.value
        return result
