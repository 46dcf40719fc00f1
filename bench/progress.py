"""How far a run is at this moment, left in its folder for whoever asks from another terminal."""

import os
import platform
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from filelock import FileLock, Timeout

from bench.checked import checked, require
from bench.errors import BenchError
from bench.files import read_json, write_json
from bench.records import to_json

NAME = "progress.json"
SECONDS_BETWEEN = 5.0
"""Between two writes."""


@dataclass(frozen=True)
class Progress:
    """What a runner was doing when it last said so; times in seconds."""

    pid: int
    host: str
    running: tuple[str, ...]
    """The units in training, in words."""
    seconds_left: float
    """An estimate; inf where there is none yet."""
    written: float
    """Since the epoch."""


class ProgressFile:
    """The file in a run's folder, written now and then while the run works."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._last = -SECONDS_BETWEEN

    def tell(self, running: Sequence[str], seconds_left: float) -> None:
        """Write it, unless that was done a moment ago; a disk that is full costs the run nothing here."""
        if time.monotonic() - self._last < SECONDS_BETWEEN:
            return
        self._last = time.monotonic()
        now = Progress(os.getpid(), platform.node(), tuple(running), seconds_left, time.time())
        with suppress(BenchError):
            write_json(self._path, to_json(now))

    def remove(self) -> None:
        """The run is over."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def progress(folder: Path) -> Progress | None:
    """What the runner at work in the folder last said; None where none is at work, or it has said nothing yet."""
    if not is_running(folder):
        return None
    try:
        found = checked(Progress, read_json(folder / NAME), NAME)
        require(found.seconds_left >= 0, "seconds_left", "at least 0", found.seconds_left)
        require(isfinite(found.written) and found.written >= 0, "written", "a time", found.written)
    except (BenchError, ValueError):
        return None
    return found


def is_running(folder: Path) -> bool:
    """Whether a runner holds the folder's lock."""
    if not (folder / ".lock").exists():
        return False
    try:
        with FileLock(folder / ".lock", timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        # A folder that cannot be written has no runner.
        return False
