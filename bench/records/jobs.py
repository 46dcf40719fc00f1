"""Jobs for an engine, and chains: work that asks for units and goes on when it is sent their records."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.plan import Plan
from bench.records.records import Finished, Record, Unit

T = TypeVar("T")
Answer = Sequence[Record] | None
"""A unit's records in the order of its members; None for a unit that could not be trained."""
Chain = Generator[tuple[Unit, ...], tuple[Answer, ...], T]
"""Yields the units that it needs now, all at once, is sent their answers in this order, returns what came of it.

It yields none where it waits for another chain, and is sent none when that may have come further.
"""


@dataclass(frozen=True)
class Job:
    """All that decides what training the unit gives, beside the data set.

    earlier: the variant's finished tuning rounds in their order, where a pruner looks at them; checkpoint:
    where an engine on the driver's machine may keep a half-trained unit.
    """

    unit: Unit
    plan: Plan
    earlier: tuple[Finished, ...] = ()
    checkpoint: Path | None = None
