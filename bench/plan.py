"""The frozen, validated plan of an ablation; its canonical JSON is its identity. And how a plan may grow."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from textwrap import shorten
from types import MappingProxyType
from typing import Any

from bench.io.errors import UsageError
from bench.io.files import canonical_json, json_digest
from bench.io.text import printable
from bench.io.validation import validated
from bench.seeds import FIRST_TUNING_SEED, SEED_STRIDE

PIXELS = 784
"""Of an MNIST image, 28 by 28."""
SAMPLERS = ("tpe", "random", "grid")
PRUNERS = ("none", "median", "halving")
CHOICES = MappingProxyType(
    {"sampler": SAMPLERS, "pruner": PRUNERS, "device": ("cpu", "cuda"), "precision": ("float32", "tf32")}
)
VARIANT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Of a variant, as the registry asks for it; so it can stand in a file name and in any format of a table."""
MAX_COUNT = 100_000
"""Of anything that is counted, images and pixels apart."""
MAX_SEEDS = FIRST_TUNING_SEED
"""From here on the seeds are those of the tuning."""
MAX_TUNING_SEEDS = SEED_STRIDE - FIRST_TUNING_SEED
"""From there on the seeds are those of the plan whose seed is one more."""
MAX_IMAGES = 10**8
MAX_GROWTHS = 100
MAX_LEVELS, MAX_UNITS = 64, 10**6
LR_BOUNDS = (1e-12, 1e6)
"""The lowest and the highest learning rate that anybody could mean."""
GROWABLE = ("trials", "tune_epochs", "epochs", "seeds", "one_lr_seeds", "claim_seeds")
"""What may become more; anything else makes another run."""


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
    grown_from: "Plan | None" = None
    """The plan that a run had before it was asked for more; see `grow`."""

    def __post_init__(self) -> None:
        for name in ("batch_size", "trials", "tune_epochs", "epochs", "population"):
            self._between(name, 1, MAX_COUNT)
        self._between("tune_seeds", 1, MAX_TUNING_SEEDS)
        self._between("seeds", 1, MAX_SEEDS)
        for name in ("one_lr_seeds", "claim_seeds"):
            self._between(name, 0, MAX_SEEDS)
        _require(
            self.one_lr_seeds <= self.seeds,
            "one_lr_seeds",
            f"at most the seeds {self.seeds}",
            self.one_lr_seeds,
        )
        for name in ("train_images", "valid_images", "test_images"):
            self._between(name, 10, MAX_IMAGES)
        for name in ("lr_low", "lr_high", "adam_eps"):
            value = getattr(self, name)
            _require(isfinite(value) and value > 0, name, "positive and finite", value)
        for name in ("lr_low", "lr_high"):
            self._between(name, *LR_BOUNDS)
        _require(self.lr_low < self.lr_high, "lr_low", f"below lr_high {self.lr_high:g}", f"{self.lr_low:g}")
        self._between("seed", 0, 10**12)
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            _require(value in choices, name, f"one of {', '.join(choices)}", value)
        _require(
            self.precision == "float32" or self.device == "cuda", "precision", "float32 on a CPU", "tf32"
        )
        _require(len(self.variants) > 0, "variants", "at least one name", "none")
        _require(len(set(self.variants)) == len(self.variants), "variants", "named once", self.variants)
        for name in self.variants:
            rule = "at most 40 lower-case letters, digits and underscores, a letter first"
            _require(VARIANT_NAME.fullmatch(name) is not None, "variants", f"names of {rule},", ascii(name))
        _require(
            len(self.widths) >= 2 and min(self.widths) >= 1,
            "widths",
            "two or more positive numbers",
            self.widths,
        )
        _require(
            len(self.widths) <= MAX_LEVELS and max(self.widths) <= MAX_UNITS,
            "widths", f"at most {MAX_LEVELS} of at most {MAX_UNITS:,}", self.widths,
        )  # fmt: skip
        _require(self.dataset.isprintable(), "dataset", "a name that can be printed", ascii(self.dataset))

    def _between(self, name: str, least: float, most: float) -> None:
        value = getattr(self, name)
        _require(value >= least, name, f"at least {least:g}", value)
        _require(value <= most, name, f"at most {most:,.0f}", value)

    @property
    def identity(self) -> str:
        """SHA-256 of the canonical JSON, hex: two plans are the same if this is."""
        return json_digest(self.as_json())

    @property
    def lineage(self) -> tuple["Plan", ...]:
        """The plans that this one grew from, the oldest first, and itself."""
        return (*(self.grown_from.lineage if self.grown_from else ()), self)

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON values, from which `from_json` gives the plan back; without growth not a word of it."""
        values: dict[str, Any] = json.loads(canonical_json(asdict(replace(self, grown_from=None))))
        del values["grown_from"]
        return values | ({"grown_from": self.grown_from.as_json()} if self.grown_from else {})

    @classmethod
    def from_json(cls, values: object) -> "Plan":
        """The plan with these fields; UsageError for an unknown, missing or wrong one."""
        try:
            return validated(cls, with_growth_filled_in(values), "plan")
        except ValueError as error:
            raise UsageError(str(error)) from error


def with_growth_filled_in(values: object, depth: int = 0) -> object:
    """A plan's JSON with the growth that it leaves out; ValueError for one that grew more often than anybody does."""
    if depth > MAX_GROWTHS:
        raise ValueError(f"plan must have grown at most {MAX_GROWTHS} times")
    if not isinstance(values, dict):
        return values
    before = values.get("grown_from")
    return {**values, "grown_from": None if before is None else with_growth_filled_in(before, depth + 1)}


def grow(there: Plan, wanted: Plan) -> Plan | None:
    """The plan of a run that becomes the wanted one; None where that is not only more of the same."""
    names = [field.name for field in fields(Plan) if field.name != "grown_from"]
    changed = [name for name in names if getattr(there, name) != getattr(wanted, name)]
    if not changed:
        return there
    if any(name not in GROWABLE or getattr(there, name) > getattr(wanted, name) for name in changed):
        return None
    return replace(wanted, grown_from=there)


def describe_growth(plan: Plan) -> str:
    """What the plan's last growth added, and what of it is trained anew; empty for a plan that has not grown."""
    before = plan.grown_from
    if before is None:
        return ""
    more = [name for name in GROWABLE if getattr(before, name) != getattr(plan, name)]
    said = ", ".join(f"{name} {getattr(before, name)} to {getattr(plan, name)}" for name in more)
    anew = {"tune_epochs": "every trial is trained anew", "epochs": "confirmed models are trained anew"}
    longer = "".join(f"; {text}, for longer" for name, text in anew.items() if name in more)
    return f"this run grows: {said}; what it has is kept{longer}"


def tuning_lineage(plan: Plan) -> list[Plan]:
    """The plans of the lineage whose trials are still of use: those trained for as long as now."""
    return [one for one in plan.lineage if one.tune_epochs == plan.tune_epochs]


def population_slices(lineage: Sequence[tuple[Plan, int]]) -> Iterator[tuple[Plan, slice]]:
    """What each plan asked for first, of things counted through: the plans with their counts, oldest first.

    A part holds as many as one population of its plan.
    """
    done = 0
    for plan, count in lineage:
        for start in range(done, count, plan.population):
            yield plan, slice(start, min(count, start + plan.population))
        done = max(done, count)


def _require(holds: bool, name: str, rule: str, value: object) -> None:
    if not holds:
        raise UsageError(f"{name} must be {rule} but got {shorten(printable(value), 200)}")
