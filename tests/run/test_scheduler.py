"""Workflows that are run side by side are never left half asked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from ablating import ablate

from bench.data.split import Split
from bench.engine.inline import InlineEngine
from bench.engine.protocol import Engine
from bench.io.clock import Clock
from bench.plan import Plan
from bench.records.jobs import Workflow
from bench.records.records import Member, Unit
from bench.run.lock import open_run
from bench.run.manifest import make_manifest
from bench.run.progress import Display
from bench.run.runner import Runner
from bench.run.scheduler import run_workflows


@pytest.fixture
def refusing(split: Split, display: Display, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that takes no unit at all."""
    engine = InlineEngine(split, display.tell)

    def refuse(*_: object) -> None:
        raise OSError("no unit is taken")

    monkeypatch.setattr(InlineEngine, "submit", refuse)
    yield engine
    engine.close()


def test_every_chain_is_closed_where_the_first_unit_is_refused(
    refusing: Engine, plan: Plan, folder: Path, display: Display
) -> None:
    closed: list[int] = []

    def workflow(number: int) -> Workflow[None]:
        try:
            yield (Unit(plan.identity, "plain", "confirm", (Member(0.01, number),), 1),)
        finally:
            closed.append(number)

    # Held here, so that nothing but `run_workflows` closes them.
    workflows = [workflow(number) for number in range(2)]
    with open_run(folder, make_manifest(plan, "digits")) as store:
        runner = Runner(store, display, Clock(), refusing)
        with pytest.raises(OSError, match="no unit is taken"):
            run_workflows(workflows, runner)
    assert closed == [0]
    assert all(one.gi_frame is None for one in workflows)


@pytest.mark.usefixtures("refusing")
def test_study_keeps_no_running_trial_where_the_first_unit_is_refused(
    plan: Plan, split: Split, folder: Path, display: Display
) -> None:
    with pytest.raises(OSError, match="no unit is taken") as kept:
        ablate(replace(plan, variants=("plain",)), folder, split, display)
    study = optuna.load_study(study_name="plain", storage=f"sqlite:///{folder / 'optuna.db'}")
    assert {trial.state.name for trial in study.trials} == {"FAIL"}
    # The error holds the frames, and with them the workflow.
    assert kept.traceback
