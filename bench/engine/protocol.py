"""Where units are trained: the protocol between the run that asks and the engine that answers."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from bench.io.errors import BenchError
from bench.records.jobs import Job
from bench.records.records import Record


@dataclass(frozen=True)
class Trained:
    """What came of a job: a record a member, in their order.

    model: the tested model with the lowest validation error as the content of a safetensors file; seconds: by
    phase of the work, and as `all`; notes: what a person should know, a line each.
    """

    records: tuple[Record, ...]
    model: bytes | None
    seconds: Mapping[str, float]
    notes: tuple[str, ...] = ()


class UnitFailedError(BenchError):
    """The unit could not be trained; the message is its reason, one line."""


class Engine(Protocol):
    """Trains jobs, several at once or one after the other; every engine gives the same records for a job."""

    workers: int
    """Units trained at once."""

    def submit(self, job: Job) -> Future[Trained]:
        """The job's outcome once it is there; the future raises UnitFailedError where there is none."""

    def close(self) -> None:
        """End what is running at once, without waiting for it."""


@dataclass(frozen=True)
class UnitFailure:
    """A worker's answer where the unit could not be trained, for this reason."""

    reason: str
