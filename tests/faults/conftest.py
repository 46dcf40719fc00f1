"""What every row of the fault matrix needs: the uninterrupted run, runs to be hurt, and the row's counts."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands_of import arguments, write_digits
from harness import Running, nothing, server
from inline import Run, remembering
from matrix import Matrix, Row
from whole import Start, Whole, whole_run


@pytest.fixture(scope="session")
def matrix(request: pytest.FixtureRequest) -> Iterator[Matrix]:
    """The counts of all rows; with --write-matrix they go into tests/README.md."""
    found = Matrix()
    yield found
    if request.config.getoption("--write-matrix"):
        found.write(request.config.rootpath / "tests" / "README.md")


@pytest.fixture
def row(request: pytest.FixtureRequest, matrix: Matrix) -> Iterator[Row]:
    """The row that the test's module is."""
    row = matrix.row(request.module.ROW)
    began = time.monotonic()
    yield row
    row.seconds += time.monotonic() - began


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The images of every run."""
    return write_digits(tmp_path_factory.mktemp("data") / "digits.npz")


@pytest.fixture(scope="session", autouse=True)
def _server() -> Iterator[None]:
    with server():
        yield


@pytest.fixture
def start(data: Path, tmp_path: Path) -> Iterator[Start]:
    """Start `aebench` on a folder, with a fault and further options if given."""
    begun = []

    def starting(folder: Path, *more: str, fault: Callable[[], None] = nothing) -> Running:
        begun.append(Running(arguments(data, folder, *more), tmp_path / f"said{len(begun)}", fault))
        return begun[-1]

    yield starting
    for one in begun:
        one.kill()


@pytest.fixture(scope="module")
def run(data: Path) -> Iterator[Run]:
    """`aebench run` in this process, which trains each unit once for all tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        yield remembering(patch, data)


@pytest.fixture(scope="session")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The run that nothing happens to."""
    return whole_run(data, tmp_path_factory.mktemp("whole"))
