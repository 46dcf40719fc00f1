"""What is trained and what came of it: units, records, and their JSON."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast

from bench.canonical import canonical_json
from bench.checked import checked, require
from bench.metrics import Level, Reconstruction

Stage = Literal["tune", "confirm", "one_lr", "claim"]
"""Tuning; seeds at the tuned rate; the same at one rate for all variants; the conditions of a claim."""
TESTED: tuple[Stage, ...] = ("confirm", "claim")
"""Stages whose finished models are shown the test images; nothing is chosen by what comes of it."""
Status = Literal["ok", "pruned", "diverged"]


@dataclass(frozen=True)
class Member:
    """One of the K models: its learning rate, its seed, and hyperparameters of the variant's own, if any."""

    lr: float
    seed: int
    extra: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """One population to train. `trials[k]` is the trial that member k serves; empty but when tuning."""

    plan: str
    variant: str
    stage: Stage
    members: tuple[Member, ...]
    epochs: int
    trials: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """SHA-256 of the unit's canonical JSON, hex."""
        return hashlib.sha256(canonical_json(asdict(self)).encode()).hexdigest()

    @property
    def condition(self) -> tuple[str, float, int]:
        """Variant, learning rate and epochs: of a claim's unit, whose members are alike, its whole setting."""
        return self.variant, self.members[0].lr, self.epochs


@dataclass(frozen=True)
class Epoch:
    """A member's reconstruction of the validation images after one epoch."""

    valid_mse: float
    valid_bce_nats: float


@dataclass(frozen=True)
class Outcome:
    """A confirmed member's yardsticks on the test images; `digits` are its reconstructions, see pixels.py."""

    parameters: int
    test: Reconstruction
    levels: tuple[Level, ...]
    probe_accuracy: float
    digits: str


@dataclass(frozen=True)
class Record:
    """One member of a unit: how it was trained and what came of it; an outcome when tested and ok."""

    lr: float
    seed: int
    extra: Mapping[str, float]
    status: Status
    history: tuple[Epoch, ...]
    outcome: Outcome | None = None

    @property
    def valid_mse(self) -> float:
        """Validation error after the last epoch; inf for a diverged member."""
        return self.history[-1].valid_mse if self.history and self.status != "diverged" else math.inf


Finished = tuple[Unit, tuple[Record, ...]]
"""A finished unit and its records."""


@dataclass(frozen=True)
class BaselineRecord:
    """A reference line: its errors, and its reconstructions of the ten digits."""

    name: str
    valid_mse: float
    test: Reconstruction
    digits: str


@dataclass(frozen=True)
class Baselines:
    """The reference lines of a run and the ten test digits that every variant is shown on."""

    originals: str
    labels: tuple[int, ...]
    lines: tuple[BaselineRecord, ...]


def to_json(value: Any) -> Any:
    """A record as JSON values; numbers that are not finite become "nan", "inf" and "-inf"."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return to_json(asdict(value)) if hasattr(value, "__dataclass_fields__") else value


def unit_from_json(values: object) -> Unit:
    """The unit behind `to_json(unit)`; ValueError where fields are wrong."""
    return checked(Unit, values, "unit")


def record_from_json(values: object) -> Record:
    """The record behind `to_json(record)`; ValueError where fields are wrong."""
    return checked(Record, values, "record")


def records_from_json(values: object) -> tuple[Record, ...]:
    """The records behind `to_json(records)`; ValueError where fields are wrong."""
    require(isinstance(values, list), "records", "a list", values)
    return tuple(map(record_from_json, cast(list[object], values)))


def baselines_from_json(values: object) -> Baselines:
    """The baselines behind `to_json(baselines)`; ValueError where fields are wrong."""
    return checked(Baselines, values, "baselines")
