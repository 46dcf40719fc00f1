"""What is trained and its results: units, records, baselines, audits, and their JSON."""

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from bench.io.files import json_digest
from bench.io.validation import require, validated
from bench.records.metrics import SHARE, VALID_MSE, Epoch, Level, Metric, Reconstruction, metrics_of

WHOLE_OBJECTIVE = "all"
"""In place of a level: the whole objective."""
Stage = Literal["tune", "confirm", "one_lr", "claim"]
"""Tuning; seeds at the tuned rate; the same at one rate for all variants; the conditions of a claim."""
TESTED_STAGES: tuple[Stage, ...] = ("confirm", "claim")
"""Stages whose finished models are shown the test images; nothing is chosen by what comes of it."""
Status = Literal["ok", "pruned", "diverged"]


@dataclass(frozen=True)
class Audit:
    """Norms of gradients, norms[row][column]: of the loss of levels[row] at weights[column].

    Rows are the levels "0", "1", …, then "all"; columns W_1 … W_L, V_{L-1} … V_0 in the order of the forward
    pass, then other weights by their own names. 0.0 means that no entry of the weight has any gradient.
    """

    levels: tuple[str, ...]
    weights: tuple[str, ...]
    norms: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class AuditRecord:
    """One variant's audit, or what the variant said when it could not be audited."""

    variant: str
    audit: Audit | None
    error: str = ""


@dataclass(frozen=True)
class Audits:
    """The audits of a run's variants, on its first training images, before training."""

    seed: int
    images: int
    variants: tuple[AuditRecord, ...]


def audits_from_json(values: object) -> Audits:
    """The audits behind `to_json(audits)`; ValueError where fields are wrong."""
    return validated(Audits, values, "audits")


def encode_images(images: Tensor) -> str:
    """Images in [0, 1], (n, pixels), as base64 of 8 bits a pixel."""
    levels = (images.detach().cpu().clamp(0, 1) * 255).round().byte().numpy()
    return base64.b64encode(levels.tobytes()).decode()


def decode_images(text: str, count: int) -> NDArray[np.float64]:
    """The `count` images behind the text, (count, pixels) in [0, 1]."""
    levels = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.uint8)
    return levels.reshape(count, -1) / 255


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
        return json_digest(asdict(self))

    @property
    def condition(self) -> tuple[str, float, int]:
        """Variant, learning rate and epochs: of a claim's unit, whose members are alike, its whole setting."""
        return self.variant, self.members[0].lr, self.epochs


@dataclass(frozen=True)
class Outcome:
    """A confirmed member's yardsticks on the test images; `digits` its reconstructions, see `encode_images`."""

    parameters: int
    test: Reconstruction
    levels: tuple[Level, ...]
    probe_accuracy: Annotated[
        float,
        Metric(
            "test accuracy of a linear probe of the code", ".1%", SHARE, "higher", "probe",
            help="probe: test accuracy of a logistic regression on the code, learned from 10,000 training images",
        ),
    ]  # fmt: skip
    digits: str


MODEL_METRICS = metrics_of(Outcome)
"""Of a model as a whole, its reconstructions apart; by column."""


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


FinishedUnit = tuple[Unit, tuple[Record, ...]]
"""A finished unit and its records."""


@dataclass(frozen=True)
class BaselineRecord:
    """A reference line: its errors, and its reconstructions of the ten digits."""

    name: str
    valid_mse: Annotated[float, VALID_MSE]
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
    return validated(Unit, values, "unit")


def record_from_json(values: object) -> Record:
    """The record behind `to_json(record)`; ValueError where fields are wrong."""
    return validated(Record, values, "record")


def records_from_json(values: object) -> tuple[Record, ...]:
    """The records behind `to_json(records)`; ValueError where fields are wrong."""
    require(isinstance(values, list), "records", "a list", values)
    return tuple(map(record_from_json, cast(list[object], values)))


def baselines_from_json(values: object) -> Baselines:
    """The baselines behind `to_json(baselines)`; ValueError where fields are wrong."""
    return validated(Baselines, values, "baselines")
