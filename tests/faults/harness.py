"""Runs of `aebench` as processes of their own, forked from one that has imported everything."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psutil

PATIENCE_S = 240.0
"""No run takes so long, however busy the machine."""
HERE = Path(__file__).parent


def nothing() -> None:
    """No fault."""


class Running:
    """One run, in a process group of its own."""

    def __init__(self, arguments: Sequence[str], said: Path, fault: Callable[[], None] = nothing) -> None:
        """fault: called in the process before `aebench`; said: where its words go."""
        self.said = said
        context = multiprocessing.get_context("forkserver")
        self._process: ForkServerProcess = context.Process(target=_serve, args=(arguments, said, fault))
        self._process.start()
        self.pid = self._process.pid or 0

    def ended(self, seconds: float = PATIENCE_S) -> int | None:
        """The exit code, a negative signal as subprocess has it; None if it still runs after so long."""
        self._process.join(seconds)
        return self._process.exitcode

    def kill(self) -> None:
        """kill -9 of the whole process group."""
        self.signal_group(signal.SIGKILL)
        self._process.join()

    def signal_group(self, number: int) -> None:
        """The signal to all of the group that are there."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            # It has not come to making its group, or is gone.
            if self._process.is_alive():
                os.kill(self.pid, number)

    def all_gone(self, seconds: float = 10.0) -> bool:
        """Whether no process of the group lives any more; a killed one takes a moment to go."""
        until = time.monotonic() + seconds
        while self.group() and time.monotonic() < until:
            time.sleep(0.05)
        return not self.group()

    def group(self) -> list[psutil.Process]:
        """Every process of the group that lives."""
        found = []
        for process in psutil.process_iter():
            try:
                if os.getpgid(process.pid) == self.pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (ProcessLookupError, psutil.NoSuchProcess):
                continue
        return found

    def words(self) -> str:
        """All that it has said so far."""
        return self.said.read_text() if self.said.exists() else ""


@contextmanager
def server() -> Iterator[None]:
    """The process that runs are forked from; it is started by the first of them and dies with this one."""
    before = dict(os.environ)
    path = os.pathsep.join([str(HERE), *filter(None, sys.path)])
    os.environ.update(OMP_NUM_THREADS="1", PYTHONPATH=path)
    multiprocessing.get_context("forkserver").set_forkserver_preload(["warm"])
    forkserver.ensure_running()
    os.environ.clear()
    os.environ.update(before)
    yield


def tables(folder: Path) -> dict[str, str]:
    """The run's tables by name and digest."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("tables/*.csv"))}


def records(folder: Path) -> dict[str, bytes]:
    """The run's records by the names of their files."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("units/*.json"))}


def _serve(arguments: Sequence[str], said: Path, fault: Callable[[], None]) -> None:
    os.setsid()
    from quiet import call_main, only_tables

    only_tables()
    with said.open("a", buffering=1) as file:
        # faulthandler and workers write past Python's own files.
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        fault()
        call_main(arguments, file)
