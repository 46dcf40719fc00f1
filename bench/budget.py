"""What each variant really spent, from its records alone."""

from typing import Any

import pandas as pd

from bench.plan import Plan
from bench.records import TESTED, Record
from bench.tables import Units
from bench.trials import trials_of

COLUMNS = (
    "variant", "trials", "trials_pruned", "trials_diverged", "tune_model_epochs", "seeds", "seeds_diverged",
    "confirm_model_epochs", "one_lr_model_epochs", "claim_model_epochs", "model_epochs", "parameters",
    "test_readings",
)  # fmt: skip


def budget(plan: Plan, units: Units) -> pd.DataFrame:
    """One row a variant: trials, seeds, epochs of one model by what they were for, and test readings.

    A model-epoch is one model trained for one epoch, counted until the model was done, pruned or had diverged.
    A test reading is one finished model that was shown the test images.
    """
    rows = [_row(name, [pair for pair in units if pair[0].variant == name]) for name in plan.variants]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"parameters": "Int64"})


def _row(name: str, units: Units) -> dict[str, Any]:
    members = [(unit.stage, record) for unit, records in units for record in records]
    statuses = [
        trial.status for unit, records in units if unit.stage == "tune" for trial in trials_of(unit, records)
    ]
    seeds = [record.status for stage, record in members if stage == "confirm"]
    tested = [record.outcome for stage, record in members if stage in TESTED and record.outcome]
    spent = {
        f"{stage}_model_epochs": _epochs([record for there, record in members if there == stage])
        for stage in ("tune", "confirm", "one_lr", "claim")
    }
    return {
        "variant": name,
        "trials": len(statuses),
        "trials_pruned": statuses.count("pruned"),
        "trials_diverged": statuses.count("diverged"),
        "seeds": len(seeds),
        "seeds_diverged": seeds.count("diverged"),
        **spent,
        "model_epochs": sum(spent.values()),
        "parameters": max((outcome.parameters for outcome in tested), default=None),
        "test_readings": len(tested),
    }


def _epochs(records: list[Record]) -> int:
    return sum(len(record.history) for record in records)
