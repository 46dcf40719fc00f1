"""How far a run is: on the screen, and left in its folder for whoever asks from another terminal."""

import math
import os
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from threading import RLock

from filelock import FileLock, Timeout
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as ProgressBar

from bench.io.console import say
from bench.io.errors import BenchError
from bench.io.files import read_json, write_json
from bench.io.text import quantity
from bench.io.validation import require, validated
from bench.records.jobs import Progress
from bench.records.records import Unit, to_json

PROGRESS_FILE = "progress.json"
SECONDS_BETWEEN = 5.0
"""Between two writes."""


@dataclass(frozen=True)
class RunProgress:
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
        self._path = folder / PROGRESS_FILE
        self._last = -SECONDS_BETWEEN

    def tell(self, running: Sequence[str], seconds_left: float) -> None:
        """Write it, unless that was done a moment ago; a disk that is full costs the run nothing here."""
        if time.monotonic() - self._last < SECONDS_BETWEEN:
            return
        self._last = time.monotonic()
        now = RunProgress(os.getpid(), platform.node(), tuple(running), seconds_left, time.time())
        with suppress(BenchError):
            write_json(self._path, to_json(now))

    def remove(self) -> None:
        """The run is over."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def read_progress(folder: Path) -> RunProgress | None:
    """What the runner at work in the folder last said; None where none is at work, or it has said nothing yet."""
    if not is_running(folder):
        return None
    try:
        found = validated(RunProgress, read_json(folder / PROGRESS_FILE), PROGRESS_FILE)
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


@dataclass
class _Shown:
    """A unit that is being trained, and how far it is."""

    now: Progress
    name: str
    began: float

    @property
    def found(self) -> str:
        """The error after the last epoch, in words; empty before the first."""
        return f"best validation mse {self.now.valid_mse:.5f}" if self.now.epoch else ""

    def __str__(self) -> str:
        """Its name, and how far it is."""
        return f"{self.name}: epoch {self.now.epoch}, {self.found}" if self.found else self.name


class Display:
    """Progress over a known number of model-epochs, with what is running, best so far and time left.

    Several units may run at once, each told of from a thread of its own.
    """

    def __init__(self, console: Console, file: ProgressFile | None = None) -> None:
        """Nothing is shown before `working`; file: where the same is left for another terminal."""
        self._console, self._file = console, file
        self._lock = RLock()
        self._running: dict[str, _Shown] = {}
        self._total = self._done = 0.0
        self._began = 0.0
        self._skipped = False
        self._bar = ProgressBar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=1.0, left="")

    @contextmanager
    def working(self, model_epochs: float) -> Iterator[None]:
        """Show progress over so much work while the block runs."""
        self._total, self._began = model_epochs, time.monotonic()
        self._bar.update(self._task, total=model_epochs)
        try:
            with self._bar:
                yield
        finally:
            if self._file:
                self._file.remove()

    def line(self, text: str) -> None:
        """Say one thing, above the bar if there is one."""
        say(text, self._console)

    def skip(self, model_epochs: float) -> None:
        """So much was found done."""
        if not self._skipped:
            self.line("continuing from the records that are there")
        self._skipped = True
        self._total -= model_epochs
        self._bar.update(self._task, total=self._total)

    def tell(self, now: Progress) -> None:
        """A unit is so far; one that is begun again has what was done of it taken back."""
        with self._lock:
            if now.begun:
                self._take_back(now.unit)
                self._running[now.unit.id] = _shown(now)
            shown = self._running[now.unit.id]
            self._done += now.model_epochs - shown.now.model_epochs
            shown.now = now
            self._redraw()

    def end(self, unit: Unit, outcome: str = "") -> None:
        """The unit is over; one line remains of it: what was found, or this outcome."""
        with self._lock:
            shown = self._running.get(unit.id) or _shown(Progress(unit))
            self._take_back(unit)
            # What ended early (pruned, diverged, failed) counts as done.
            self._done += len(unit.members) * unit.epochs
            self._redraw()
            took = time.monotonic() - shown.began
            self.line(f"{shown.name}: {outcome or shown.found}, {took:.0f} s{self._left('; ')}")

    def _take_back(self, unit: Unit) -> None:
        """Count the unit as not begun."""
        shown = self._running.pop(unit.id, None)
        self._done -= shown.now.model_epochs if shown else 0.0

    def _redraw(self) -> None:
        running = [str(one) for one in self._running.values()]
        shown = running if len(running) == 1 else [one.name for one in self._running.values()]
        self._bar.update(self._task, description="; ".join(shown), completed=self._done, left=self._left())
        if self._file:
            self._file.tell(running, self._seconds_left())

    def _seconds_left(self) -> float:
        """An estimate from the pace so far, inf where there is none yet."""
        if self._done <= 0:
            return math.inf
        return (time.monotonic() - self._began) / self._done * max(0.0, self._total - self._done)

    def _left(self, before: str = "") -> str:
        """The estimate in words, e.g. '3 min left'; empty where there is none."""
        left = self._seconds_left()
        if math.isinf(left):
            return ""
        return before + (f"{left / 60:.0f} min left" if left >= 90 else f"{left:.0f} s left")


def name_of(unit: Unit) -> str:
    """The unit as a person would name it, e.g. 'tune plain, 6 models, lr 0.00044 to 0.02'."""
    lrs = sorted({member.lr for member in unit.members})
    rates = f"lr {lrs[0]:.2g}" if len(lrs) == 1 else f"lr {lrs[0]:.2g} to {lrs[-1]:.2g}"
    return f"{unit.stage} {unit.variant}, {quantity(len(unit.members), 'model')}, {rates}"


def _shown(now: Progress) -> _Shown:
    return _Shown(now, name_of(now.unit), time.monotonic())
