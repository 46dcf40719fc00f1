"""The frozen, validated plan of an ablation; its canonical JSON is its identity."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from types import MappingProxyType
from typing import Any

from bench.errors import UsageError

PIXELS = 784
"""Of an MNIST image, 28 by 28."""
SAMPLERS = ("tpe", "random", "grid")
PRUNERS = ("none", "median", "halving")
CHOICES = MappingProxyType(
    {"sampler": SAMPLERS, "pruner": PRUNERS, "device": ("cpu", "cuda"), "precision": ("float32", "tf32")}
)


@dataclass(frozen=True)
class Plan:
    """Everything that decides the numbers of a run. Raises UsageError for a value out of its range."""

    variants: tuple[str, ...] = ("plain", "layer_bce", "layer_mse", "truncated", "tied")
    widths: tuple[int, ...] = (784, 400, 200, 100, 50)
    batch_size: int = 128
    adam_eps: float = 1e-8
    trials: int = 6
    """Learning rates tried for each variant."""
    tune_epochs: int = 4
    tune_seeds: int = 1
    """Models trained for each trial, whose median validation error is its value."""
    epochs: int = 9
    """Epochs of each confirmation model."""
    seeds: int = 5
    """Confirmation models for each variant, at its tuned learning rate."""
    one_lr_seeds: int = 1
    """Models for each variant at plain's tuned learning rate, for as many epochs; 0 leaves the contrast out."""
    claim_seeds: int = 3
    """Models for each claim that is tried under its own conditions; 0 tries none."""
    dataset: str = "mnist"
    lr_low: float = 3e-4
    lr_high: float = 3e-2
    sampler: str = "tpe"
    pruner: str = "none"
    population: int = 8
    """The most models trained as one."""
    train_images: int = 55_000
    valid_images: int = 5_000
    test_images: int = 10_000
    seed: int = 0
    device: str = "cpu"
    precision: str = "float32"
    """Of matrix products; tf32 rounds their factors to 10 bits and is for a GPU."""

    def __post_init__(self) -> None:
        for name in ("batch_size", "trials", "tune_epochs", "tune_seeds", "epochs", "seeds", "population"):
            _require(getattr(self, name) >= 1, name, "at least 1", getattr(self, name))
        for name in ("one_lr_seeds", "claim_seeds"):
            _require(getattr(self, name) >= 0, name, "at least 0", getattr(self, name))
        _require(
            self.one_lr_seeds <= self.seeds,
            "one_lr_seeds",
            f"at most the seeds {self.seeds}",
            self.one_lr_seeds,
        )
        for name in ("train_images", "valid_images", "test_images"):
            _require(getattr(self, name) >= 10, name, "at least 10", getattr(self, name))
        for name in ("lr_low", "lr_high", "adam_eps"):
            value = getattr(self, name)
            _require(isfinite(value) and value > 0, name, "positive and finite", value)
        _require(self.lr_low < self.lr_high, "lr_low", f"below lr_high {self.lr_high:g}", f"{self.lr_low:g}")
        _require(self.seed >= 0, "seed", "at least 0", self.seed)
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            _require(value in choices, name, f"one of {', '.join(choices)}", value)
        _require(
            self.precision == "float32" or self.device == "cuda", "precision", "float32 on a CPU", "tf32"
        )
        _require(len(self.variants) > 0, "variants", "at least one name", "none")
        _require(len(set(self.variants)) == len(self.variants), "variants", "named once", self.variants)
        _require(
            len(self.widths) >= 2 and min(self.widths) >= 1, "widths", "two or more positive", self.widths
        )

    @property
    def identity(self) -> str:
        """SHA-256 of the canonical JSON, hex: two plans are the same if this is."""
        return hashlib.sha256(canonical_json(asdict(self)).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON values, from which `from_json` gives the plan back."""
        values: dict[str, Any] = json.loads(canonical_json(asdict(self)))
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Plan":
        """The plan with these fields; UsageError for an unknown or missing one."""
        names = {field.name for field in fields(cls)}
        _require(set(values) == names, "plan", f"exactly the fields {sorted(names)}", sorted(values))
        tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return cls(**{**values, **tuples})


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN. Raises ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def _require(holds: bool, name: str, rule: str, value: object) -> None:
    if not holds:
        raise UsageError(f"{name} must be {rule} but got {value}")
