"""A record is made again from its unit, or it is said where the two differ; nothing is written."""

from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from aebench import Aebench

from bench.data.split import Split
from bench.io.files import read_json, write_json
from bench.run.store import read_run

OPTIONS = """run --preset smoke --variants plain,tied --widths 784,16,8 --trials 2 --tune-epochs 2 --epochs 2
--seeds 2 --population 1 --pruner median --claim-seeds 0 --one-lr-seeds 0 --workers 0 --threads 1"""


@pytest.fixture(scope="module")
def data(split: Split, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of one's own."""
    path = tmp_path_factory.mktemp("data") / "small.npz"
    np.savez(path, images=split.train.images.numpy())
    return path


@pytest.fixture(scope="module")
def whole(aebench: Aebench, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run whose second round of tuning a pruner looked at."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert aebench(*OPTIONS.split(), "--data", str(data), "--out", str(folder)) == 0
    return folder


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """A copy of it to spoil."""
    return Path(copytree(whole, tmp_path / "run"))


def test_every_unit_of_a_run_comes_out_the_same_and_nothing_is_written(
    aebench: Aebench, run: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _files(run)
    units = [unit for unit, _ in read_run(run).units()]
    assert {unit.stage for unit in units} == {"tune", "confirm"}
    for unit in units:
        assert aebench("reproduce", str(run), unit.id[:12], "--data", str(data)) == 0
        said = capsys.readouterr().out
        assert f"unit {unit.id[:12]}: {unit.variant}, stage {unit.stage}, 1 model, 2 epochs, 1 thread" in said
        assert f"the same to the last digit: 1 record of {run / 'units' / unit.id}.json" in said
    assert _files(run) == before


def test_record_that_was_made_otherwise_is_named_with_both_values(
    aebench: Aebench, run: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next(path for path in run.glob("units/*.json") if '"confirm"' in path.read_text())
    values = read_json(path)
    values["records"][0]["history"][1]["valid_mse"] = 0.5
    write_json(path, {name: values[name] for name in ("unit", "records")})
    assert aebench("reproduce", str(run), path.stem, "--data", str(data)) == 1
    assert (
        "not the same: 1 value of the record, [0].history[1].valid_mse 0.5 there, 0."
        in capsys.readouterr().err
    )


def test_what_else_is_known_to_differ_is_said_first(
    aebench: Aebench, run: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = read_json(run / "manifest.json")
    manifest["code"], manifest["machine"]["processor"] = "f" * 64, "another"
    write_json(run / "manifest.json", {name: value for name, value in manifest.items() if name != "digest"})
    unit = read_run(run).units()[0][0]
    assert aebench("reproduce", str(run), unit.id, "--data", str(data)) == 0
    said = capsys.readouterr().out
    assert "code: ffffffffffff there, " in said
    assert "processor: another there, " in said
    assert "the same to the last digit" in said


@pytest.mark.parametrize(("start", "named"), [("x", "no unit"), ("", "8 units"), ("baselines", "no unit")])
def test_unit_that_is_not_one_is_refused(
    aebench: Aebench, run: Path, data: Path, capsys: pytest.CaptureFixture[str],
    start: str, named: str,
) -> None:  # fmt: skip
    assert aebench("reproduce", str(run), start, "--data", str(data)) == 2
    assert f"has {named} whose id begins with {start!r}; the column unit" in capsys.readouterr().err


def test_other_data_are_refused(aebench: Aebench, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit = read_run(run).units()[0][0]
    assert aebench("reproduce", str(run), unit.id) == 2
    assert "small.npz" in capsys.readouterr().err


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
