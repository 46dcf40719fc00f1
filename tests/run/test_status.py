"""The status of a run says what is done, running, failed and left, also while it runs."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from ablating import ablate

from bench.cli.status import show_status
from bench.data.split import Split
from bench.engine import work
from bench.io.console import console
from bench.plan import Plan
from bench.records.records import Unit
from bench.run import progress
from bench.run.failures import Failure, note_failure
from bench.run.lock import open_run
from bench.run.manifest import make_manifest
from bench.run.progress import Display, ProgressFile, is_running
from bench.run.progress import read_progress as said_by
from bench.run.status import run_status
from bench.run.store import read_run
from bench.run.workload import Completion


def test_run_that_was_interrupted_shows_what_is_done_and_left(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    train = work.train

    def tuning_only(unit: Unit, *rest: object) -> object:
        if unit.stage != "tune":
            raise KeyboardInterrupt
        return train(unit, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "train", tuning_only)
    with pytest.raises(KeyboardInterrupt):
        ablate(plan, folder, split, display)
    found = run_status(folder)
    assert found.variants["plain"] == {
        "tune": Completion(2, 2), "confirm": Completion(0, 2), "one_lr": Completion(0, 0), "claim": Completion(0, 0)
    }  # fmt: skip
    assert found.variants["tied"]["one_lr"] == Completion(0, 1)
    assert found.model_epochs == Completion(4, 14)
    assert found.now is None
    assert found.seconds_each is not None
    assert found.seconds_each > 0
    show_status(folder)
    shown = capsys.readouterr().out
    assert f"no aebench is working in {folder}" in " ".join(shown.split())
    assert "4 of 14 model-epochs done, 10 left: about " in shown


def test_finished_run_has_nothing_left(
    plan: Plan, split: Split, display: Display, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ablate(plan, folder, split, display)
    show_status(folder)
    assert capsys.readouterr().out.rstrip().endswith("14 of 14 model-epochs done")


def test_grown_plan_counts_what_it_still_asks_for(
    plan: Plan, split: Split, display: Display, folder: Path
) -> None:
    ablate(plan, folder, split, display)
    with open_run(folder, make_manifest(replace(plan, seeds=3, epochs=3), split.digest)):
        pass
    found = run_status(folder)
    assert found.variants["plain"]["tune"] == Completion(2, 2)
    assert found.variants["plain"]["confirm"] == Completion(0, 3)


def test_failed_units_and_damaged_files_are_named(
    plan: Plan, split: Split, display: Display, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ablate(plan, folder, split, display)
    unit, _ = next(pair for pair in finished_units(folder) if pair[0].stage == "tune")
    note_failure(folder, Failure(unit, "MemoryError: too little"))
    path = folder / "units" / f"{unit.id}.json"
    path.write_bytes(path.read_bytes()[:-9])
    show_status(folder)
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{unit.variant}: 1 model of stage tune failed: MemoryError: too little" in shown
    assert f"{unit.id}.json is damaged" in shown
    assert "1 unit failed" in shown


def test_runner_at_work_is_seen_with_what_it_does(folder: Path) -> None:
    with open_run(folder, make_manifest(Plan(), "data")):
        file = ProgressFile(folder)
        file.tell(["tune plain, 6 models"], 90.0)
        now = said_by(folder)
        assert now is not None
        assert (now.running, now.seconds_left) == (("tune plain, 6 models",), 90.0)
        assert time.time() - now.written < 60
        assert is_running(folder)
    assert not is_running(folder)
    assert said_by(folder) is None


def test_progress_is_written_now_and_then_and_removed_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    file = ProgressFile(folder)
    file.tell(["first"], 1.0)
    file.tell(["second"], 1.0)
    path = folder / progress.PROGRESS_FILE
    assert "first" in path.read_text()
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)
    file.tell(["third"], float("inf"))
    assert "third" in path.read_text()
    file.remove()
    assert not path.exists()


def test_display_leaves_its_progress_while_it_works(
    plan: Plan, split: Split, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(ProgressFile, "tell", lambda _, running, __: told.append(tuple(running)))
    monkeypatch.setattr(console, "quiet", True)
    ablate(plan, folder, split, Display(console, ProgressFile(folder)))
    assert any("tune plain, 1 model" in one and "epoch 1" in one for names in told for one in names)


def finished_units(folder: Path) -> list[tuple[Unit, object]]:
    """The finished units of the run in the folder."""
    return list(read_run(folder).units())
