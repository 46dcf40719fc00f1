"""What every row of the fault matrix needs: the uninterrupted run, runs to be hurt, and the row's counts."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands_of import arguments, write_digits
from harness import Running, nothing, records, server, tables
from inline import Run, remembering
from matrix import Matrix, Row

Start = Callable[..., Running]


@dataclass(frozen=True)
class Whole:
    """An uninterrupted run: where it lies, what it found, how long it took."""

    folder: Path
    tables: dict[str, str]
    seconds: float

    def lost(self, folder: Path) -> int:
        """Bytes of this run's records that the other folder does not hold."""
        there = {name: json.loads(content) for name, content in records(folder).items()}
        here = records(self.folder)
        return sum(len(content) for name, content in here.items() if there.get(name) != json.loads(content))

    def same(self, folder: Path) -> bool:
        """Whether the other folder has the same tables, byte for byte, and there are some."""
        return bool(self.tables) and tables(folder) == self.tables


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


def whole_run(data: Path, into: Path, *more: str, fault: Callable[[], None] = nothing) -> Whole:
    """A run to its end, of other options or variants too."""
    # The first of a session also waits for the server, which is no part of the run.
    Running(["list"], into / "said").ended()
    began = time.monotonic()
    assert Running(arguments(data, into / "run", *more), into / "said", fault).ended() == 0
    return Whole(into / "run", tables(into / "run"), time.monotonic() - began)
