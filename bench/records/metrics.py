"""The yardsticks, the same for every variant: names, how they are written, when a model has escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType

from bench.io.text import with_minus


@dataclass(frozen=True)
class Metric:
    """A test error: its column, what it is, and how many decimals are sensible."""

    name: str
    title: str
    decimals: int
    lower_is_better: bool = True

    @property
    def superlative(self) -> str:
        """What the best value is: lowest or highest."""
        return "lowest" if self.lower_is_better else "highest"

    def text(self, value: float) -> str:
        """The value with sensible digits, a dash where there is none."""
        return with_minus(value, f".{self.decimals}f") if isfinite(value) else "–"

    def best(self, values: Mapping[str, float]) -> str:
        """The name whose value is best. Raises IndexError where no value is finite."""
        return self.best_first(values)[0]

    def best_first(self, values: Mapping[str, float]) -> list[str]:
        """The names whose values are finite, the best first."""
        finite = {name: value for name, value in values.items() if isfinite(value)}
        return sorted(finite, key=finite.__getitem__, reverse=not self.lower_is_better)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric("test_mse", "test error (mean squared error per pixel)", 5),
            Metric("test_sse", "test error (squared error summed over the pixels, per image)", 3),
            Metric("test_bce_nats", "test error (cross-entropy, nats per image)", 2),
            Metric("test_psnr_db", "test signal-to-noise ratio (psnr, dB)", 2, lower_is_better=False),
        )
    }
)
"""By column, the usual one first."""
ESCAPED = 0.95
"""A model has left the plateau at the mean image when its error is below this share of the mean image's."""


@dataclass(frozen=True)
class Reconstruction:
    """How close reconstructions come to their images."""

    mse: float
    """Mean squared error per pixel."""
    sse: float
    """Squared error summed over the pixels, per image."""
    bce_nats: float
    """Binary cross-entropy summed over the pixels, per image, in nats."""
    psnr_db: float
    """Peak signal-to-noise ratio of the mean squared error, 10 log10(1 / mse), in decibels."""


@dataclass(frozen=True)
class Level:
    """How well a level's two sides correspond, and how alive its encoder side is; nan where undefined."""

    level: int
    """1 to L; level L is the code, which has no decoder side."""
    nmse: float
    """Match error mean (d - e)² / var(e); 1: no better than the mean activation, inf where var(e) is 0."""
    r2: float
    """1 - nmse."""
    cka: float
    """Linear CKA of e and d (Kornblith et al. 2019): 1 means equal up to rotation and scale."""
    variance: float
    """Of an activation over the images, averaged over the units."""
    participation_ratio: float
    """Effective rank of the activations' covariance C, tr(C)² / tr(C²)."""
    saturated: float
    """Share of activations below 0.01 or above 0.99."""
    dead: float
    """Share of units with a standard deviation below 1e-3."""


def escaped(mse: float, mean_image_mse: float) -> bool:
    """Whether a model does better than 0.95 of the mean image's error, on the same images; not if nan."""
    return mse < ESCAPED * mean_image_mse


def escape_epoch(valid_mse: Sequence[float], mean_image_mse: float) -> int | None:
    """The first epoch, from 1, after which the model had escaped; None if it never did."""
    return next((n for n, mse in enumerate(valid_mse, 1) if escaped(mse, mean_image_mse)), None)
