"""What several tests need: a small real data set in MNIST's shape, and a plan that it fits."""

import gc
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch
from aebench import Aebench, exit_code
from fault_matrix import Matrix, Row
from finished_run import FinishedRuns, finish
from idx_files import idx_content, write_idx
from rich.console import Console
from sklearn.datasets import load_digits
from statsmodels.stats.multitest import multipletests

from bench.analysis import statistics
from bench.data.split import Images, Split
from bench.plan import Plan
from bench.run.progress import Display


def pytest_addoption(parser: pytest.Parser) -> None:
    """--write-matrix puts what the fault tests counted into tests/README.md."""
    parser.addoption(
        "--write-matrix", action="store_true", help="write the rows that ran into the fault matrix"
    )


def pytest_configure(config: pytest.Config) -> None:
    """A row is written whole or not at all."""
    parts = [config.option.keyword, config.option.markexpr, *(one for one in config.args if "::" in one)]
    if config.getoption("--write-matrix") and any(parts):
        raise pytest.UsageError("--write-matrix takes whole files of tests; leave out -k, -m and ::")
    if config.getoption("--write-matrix") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--write-matrix counts in one process; leave out -n")


def pytest_collection_finish() -> None:
    """What is imported stays: no collection of garbage looks through it again."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _uncollected() -> Iterator[None]:
    """statsmodels collects garbage at every correction, which takes longer than the rest of a report's statistics."""

    def correct(*arguments: Any, **named: Any) -> Any:
        with patch.object(gc, "collect", lambda: 0):
            return multipletests(*arguments, **named)

    with patch.object(statistics, "multipletests", correct):
        yield


@pytest.fixture(scope="session")
def matrix(request: pytest.FixtureRequest) -> Iterator[Matrix]:
    """The counts of all rows that run; with --write-matrix they go into tests/README.md."""
    found = Matrix()
    yield found
    if request.config.getoption("--write-matrix"):
        found.write(request.config.rootpath / "tests" / "README.md")


@pytest.fixture
def row(request: pytest.FixtureRequest, matrix: Matrix) -> Iterator[Row]:
    """The row of the fault matrix that the test's module is, or is a part of."""
    row = matrix.row(request.module.ROW)
    began = time.monotonic()
    yield row
    row.seconds += time.monotonic() - began


@pytest.fixture(scope="session")
def aebench() -> Aebench:
    """Call the command line in this process."""
    return exit_code


@pytest.fixture(scope="session")
def split() -> Split:
    """scikit-learn's digits, 8 by 8, enlarged to 28 by 28."""
    digits = load_digits()
    large = np.kron(digits.images / 16, np.ones((3, 3)))
    framed = np.pad(large, ((0, 0), (2, 2), (2, 2))).reshape(len(large), -1)
    whole = Images(torch.from_numpy(framed).float(), torch.from_numpy(digits.target))
    return Split(whole[:600], whole[600:700], whole[700:900], "digits")


@pytest.fixture
def plan() -> Plan:
    """Two variants, two trials, two seeds: a second of training."""
    return Plan(
        variants=("plain", "tied"),
        widths=(784, 16, 8),
        batch_size=64,
        trials=2,
        tune_epochs=1,
        epochs=2,
        seeds=2,
        train_images=600,
        valid_images=100,
        test_images=200,
    )


@pytest.fixture
def display() -> Display:
    """Shows nothing."""
    return Display(Console(quiet=True))


@pytest.fixture
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No data set is there and no mirror can be reached, in an empty folder."""

    def unreachable(*_: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setenv("AEBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("bench.data.torchvision_mnist.download", unreachable)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a run may go."""
    return tmp_path / "run"


@pytest.fixture(scope="session")
def finished(split: Split, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run with its report; not to be written to."""
    return finish(tmp_path_factory.mktemp("finished") / "run", split)


@pytest.fixture(scope="session")
def runs(split: Split, tmp_path_factory: pytest.TempPathFactory) -> FinishedRuns:
    """Runs that are trained once for all tests."""
    return FinishedRuns(tmp_path_factory.mktemp("runs"), split)


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports have none, for a test of what drawing them does not touch: they take longer than all the rest."""
    monkeypatch.setattr("bench.report.publish._figures", lambda *_: {})


@pytest.fixture
def copied(finished: Path, folder: Path) -> Path:
    """A copy of it to spoil."""
    shutil.copytree(finished, folder)
    return folder


@pytest.fixture
def fashion(split: Split, tmp_path: Path) -> Path:
    """A data folder with small files where torchvision's FashionMNIST has its own."""
    for name, (images, labels) in zip(("train", "t10k"), idx_content(split), strict=True):
        write_idx(tmp_path / "data/FashionMNIST/raw", name, images, labels)
    return tmp_path / "data"


@pytest.fixture
def own_file(split: Split, tmp_path: Path) -> Path:
    """The small split as a file that `--data` takes."""
    path = tmp_path / "small.npz"
    parts = {"train": split.train, "test": split.test}
    arrays = {name: part.images.numpy() for name, part in parts.items()}
    labels = {f"{name}_labels": part.labels.numpy() for name, part in parts.items()}
    np.savez(path, **arrays, **labels)
    return path
