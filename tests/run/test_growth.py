"""A run that is asked for more keeps what it has and trains only what is missing."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from ablating import ablate
from finished_run import FinishedRuns, tables, write_tables
from rich.console import Console

from bench.data.split import Split
from bench.engine import work
from bench.io.errors import UsageError
from bench.plan import Plan, describe_growth, grow, population_slices
from bench.records.records import Unit
from bench.run.progress import Display
from bench.run.store import read_run
from bench.run.workload import current_units
from bench.tuning.trials import first_learning_rates
from bench.tuning.tune import round_sizes


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Unit]:
    """The units that are trained from here on."""
    units: list[Unit] = []
    train = work.train

    def remember(unit: Unit, *rest: object) -> object:
        units.append(unit)
        return train(unit, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "train", remember)
    return units


@pytest.fixture
def begun(plan: Plan, runs: FinishedRuns, folder: Path) -> Path:
    """The folder of the plan's finished run."""
    return runs.copy(plan, folder)


def test_more_seeds_train_the_new_ones_only(
    plan: Plan, split: Split, begun: Path, display: Display, trained: list[Unit]
) -> None:
    before = _members(begun)
    more = replace(plan, seeds=5)
    assert ablate(more, begun, split, display)
    assert {(unit.stage, len(unit.members)) for unit in trained} == {("confirm", 3)}
    after = _members(begun)
    assert sorted(after["seed"].unique()) == [0, 1, 2, 3, 4]
    pd.testing.assert_frame_equal(after[after["seed"] < 2].reset_index(drop=True), before)


@pytest.mark.parametrize("sampler", ["tpe", "grid", "random"])
def test_more_trials_go_on_with_the_study(
    plan: Plan,
    runs: FinishedRuns,
    split: Split,
    folder: Path,
    display: Display,
    trained: list[Unit],
    sampler: str,
) -> None:
    plan = replace(plan, sampler=sampler)
    runs.copy(plan, folder)
    first = _table(folder, "trials")
    trained.clear()
    assert ablate(replace(plan, trials=5), folder, split, display)
    tuned = [unit for unit in trained if unit.stage == "tune"]
    assert {number for unit in tuned for number in unit.trials} == {2, 3, 4}
    after = _table(folder, "trials")
    kept = after[after["trial"] < 2].drop(columns="best").reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, first.drop(columns="best"))
    assert after.groupby("variant").size().to_dict() == {"plain": 5, "tied": 5}


def test_rate_that_is_no_longer_the_best_leaves_the_tables_but_not_the_ledger(
    plan: Plan, split: Split, folder: Path, display: Display, trained: list[Unit]
) -> None:
    plan = replace(plan, sampler="grid", trials=1, variants=("plain",), lr_low=1e-6, lr_high=1e-1)
    ablate(plan, folder, split, display)
    (slow,) = set(_members(folder)["lr"])
    trained.clear()
    assert ablate(replace(plan, trials=3), folder, split, display)
    (fast,) = set(_members(folder)["lr"])
    assert fast > slow
    assert [len(unit.members) for unit in trained if unit.stage == "confirm"] == [2]
    assert _table(folder, "budget")["confirm_model_epochs"].tolist() == [2 * 2 * plan.epochs]


def test_more_epochs_keep_the_tuning_and_train_longer(
    plan: Plan, split: Split, begun: Path, display: Display, trained: list[Unit]
) -> None:
    assert ablate(replace(plan, epochs=3), begun, split, display)
    assert {unit.stage for unit in trained} == {"confirm", "one_lr"}
    members = _members(begun)
    assert len(members) == 4
    assert set(members["epochs"]) == {3}


def test_grown_run_goes_on_after_a_stop_with_the_same_tables(
    plan: Plan,
    runs: FinishedRuns,
    split: Split,
    begun: Path,
    tmp_path: Path,
    display: Display,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = runs.copy(plan, tmp_path / "other")
    more = replace(plan, trials=4, seeds=3, epochs=3)
    ablate(more, begun, split, display)
    with monkeypatch.context() as patched:
        patched.setattr(work, "train", _stop)
        with pytest.raises(KeyboardInterrupt):
            ablate(more, other, split, display)
    ablate(more, other, split, display)
    assert tables(begun) == tables(other)


def test_growth_is_said_and_stays_in_the_manifest(plan: Plan, split: Split, begun: Path) -> None:
    console = Console(record=True, quiet=False, width=200, file=None, force_terminal=False)
    more = replace(plan, seeds=3, epochs=3)
    ablate(more, begun, split, Display(console))
    said = console.export_text()
    assert "this run grows: epochs 2 to 3, seeds 2 to 3; what it has is kept" in said
    assert "confirmed models are trained anew, for longer" in said
    assert read_run(begun).plan.lineage == (plan, replace(more, grown_from=plan))


def test_run_of_less_is_refused(plan: Plan, split: Split, begun: Path, display: Display) -> None:
    with pytest.raises(UsageError, match="seeds: 2 there, 1 asked for"):
        ablate(replace(plan, seeds=1, trials=9), begun, split, display)
    assert read_run(begun).plan == plan


def test_only_more_of_the_same_is_growth() -> None:
    plan = Plan()
    assert grow(plan, plan) == plan
    assert grow(plan, replace(plan, seeds=9)) == replace(plan, seeds=9, grown_from=plan)
    assert grow(plan, replace(plan, seeds=4)) is None
    assert grow(plan, replace(plan, seeds=9, batch_size=64)) is None
    assert describe_growth(plan) == ""
    assert Plan.from_json(replace(plan, seeds=9, grown_from=plan).as_json()).grown_from == plan


def test_grown_grid_goes_on_in_its_widest_gaps() -> None:
    plan = Plan(sampler="grid", trials=2, lr_low=1e-4, lr_high=1.0)
    assert first_learning_rates(plan) == pytest.approx([1e-3, 1e-1])
    more = replace(plan, trials=4, grown_from=plan)
    assert first_learning_rates(more) == pytest.approx([1e-3, 1e-1, 1e-2, 10**-3.5])


def test_rounds_and_parts_of_a_grown_plan_begin_with_those_of_the_first() -> None:
    plan = Plan(trials=6, seeds=5, population=4)
    more = replace(plan, trials=8, seeds=12, grown_from=plan)
    assert list(round_sizes(plan)) == [3, 3]
    assert list(round_sizes(more)) == [3, 3, 2]
    found = [(one is more, part.start, part.stop) for one, part in population_slices([(plan, 5), (more, 12)])]
    assert found == [(False, 0, 4), (False, 4, 5), (True, 5, 9), (True, 9, 12)]


def test_plan_that_never_grew_keeps_every_unit() -> None:
    units = [(Unit(Plan().identity, "plain", "confirm", (), 3), ())]
    assert current_units(Plan(), units) == units


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _table(folder: Path, name: str) -> pd.DataFrame:
    write_tables(folder)
    return pd.read_csv(folder / "tables" / f"{name}.csv")


def _members(folder: Path) -> pd.DataFrame:
    members = _table(folder, "members")
    return members[members["seed"].notna()].reset_index(drop=True)
