"""Whether training had come to its end: what the last epochs still brought."""

from collections.abc import Iterator

import pandas as pd

from bench.contestants import contestants
from bench.digits import number
from bench.findings import Findings
from bench.wording import count, listing

LAST = 5
"""Epochs that are looked at."""
MATERIAL = 0.05
"""A variant whose error still falls by this share had not come to its end."""


def still_falling(found: Findings) -> Iterator[str]:
    """Which contestants would have gone on, if any: where the clock stops decides their order too."""
    if found.plan.epochs <= LAST:
        return
    falls = last_falls(found.epochs)
    told = [
        f"{name} {number(falls[name], '.0%')}"
        for name in contestants(found.plan)
        if name in falls.index and falls[name] >= MATERIAL
    ]
    if told:
        yield (
            f"Training had not come to its end: over the last {count(LAST, 'epoch')} the validation error still fell "
            f"({listing(told)}, in the median over the seeds), so more epochs may change the order."
        )


def last_falls(epochs: pd.DataFrame) -> "pd.Series[float]":
    """By variant, the share by which a confirmed model's validation error fell in its last epochs, median over seeds.

    epochs: as `bench.tables` gives it. Models that were not trained for more than so many epochs do not count.
    """
    confirmed = epochs[epochs["stage"] == "confirm"].sort_values("epoch")
    models = confirmed.groupby(["variant", "seed"], sort=False)["valid_mse"]
    shares = models.agg(_fall)
    return shares.groupby("variant", sort=False).median()


def _fall(errors: "pd.Series[float]") -> float:
    """Of one model; nan where it diverged before it had so many epochs."""
    return float(1 - errors.iloc[-1] / errors.iloc[-1 - LAST]) if len(errors) > LAST else float("nan")
