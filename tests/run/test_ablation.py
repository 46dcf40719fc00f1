"""A whole run: what it leaves, and that no interruption changes a byte of it."""

import math
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
import torch
from ablating import ablate
from finished_run import FinishedRuns, tables

from bench.data.split import Split
from bench.engine import work
from bench.io.errors import UsageError
from bench.plan import Plan
from bench.records.records import Unit
from bench.report.publish import publish
from bench.run.progress import Display
from bench.run.store import read_run
from bench.training.model_files import load_model, model_facts


@pytest.fixture
def whole(plan: Plan, runs: FinishedRuns, folder: Path) -> Path:
    """The plan's uninterrupted run, a copy to spoil."""
    return runs.copy(plan, folder)


def test_interrupted_run_ends_with_the_same_bytes(
    plan: Plan, split: Split, display: Display, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "interrupted"
    train = work.train
    for finished in (0, 1, 3):
        left = [None] * finished

        def stopping(*arguments: object, left: list[None] = left) -> object:
            if not left:
                raise KeyboardInterrupt
            left.pop()
            return train(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(work, "train", stopping)
        with pytest.raises(KeyboardInterrupt):
            ablate(plan, folder, split, display)
    monkeypatch.setattr(work, "train", train)
    assert _run(plan, folder, split, display) == tables(whole)


def test_finished_run_trains_nothing_again(
    plan: Plan, split: Split, display: Display, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(whole)
    monkeypatch.setattr(work, "train", _unexpected)
    assert _run(plan, whole, split, display) == before


def test_everything_but_the_records_can_be_rebuilt(whole: Path) -> None:
    publish(whole)
    before = _made_from_records(whole)
    for name in before:
        (whole / name).unlink()
    (whole / "optuna.db").unlink()
    publish(whole)
    assert _made_from_records(whole) == before


def test_run_leaves_what_it_says(plan: Plan, whole: Path) -> None:
    publish(whole)
    found = {str(path.relative_to(whole)) for path in whole.rglob("*") if path.is_file()}
    expected = {
        "manifest.json",
        "optuna.db",
        "timings.csv",
        "report.html",
        "report.md",
        "SHA256SUMS",
        "models/SHA256SUMS",
        "units/baselines.json",
        "units/audit.json",
    }
    expected |= {
        f"tables/{name}.csv"
        for name in (
            "summary", "contrasts", "attribution", "one_rate", "budget", "expected_best", "claims", "members",
            "levels", "trials", "epochs", "audit",
        )
    }  # fmt: skip
    expected |= {f"figures/{name}.svg" for name in ("error", "reconstructions", "epochs", "lr", "levels")}
    expected |= {
        f"tables/{name}.tex"
        for name in (
            "headline",
            "contrasts",
            "attribution",
            "levels",
            "claims",
            "rules",
            "one_rate",
            "budget",
        )
    }
    expected |= {f"models/{name}.safetensors" for name in plan.variants}
    assert expected <= found
    units = {name for name in found - expected if name.startswith("units/")}
    assert len(units) == 7
    assert found - expected - units <= {".lock"}


def test_studies_can_be_opened_with_optuna(plan: Plan, whole: Path) -> None:
    storage = f"sqlite:///{whole / 'optuna.db'}"
    for name in plan.variants:
        study = optuna.load_study(study_name=name, storage=storage)
        assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * plan.trials
        assert {len(trial.intermediate_values) for trial in study.trials} == {plan.tune_epochs}


def test_best_model_is_the_one_of_the_lowest_validation_error(
    plan: Plan, split: Split, runs: FinishedRuns
) -> None:
    folder = runs.of(replace(plan, population=1))
    for name in plan.variants:
        path = folder / "models" / f"{name}.safetensors"
        records = [
            record
            for unit, records in read_run(folder).units()
            for record in records
            if unit.variant == name and unit.stage == "confirm"
        ]
        best = min(records, key=lambda record: record.valid_mse)
        assert model_facts(path)["seed"] == str(best.seed)
        with torch.no_grad():
            error = (load_model(path)(split.test.images).decoder[0] - split.test.images).square().mean()
        assert best.outcome is not None
        assert error.item() == pytest.approx(best.outcome.test.mse, rel=1e-5)


def test_model_that_was_deleted_comes_back(plan: Plan, split: Split, display: Display, folder: Path) -> None:
    plan = replace(plan, population=1, variants=("plain",))
    before = _run(plan, folder, split, display)
    path = folder / "models" / "plain.safetensors"
    model, facts = load_model(path), model_facts(path)
    path.unlink()
    assert _run(plan, folder, split, display) == before
    assert model_facts(path) == facts
    assert all(map(torch.equal, model.parameters(), load_model(path).parameters()))


def test_folder_of_another_plan_is_refused(plan: Plan, split: Split, display: Display, whole: Path) -> None:
    with pytest.raises(UsageError, match="epochs: 2 there, 1 asked for"):
        ablate(replace(plan, epochs=1), whole, split, display)


def test_variant_that_diverges_at_every_rate_is_reported_and_the_others_finish(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = work.train

    def losing(unit, variant, *rest):  # type: ignore[no-untyped-def]
        if variant.name != "tied":
            return train(unit, variant, *rest)
        lost = replace(unit, members=tuple(replace(member, lr=math.inf) for member in unit.members))
        result = train(lost, variant, *rest)
        records = zip(result.records, unit.members, strict=True)
        return replace(result, records=tuple(replace(record, lr=member.lr) for record, member in records))

    monkeypatch.setattr(work, "train", losing)
    assert not ablate(plan, folder, split, display)
    publish(folder)
    report = (folder / "report.md").read_text()
    assert "**This run is not complete.** tied: 0 of 2 seeds confirmed, for no trial finished." in report
    assert "| tied | – |" in report
    assert "test images is plain's" in report


@pytest.mark.parametrize("finished", [0, 1])
def test_tuning_that_could_not_be_finished_is_told_from_one_without_a_finished_trial(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch, finished: int
) -> None:
    train = work.train

    def failing(unit: Unit, *rest: object) -> object:
        if unit.trials[0] >= finished:
            raise MemoryError
        return train(unit, *rest)  # type: ignore[arg-type]

    said: list[str] = []
    monkeypatch.setattr(display, "line", said.append)
    monkeypatch.setattr(work, "train", failing)
    plan = replace(plan, variants=("plain",), sampler="grid", population=1)
    assert not ablate(plan, folder, split, display)
    assert said[-1] == f"plain: its tuning could not be finished: {finished} of 2 trials"
    assert not any("no trial finished" in line for line in said)


def _run(plan: Plan, folder: Path, split: Split, display: Display) -> dict[str, bytes]:
    assert ablate(plan, folder, split, display)
    return tables(folder)


def _made_from_records(folder: Path) -> dict[str, bytes]:
    paths = [
        *folder.glob("tables/*"),
        *folder.glob("figures/*"),
        folder / "report.html",
        folder / "report.md",
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _unexpected(*arguments: object) -> None:
    raise AssertionError(f"trained again: {arguments[0]}")


def test_model_one_bit_of_which_changed_comes_back(
    plan: Plan, split: Split, display: Display, folder: Path
) -> None:
    plan = replace(plan, variants=("plain",))
    before = _run(plan, folder, split, display)
    path = folder / "models" / "plain.safetensors"
    whole = load_model(path)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    assert _run(plan, folder, split, display) == before
    assert all(map(torch.equal, whole.parameters(), load_model(path).parameters()))
