"""The test errors that a report can put first: what they are called and how they are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType

from bench.wording import with_minus


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
