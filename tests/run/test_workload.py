"""What a run has of its plan is counted by what the plan asks for, and by nothing else that lies there."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from made_records import RECORD
from made_runs import make_run

from bench.analysis.claims import question
from bench.analysis.claims.claim import Claim, Evidence, Setting, Verdict
from bench.plan import Plan
from bench.records.records import Member, Unit
from bench.report.findings import findings
from bench.run.failures import Failure, note_failure
from bench.run.lock import open_run
from bench.run.manifest import make_manifest
from bench.run.status import run_status
from bench.run.store import read_run
from bench.run.workload import Completion

STATED = (Setting("plain", 0.02), Setting("tied", 0.02), Setting("plain", 0.03, 50))
"""The last is beyond the plan of these tests."""
LR = 0.01


@pytest.fixture(autouse=True)
def claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim for each of the settings, on any data."""
    found = [
        Claim(f"M{number}", "it learns", "never", _learns, (one.variant,), (one,))
        for number, one in enumerate(STATED)
    ]
    monkeypatch.setattr(question, "QUESTION_CLAIMS", tuple(found))
    monkeypatch.setattr("bench.analysis.claims.conditions.STATED", {})


@pytest.fixture
def confirmed(folder: Path) -> Plan:
    """The plan of a run in the folder whose seeds are confirmed, and no more."""
    make_run(folder, {"plain": [0.02, 0.03], "tied": [0.02, 0.03]}, one_lr_seeds=0, claim_seeds=2)
    return read_run(folder).plan


def test_models_of_a_claim_beyond_the_plan_do_not_stand_for_those_within(
    folder: Path, confirmed: Plan
) -> None:
    before = run_status(folder)
    _put(folder, _claimed(confirmed, STATED[2], 50))
    found = run_status(folder)
    assert found.variants["plain"]["claim"] == Completion(0, 2)
    assert found.model_epochs == before.model_epochs
    missing = findings(folder).missing
    assert "plain: 0 of 2 models for claims done" in missing
    assert "tied: 0 of 2 models for claims done" in missing
    ledger = findings(folder).claims.set_index("claim")
    assert ledger.loc["M2", "figure"] == "it learned"
    assert findings(folder).budget["claim_model_epochs"].tolist() == [2 * len(RECORD.history), 0]


def test_models_of_a_claim_at_the_epochs_of_before_are_not_those_of_a_grown_plan(
    folder: Path, confirmed: Plan
) -> None:
    _put(folder, _claimed(confirmed, STATED[0], confirmed.epochs))
    assert run_status(folder).variants["plain"]["claim"] == Completion(2, 2)
    assert "plain: 0 of 2 models for claims done" not in findings(folder).missing
    _grow(folder, replace(confirmed, epochs=confirmed.epochs + 1))
    found = run_status(folder)
    assert found.variants["plain"]["claim"] == Completion(0, 2)
    assert found.model_epochs.done == 0


def test_failure_that_a_grown_plan_no_longer_asks_for_is_not_reported(folder: Path, confirmed: Plan) -> None:
    short = Unit(confirmed.identity, "tied", "confirm", _members(LR), confirmed.epochs)
    units = (short, _claimed(confirmed, STATED[0], confirmed.epochs), _claimed(confirmed, STATED[2], 50))
    for unit in units:
        note_failure(folder, Failure(unit, "MemoryError"))
    lines = [
        "plain: 2 models of stage claim failed: MemoryError",
        "plain: 2 models of stage claim failed: MemoryError",
        "tied: 2 models of stage confirm failed: MemoryError",
    ]
    assert [str(one) for one in run_status(folder).failed] == lines
    assert [line for line in findings(folder).missing if "failed" in line] == lines
    _grow(folder, replace(confirmed, epochs=confirmed.epochs + 1))
    assert [one.unit for one in run_status(folder).failed] == [units[2]]
    assert [line for line in findings(folder).missing if "failed" in line] == lines[:1]


def test_failure_at_a_rate_that_is_still_the_tuned_one_is_reported_after_growth(
    folder: Path, confirmed: Plan
) -> None:
    tuned = Unit(confirmed.identity, "tied", "tune", _members(LR, 1), confirmed.tune_epochs, (0,))
    _put(folder, tuned)
    _grow(folder, replace(confirmed, seeds=3))
    for lr in (LR, 2 * LR):
        unit = Unit(confirmed.identity, "tied", "confirm", _members(lr), confirmed.epochs)
        note_failure(folder, Failure(unit, f"at {lr}"))
    assert [str(one) for one in run_status(folder).failed] == [
        "tied: 2 models of stage confirm failed: at 0.01"
    ]


def _learns(_: Evidence) -> Verdict:
    return Verdict("supported", "it learned")


def _members(lr: float, seeds: int = 2) -> tuple[Member, ...]:
    return tuple(Member(lr, seed) for seed in range(seeds))


def _claimed(plan: Plan, setting: Setting, epochs: int) -> Unit:
    return Unit(plan.identity, setting.variant, "claim", _members(setting.lr), epochs)


def _put(folder: Path, *units: Unit) -> None:
    """Records of these units, whatever they say."""
    for unit in units:
        records: Sequence[object] = [
            replace(RECORD, lr=one.lr, seed=one.seed, outcome=RECORD.outcome if not unit.trials else None)
            for one in unit.members
        ]
        read_run(folder).put(unit, tuple(records))  # type: ignore[arg-type]


def _grow(folder: Path, plan: Plan) -> None:
    with open_run(folder, make_manifest(plan, "digits")):
        pass
