"""The ledger adds up: by hand, and against what the plan of a whole run says it costs."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from ablating import ablate
from made_records import LOST, RECORD

from bench.analysis.tuning_tables import budget_table
from bench.data.split import Split
from bench.plan import Plan
from bench.records.records import Member, Record, Stage, Unit
from bench.report.findings import findings
from bench.run.progress import Display
from bench.run.workload import planned_model_epochs

UNTESTED = replace(RECORD, outcome=None)
"""Two epochs."""
PRUNED = replace(UNTESTED, status="pruned", history=RECORD.history[:1])


def _unit(stage: Stage, *records: Record, trials: tuple[int, ...] = ()) -> tuple[Unit, tuple[Record, ...]]:
    members = tuple(Member(record.lr, record.seed) for record in records)
    return Unit("p", "tied", stage, members, 2, trials), records


def test_ledger_by_hand() -> None:
    units = [
        _unit("tune", UNTESTED, UNTESTED, PRUNED, PRUNED, LOST, LOST, trials=(0, 0, 1, 1, 2, 2)),
        _unit("confirm", RECORD, RECORD, RECORD, LOST),
        _unit("one_lr", UNTESTED),
        _unit("claim", RECORD, LOST),
    ]
    row = budget_table(Plan(variants=("plain", "tied")), units).set_index("variant").loc["tied"]
    assert row.to_dict() == {
        "trials": 3,
        "trials_pruned": 1,
        "trials_diverged": 1,
        "tune_model_epochs": 2 * (2 + 1 + 1),
        "seeds": 4,
        "seeds_diverged": 1,
        "confirm_model_epochs": 3 * 2 + 1,
        "one_lr_model_epochs": 2,
        "claim_model_epochs": 2 + 1,
        "model_epochs": 8 + 7 + 2 + 3,
        "parameters": 1000,
        "test_readings": 3 + 1,
    }


def test_variant_without_records_has_spent_nothing() -> None:
    found = budget_table(Plan(variants=("plain", "tied")), [])
    assert found["variant"].tolist() == ["plain", "tied"]
    assert (found.drop(columns=["variant", "parameters"]) == 0).all(axis=None)
    assert found["parameters"].isna().all()


def test_variant_of_diverged_seeds_was_never_shown_the_test_images() -> None:
    row = budget_table(Plan(variants=("tied",)), [_unit("confirm", LOST, LOST)]).iloc[0]
    assert (row["seeds"], row["seeds_diverged"], row["test_readings"]) == (2, 2, 0)
    assert pd.isna(row["parameters"])


def test_whole_run_spends_what_its_plan_says(
    plan: Plan, split: Split, display: Display, folder: Path
) -> None:
    plan = replace(plan, claim_seeds=0)
    assert ablate(plan, folder, split, display)
    found = findings(folder)
    assert found.budget["model_epochs"].sum() == planned_model_epochs(plan)
    assert found.budget["test_readings"].tolist() == [plan.seeds] * 2
    assert found.budget["one_lr_model_epochs"].tolist() == [0, plan.one_lr_seeds * plan.epochs]
    assert found.one_rate["seeds"].tolist() == [plan.one_lr_seeds] * 2
    assert found.one_rate["rank_one"].isin([1, 2]).all()
