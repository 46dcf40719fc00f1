"""Work that goes on unit by unit: who needs units to be trained says so, and is sent their records."""

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from bench.records import Record, Unit

T = TypeVar("T")
Answer = Sequence[Record] | None
"""A unit's records in the order of its members; None for a unit that could not be trained."""
Chain = Generator[tuple[Unit, ...], tuple[Answer, ...], T]
"""Yields the units that it needs now, all at once, is sent their answers in this order, returns what came of it.

It yields none where it waits for another chain, and is sent none when that may have come further.
"""


def follow(chain: Chain[T], answer: Callable[[Unit], Answer]) -> T:
    """Run one chain to its end on answers given at once."""
    try:
        units = next(chain)
        while True:
            units = chain.send(tuple(map(answer, units)))
    except StopIteration as end:
        result: T = end.value
        return result
