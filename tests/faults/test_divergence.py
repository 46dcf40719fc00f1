"""Row 6: NaN, inf and learning rates that explode."""

import csv
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from fault_matrix import Row
from inline import Run
from outside import Package
from whole import Start

from bench.engine import work
from bench.records.records import Record, Unit
from bench.report.findings import findings
from bench.run.store import read_run
from bench.training.train import Result

ROW = "6 NaN, inf and exploding learning rates"
pytestmark = pytest.mark.long
TOO_HIGH = ("--lr-low", "1e3", "--lr-high", "1e6")


def test_loss_that_is_no_number_is_told_to_the_sampler_and_counted(
    start: Start, row: Row, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    out = tmp_path / "run"
    row.inject()
    one = start(out, "--variants", "plain,diverges", fault=Package(tmp_path / "outside").installed)
    assert one.ended() == 1
    assert "diverges: no trial finished, so there is no learning rate to confirm" in one.words()
    status = [line["status"] for line in _lines(out, "trials") if line["variant"] == "diverges"]
    assert (status, _told(out, "diverges")) == (["diverged"] * 2, [math.inf] * 2)
    summary = _rows(out, "summary")
    assert (summary["plain"]["seeds"], summary["plain"]["diverged"]) == ("2", "0")
    assert (summary["diverges"]["seeds"], summary["diverges"]["test_mse_mean"]) == ("0", "")
    assert any(line.startswith("diverges: 0 of 2 seeds confirmed") for line in findings(out).missing)
    row.survive()


def test_rates_at_which_models_explode_are_recorded_as_bad_as_they_are(
    start: Start, row: Row, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    row.inject(2)
    assert start(out, *TOO_HIGH).ended() == 0
    plateau = findings(out).mean_image
    for name in ("plain", "tied"):
        found = [float(line["valid_mse"]) for line in _lines(out, "trials") if line["variant"] == name]
        assert min(found) > plateau
        assert _told(out, name) == found
        row.survive()


def test_seed_that_diverges_is_counted_and_not_averaged_in(
    row: Row, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = work.train

    def losing(unit: Unit, *rest: object) -> Result:
        if unit.stage != "confirm":
            return train(unit, *rest)  # type: ignore[arg-type]
        first, second = unit.members
        result = train(replace(unit, members=(first, replace(second, lr=math.inf))), *rest)  # type: ignore[arg-type]
        kept, lost = result.records
        return replace(result, records=(kept, replace(lost, lr=second.lr)))

    monkeypatch.setattr(work, "train", losing)
    row.inject(2)
    assert run(tmp_path / "run", "--seed", "3")[0] == 0
    summary = _rows(tmp_path / "run", "summary")
    for name in ("plain", "tied"):
        kept = _confirmed(tmp_path / "run", name)
        assert kept.outcome is not None
        assert (summary[name]["seeds"], summary[name]["diverged"]) == ("2", "1")
        assert float(summary[name]["test_mse_mean"]) == kept.outcome.test.mse
        row.survive()


def _told(out: Path, variant: str) -> list[float | None]:
    """What the study has of each trial."""
    study = optuna.load_study(study_name=variant, storage=f"sqlite:///{out / 'optuna.db'}")
    return [trial.value for trial in study.trials]


def _confirmed(out: Path, variant: str) -> Record:
    (records,) = [
        records
        for unit, records in read_run(out).units()
        if (unit.variant, unit.stage) == (variant, "confirm")
    ]
    (kept,) = [record for record in records if record.status == "ok"]
    return kept


def _rows(out: Path, table: str) -> Mapping[str, Mapping[str, str]]:
    return {line["variant"]: line for line in _lines(out, table)}


def _lines(out: Path, table: str) -> list[dict[str, str]]:
    with (out / "tables" / f"{table}.csv").open() as file:
        return list(csv.DictReader(file))
