"""What every fault needs: the uninterrupted run, and runs to be hurt."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands_of import arguments, write_digits
from harness import Running, nothing, server
from inline import Run, remembering
from whole import Start, Whole, whole_run


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
