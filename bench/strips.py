"""The ten digits of a run, as they are and as each variant gives them back."""

import numpy as np
from numpy.typing import NDArray

from bench.pixels import from_text
from bench.records import Baselines, Outcome
from bench.tables import Units

Strip = tuple[str, NDArray[np.float64]]
"""A name and its images, (n, pixels) in [0, 1]."""


def strips_of(units: Units, baselines: Baselines) -> tuple[list[Strip], list[str]]:
    """The ten digits; each variant's reconstructions by its seed of median test error; PCA's.

    Beside them a line for each variant whose reconstructions are not of as many pixels.
    """
    strips, unlike = [("original", from_text(baselines.originals, len(baselines.labels)))], []
    for variant in dict.fromkeys(unit.variant for unit, _ in units):
        found = [
            record.outcome
            for unit, records in units
            for record in records
            if (unit.variant, unit.stage) == (variant, "confirm") and record.outcome
        ]
        if found:
            pixels = from_text(_median(found).digits, 1)
            if pixels.size == strips[0][1].size:
                strips.append((variant, pixels.reshape(strips[0][1].shape)))
            else:
                unlike.append(f"{variant}: its reconstructions do not have the originals' size")
    count = len(baselines.labels)
    pca = [("PCA", from_text(line.digits, count)) for line in baselines.lines if line.name == "pca"]
    return strips + pca, unlike


def _median(outcomes: list[Outcome]) -> Outcome:
    """The lower of the two in the middle where their number is even."""
    return sorted(outcomes, key=lambda outcome: outcome.test.mse)[(len(outcomes) - 1) // 2]
