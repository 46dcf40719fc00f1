"""Whether the last epochs still brought something, on curves that can be followed by eye."""

from dataclasses import replace

import pandas as pd
import pytest
from changed_findings import with_values

from bench.analysis.summary import LAST_EPOCHS, late_improvement
from bench.report.caveats import unconverged
from bench.report.findings import Findings


def curves(**ends: list[float]) -> pd.DataFrame:
    """A model a seed and variant whose error is 1 until the last epochs, in which it falls evenly to its end."""
    rows = [
        {
            "variant": name,
            "seed": seed,
            "stage": "confirm",
            "epoch": epoch,
            "valid_mse": 1 - (1 - end) * max(0, epoch - 2) / LAST_EPOCHS,
        }
        for name, seeds in ends.items()
        for seed, end in enumerate(seeds)
        for epoch in range(1, LAST_EPOCHS + 3)
    ]
    return pd.DataFrame([*rows, {**rows[0], "stage": "tune", "epoch": 99, "valid_mse": 0.0}])


def test_fall_is_the_share_of_the_last_epochs_in_the_median_seed() -> None:
    falls = late_improvement(curves(plain=[0.9, 0.5, 0.8], tied=[1.0, 1.1]))
    assert falls["plain"] == pytest.approx(0.2)
    assert falls["tied"] == pytest.approx(-0.05)


def test_variants_that_still_fall_are_named_and_others_are_not(quick: Findings) -> None:
    found = with_values(
        quick,
        plan=replace(quick.plan, epochs=LAST_EPOCHS + 2),
        epochs=curves(plain=[0.9], tied=[0.96], truncated=[0.5]),
    )
    (line,) = unconverged(found)
    assert "still fell (plain 10% and truncated 50%, in the median over the seeds)" in line


def test_short_or_finished_training_says_nothing(quick: Findings) -> None:
    done = with_values(quick, plan=replace(quick.plan, epochs=LAST_EPOCHS + 2), epochs=curves(plain=[0.96]))
    assert not list(unconverged(done))
    assert not list(unconverged(with_values(quick, plan=replace(quick.plan, epochs=LAST_EPOCHS))))


def test_model_that_diverged_early_does_not_count() -> None:
    whole = curves(plain=[0.9, 0.8])
    early = whole[(whole["seed"] == 0) | (whole["epoch"] < LAST_EPOCHS)]
    assert late_improvement(early)["plain"] == pytest.approx(0.1)
    assert late_improvement(whole[whole["epoch"] < LAST_EPOCHS]).isna().all()
