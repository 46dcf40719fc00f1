"""The yardsticks, the same for every variant: each declared once, with all that tables and figures say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import inf, isfinite
from types import MappingProxyType
from typing import Annotated, Literal, get_type_hints

from bench.io.text import with_minus

Range = tuple[float, float]
ANY: Range = (-inf, inf)
SIZE: Range = (0.0, inf)
SHARE: Range = (0.0, 1.0)
ESCAPED = 0.95
"""A model has left the plateau at the mean image when its error is below this share of the mean image's."""


@dataclass(frozen=True)
class Metric:
    """A yardstick: what it is, how it is written, where it lies and which end is best.

    A field of records is one by its type, `Annotated[float, Metric(…)]`; `metrics_of` tells them with their names.
    """

    title: str
    """What it is, on an axis and in a sentence."""
    form: str
    """How it is written, as Python's `format` says it."""
    range: Range = ANY
    """Where it lies, both ends included; nan, where it is undefined, lies nowhere."""
    direction: Literal["lower", "higher", "neither"] = "lower"
    """Which is better."""
    column: str = ""
    """What heads its column in the report; empty where no table shows it."""
    help: str = ""
    """What the column holds, in a clause that begins with its name."""
    up_to: float = inf
    """Above it nothing more is said than that: so a match error where activations hardly vary."""
    name: str = ""
    """Of the column in `tables/`; `metrics_of` gives it."""

    @property
    def lower_is_better(self) -> bool:
        """Whether the least value is the best."""
        return self.direction == "lower"

    @property
    def superlative(self) -> str:
        """What the best value is: lowest or highest."""
        return "lowest" if self.lower_is_better else "highest"

    @property
    def range_rule(self) -> str:
        """Its range in words."""
        low, high = self.range
        return f"{low:g} to {high:g}" if isfinite(high) else f"at least {low:g}"

    def text(self, value: float) -> str:
        """The value with sensible digits, a dash where there is none."""
        if value > self.up_to:
            return f">{self.up_to:g}"
        return with_minus(value, self.form) if isfinite(value) else "–"

    def rough(self, value: float) -> str:
        """The value to one digit fewer, for the ends of a range."""
        digits, kind = int(self.form[1:-1]), self.form[-1]
        return with_minus(value, f".{digits - 1}{kind}")

    def best(self, values: Mapping[str, float]) -> str:
        """The name whose value is best. Raises IndexError where no value is finite."""
        return self.best_first(values)[0]

    def best_first(self, values: Mapping[str, float]) -> list[str]:
        """The names whose values are finite, the best first."""
        finite = {name: value for name, value in values.items() if isfinite(value)}
        return sorted(finite, key=finite.__getitem__, reverse=not self.lower_is_better)


@cache
def metrics_of(kind: type, prefix: str = "") -> Mapping[str, Metric]:
    """The yardsticks among a dataclass's fields, by the names of their columns: the fields' own after the prefix."""
    found = {
        prefix + field: metric
        for field, hint in get_type_hints(kind, include_extras=True).items()
        for metric in getattr(hint, "__metadata__", ())
        if isinstance(metric, Metric)
    }
    return MappingProxyType({name: replace(metric, name=name) for name, metric in found.items()})


@dataclass(frozen=True)
class Reconstruction:
    """How close reconstructions come to their test images."""

    mse: Annotated[float, Metric("test error (mean squared error per pixel)", ".5f", SIZE)]
    """Mean squared error per pixel."""
    sse: Annotated[float, Metric("test error (squared error summed over the pixels, per image)", ".3f", SIZE)]
    """Squared error summed over the pixels, per image."""
    bce_nats: Annotated[float, Metric("test error (cross-entropy, nats per image)", ".2f", SIZE)]
    """Binary cross-entropy summed over the pixels, per image, in nats."""
    psnr_db: Annotated[float, Metric("test signal-to-noise ratio (psnr, dB)", ".2f", direction="higher")]
    """Peak signal-to-noise ratio of the mean squared error, 10 log10(1 / mse), in decibels."""


METRICS = metrics_of(Reconstruction, "test_")
"""What variants are ranked by, by column, the usual one first."""
VALID_MSE = Metric("validation error (mse)", ".5f", SIZE, column="mse")


@dataclass(frozen=True)
class Epoch:
    """A member's reconstruction of the validation images after one epoch."""

    valid_mse: Annotated[float, VALID_MSE]
    valid_bce_nats: Annotated[float, Metric("validation error (cross-entropy, nats per image)", ".2f", SIZE)]


@dataclass(frozen=True)
class Level:
    """How well a level's two sides correspond, and how alive its encoder side is; nan where undefined."""

    level: int
    """1 to L; level L is the code, which has no decoder side."""
    nmse: Annotated[
        float,
        Metric(
            "match error (nmse)", ".3g", SIZE, column="match", up_to=1000,
            help="match: match error, 1 is no better than the mean activation",
        ),
    ]  # fmt: skip
    """Match error mean (d - e)² / var(e); 1: no better than the mean activation, inf where var(e) is 0."""
    r2: Annotated[
        float, Metric("share of the variance that the other side explains", ".2f", direction="higher")
    ]
    """1 - nmse."""
    cka: Annotated[
        float,
        Metric(
            "linear CKA", ".2f", SIZE, "higher", "CKA",
            help="CKA: linear centred kernel alignment of the two sides",
        ),
    ]  # fmt: skip
    """Linear CKA of e and d (Kornblith et al. 2019): 1 means equal up to rotation and scale."""
    variance: Annotated[
        float,
        Metric(
            "variance", ".2g", SIZE, "neither", "variance",
            help="variance: of an activation between images",
        ),
    ]  # fmt: skip
    """Of an activation over the images, averaged over the units."""
    participation_ratio: Annotated[
        float,
        Metric(
            "participation ratio", ".1f", SIZE, "neither", "rank",
            help="rank: participation ratio of the activations' covariance",
        ),
    ]  # fmt: skip
    """Effective rank of the activations' covariance C, tr(C)² / tr(C²)."""
    saturated: Annotated[
        float,
        Metric(
            "saturated activations", ".0%", SHARE, "neither", "saturated",
            help="saturated: activations below 0.01 or above 0.99",
        ),
    ]  # fmt: skip
    """Share of activations below 0.01 or above 0.99."""
    dead: Annotated[
        float,
        Metric(
            "dead units", ".0%", SHARE, "lower", "dead units",
            help="dead: units with a standard deviation below 0.001",
        ),
    ]  # fmt: skip
    """Share of units with a standard deviation below 1e-3."""


LEVEL_METRICS = metrics_of(Level)
"""By column, in the order of the report's."""


def escaped(mse: float, mean_image_mse: float) -> bool:
    """Whether a model does better than 0.95 of the mean image's error, on the same images; not if nan."""
    return mse < ESCAPED * mean_image_mse


def escape_epoch(valid_mse: Sequence[float], mean_image_mse: float) -> int | None:
    """The first epoch, from 1, after which the model had escaped; None if it never did."""
    return next((n for n, mse in enumerate(valid_mse, 1) if escaped(mse, mean_image_mse)), None)
