"""A run on other data than MNIST says so, is fitted to them, and never goes on with others."""

import json
from pathlib import Path

import numpy as np
import pytest
from aebench import Aebench
from idx_files import FASHION
from sklearn.datasets import load_digits

pytestmark = pytest.mark.usefixtures("no_data")
SMALL = ("--variants", "plain,tied", "--preset", "smoke", "--trials", "2", "--seeds", "2", "--epochs", "2")


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units are trained here, for workers take seconds to start."""
    monkeypatch.setattr("bench.engine.choice.default_workers", lambda _: 0)


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """scikit-learn's digits, 8 by 8, as a file of one's own images."""
    path = tmp_path / "digits.npz"
    np.savez(path, images=load_digits().images / 16, labels=load_digits().target)
    return path


@pytest.mark.usefixtures("without_figures", "in_this_process")
def test_run_on_a_named_data_set_says_so_everywhere(
    aebench: Aebench, capsys: pytest.CaptureFixture[str], fashion: Path
) -> None:
    arguments = ("run", "--dataset", "fashion-mnist", "--widths", "784,16,8", "--out", "here", *SMALL)
    assert aebench(*arguments) == 0
    plan = json.loads(Path("here/manifest.json").read_text())["plan"]
    assert (plan["dataset"], plan["train_images"], plan["valid_images"]) == ("fashion-mnist", 550, 50)
    assert " --dataset=fashion-mnist" in Path("here/report.md").read_text()
    before = {path: path.read_bytes() for path in Path("here/tables").iterdir()}
    assert aebench(*arguments) == 0
    assert {path: path.read_bytes() for path in Path("here/tables").iterdir()} == before
    capsys.readouterr()
    images = fashion / FASHION[2]
    images.write_bytes(images.read_bytes()[:-1] + b"\x07")
    assert aebench(*arguments) == 2
    assert "here holds another run (data: " in capsys.readouterr().err


def test_tune_confirm_and_report_on_64_pixels(
    aebench: Aebench, capsys: pytest.CaptureFixture[str], digits: Path
) -> None:
    assert aebench("run", "--data", str(digits), "--out", "here", *SMALL) == 0
    assert "1,374 training images give a model 22 optimiser steps (--epochs 2)" in capsys.readouterr().out
    manifest = json.loads(Path("here/manifest.json").read_text())
    assert manifest["plan"]["widths"] == [64, 33, 16, 8, 4]
    counts = [manifest["plan"][f"{part}_images"] for part in ("train", "valid", "test")]
    assert counts == [1374, 124, 299]
    assert (manifest["plan"]["dataset"], manifest["shape"]) == ("digits.npz", [8, 8])
    report = Path("here/report.md").read_text()
    assert "on the 299 test images" in report
    again = next(line for line in report.splitlines() if line.startswith("`aebench run"))
    assert "--data=digits.npz" in again
    capsys.readouterr()
    assert aebench(*again.strip("`").split()[1:], "--out", "here") == 0
    assert "continuing from the records that are there" in capsys.readouterr().out
    assert Path("here/figures/reconstructions.svg").is_file()
    assert aebench("tune", "plain", "--data", str(digits), "--trials", "2", "--epochs", "1") == 0
    assert Path("results/tune-plain/figures/lr.svg").is_file()


@pytest.mark.usefixtures("in_this_process")
def test_images_without_labels_or_a_square_are_shown_all_the_same(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez("flat.npz", images=load_digits().data[:, :59] / 16)
    assert aebench("run", "--data", "flat.npz", "--out", "here", *SMALL) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(" plain"))
    assert "–" in row.split()
    assert "shape" not in json.loads(Path("here/manifest.json").read_text())
    assert Path("here/figures/reconstructions.svg").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--dataset", "cifar"], 2, "unknown dataset 'cifar'; choose from mnist, fashion-mnist, kmnist, "
                                    "emnist-digits, emnist-letters, emnist-balanced\n"),
        (["--dataset", "kmnist", "--data", "digits.npz"], 2, "give --dataset or --data, not both\n"),
        (["--data", "digits.npz", "--dataset", "mnist"], 2, "give --dataset or --data, not both\n"),
        (["--data", "no.npz"], 2, "cannot read no.npz: No such file or directory\n"),
        (["--data", "digits"], 2, "--data must be a NumPy archive whose name ends in .npz but got 'digits'\n"),
        (["--data", "digits.npz", "--widths", "784,16,8"], 2,
         "widths must start at 64, the pixels of an image of digits.npz, but got 784\n"),
        (["--dataset", "mnist", "--widths", "64,16,8"], 2,
         "widths must start at 784, the pixels of an image of mnist, but got 64\n"),
        (["--dataset", "kmnist"], 1, "KMNIST/raw, or choose another folder with --data-dir or AEBENCH_DATA\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", [["run", "--preset", "smoke"], ["tune", "plain"]])
@pytest.mark.usefixtures("digits")
def test_bad_data_is_one_clear_line_and_leaves_no_run(
    aebench: Aebench, capsys: pytest.CaptureFixture[str], start: list[str],
    arguments: list[str], code: int, message: str,
) -> None:  # fmt: skip
    assert aebench(*start, *arguments) == code
    shown = capsys.readouterr().err
    assert shown.endswith(message)
    assert "Traceback" not in shown
    assert not Path("results").exists()


def test_dry_run_fetches_nothing_and_counts_ones_own_images(
    aebench: Aebench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], digits: Path
) -> None:
    monkeypatch.setattr("bench.cli.data.fetch_dataset", None)
    assert aebench("run", "--dataset", "kmnist", "--dry-run", "--widths", "784,4", *SMALL) == 0
    assert aebench("run", "--data", str(digits), "--dry-run", *SMALL) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "model-epochs of 5,000 images" in shown
    assert "model-epochs of 1,374 images" in shown
    assert [path.name for path in Path().iterdir()] == ["digits.npz"]


def test_data_says_which_files_are_there(
    aebench: Aebench, capsys: pytest.CaptureFixture[str], fashion: Path
) -> None:
    assert aebench("data", "--dataset", "fashion-mnist") == 0
    shown = capsys.readouterr().out
    assert shown.count("there") == 4
    assert "550 training, 50 validation, 200 test images" in shown
    (fashion / FASHION[2]).unlink()
    assert aebench("data", "--dataset", "fashion-mnist") == 1
    shown = capsys.readouterr()
    assert (shown.out.count("there"), shown.out.count("missing")) == (3, 1)
    assert "Put the unpacked files t10k-images-idx3-ubyte into" in shown.err
    assert aebench("data", "--dataset", "cifar") == 2
