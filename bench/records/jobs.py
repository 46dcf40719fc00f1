"""Jobs for an engine, how far they are, and workflows: work that asks for units and goes on with their records."""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.plan import Plan
from bench.records.records import FinishedUnit, Record, Unit

T = TypeVar("T")
Answer = Sequence[Record] | None
"""A unit's records in the order of its members; None for a unit that could not be trained."""
Workflow = Generator[tuple[Unit, ...], tuple[Answer, ...], T]
"""Yields the units that it needs now, all at once, is sent their answers in this order, returns what came of it.

It yields none where it waits for another workflow, and is sent none when that may have come further.
"""


@dataclass(frozen=True)
class Job:
    """All that decides what training the unit gives, beside the data set.

    earlier: the variant's finished tuning rounds in their order, where a pruner looks at them; checkpoint:
    where an engine on the driver's machine may keep a half-trained unit.
    """

    unit: Unit
    plan: Plan
    earlier: tuple[FinishedUnit, ...] = ()
    checkpoint: Path | None = None


@dataclass(frozen=True)
class Progress:
    """How far a unit is: told when it begins, after every step and after every epoch."""

    unit: Unit
    model_epochs: float = 0.0
    """Done so far, in epochs of one model."""
    epoch: int = 0
    """The last that ended, counted from 1; 0 before that."""
    valid_mse: float = math.inf
    """The least of the members after that epoch."""

    @property
    def begun(self) -> bool:
        """Whether this is the beginning: from the first epoch, or from a checkpoint that is not read yet."""
        return not self.model_epochs and not self.epoch


Tell = Callable[[Progress], None]
"""Who is told how far units are, from any thread."""


def finished_progress(unit: Unit, records: Sequence[Record]) -> Progress:
    """The end of a unit that was trained elsewhere."""
    done = sum(len(record.history) for record in records)
    return Progress(unit, done, unit.epochs, min(record.valid_mse for record in records))
