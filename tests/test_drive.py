"""Chains that are run side by side are never left half asked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from bench import ablation
from bench.chain import Chain
from bench.clock import Clock
from bench.data import Split
from bench.display import Display
from bench.drive import drive
from bench.engine import Engine
from bench.engine.inline import InlineEngine
from bench.opening import open_run
from bench.plan import Plan
from bench.population import Member
from bench.provenance import manifest
from bench.records import Unit
from bench.runner import Runner


@pytest.fixture
def refusing(split: Split, display: Display, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that takes no unit at all."""
    engine = InlineEngine(split, display)

    def refuse(*_: object) -> None:
        raise OSError("no unit is taken")

    monkeypatch.setattr(InlineEngine, "submit", refuse)
    yield engine
    engine.close()


def test_every_chain_is_closed_where_the_first_unit_is_refused(
    refusing: Engine, plan: Plan, folder: Path, display: Display
) -> None:
    closed: list[int] = []

    def chain(number: int) -> Chain[None]:
        try:
            yield (Unit(plan.identity, "plain", "confirm", (Member(0.01, number),), 1),)
        finally:
            closed.append(number)

    # Held here, so that nothing but `drive` closes them.
    chains = [chain(number) for number in range(2)]
    with open_run(folder, manifest(plan, "digits")) as store:
        runner = Runner(store, display, Clock())
        with pytest.raises(OSError, match="no unit is taken"):
            drive(chains, runner, refusing)
    assert closed == [0]
    assert all(one.gi_frame is None for one in chains)


@pytest.mark.usefixtures("refusing")
def test_study_keeps_no_running_trial_where_the_first_unit_is_refused(
    plan: Plan, split: Split, folder: Path, display: Display
) -> None:
    with pytest.raises(OSError, match="no unit is taken") as kept:
        ablation.run(replace(plan, variants=("plain",)), folder, split, display)
    study = optuna.load_study(study_name="plain", storage=f"sqlite:///{folder / 'optuna.db'}")
    assert {trial.state.name for trial in study.trials} == {"FAIL"}
    # The error holds the frames, and with them the chain.
    assert kept.traceback
