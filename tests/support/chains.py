"""Chains without an engine."""

from collections.abc import Callable
from typing import TypeVar

from bench.records.jobs import Answer, Workflow
from bench.records.records import Unit

T = TypeVar("T")


def follow(chain: Workflow[T], answer: Callable[[Unit], Answer]) -> T:
    """Run one chain to its end on answers given at once."""
    try:
        units = next(chain)
        while True:
            units = chain.send(tuple(map(answer, units)))
    except StopIteration as end:
        result: T = end.value
        return result
