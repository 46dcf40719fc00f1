"""Uninterrupted runs, and whether others came to the same."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from commands_of import arguments
from harness import Running, nothing, records, tables

Start = Callable[..., Running]
"""Starts `aebench` on a folder; see the fixture `start`."""


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


def whole_run(data: Path, into: Path, *more: str, fault: Callable[[], None] = nothing) -> Whole:
    """A run to its end, of other options or variants too."""
    # The first of a session also waits for the server, which is no part of the run.
    Running(["list"], into / "said").ended()
    began = time.monotonic()
    assert Running(arguments(data, into / "run", *more), into / "said", fault).ended() == 0
    return Whole(into / "run", tables(into / "run"), time.monotonic() - began)
