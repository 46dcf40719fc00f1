"""Who works in a run's folder, for those who are refused: the lock itself cannot say."""

import os
import platform
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from textwrap import shorten

from bench.checked import checked
from bench.errors import BenchError
from bench.files import read_json, write_json
from bench.printable import printable

NAME = "holder.json"


@dataclass(frozen=True)
class Holder:
    """A process, its machine, and when it took the folder."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        """E.g. 'process 4711 on vm, since 2026-11-23 17:01:12'."""
        return printable(f"process {self.pid} on {shorten(self.host, 80)}, since {shorten(self.since, 80)}")


def sign(folder: Path) -> None:
    """Say that this process has the folder; it works without that too."""
    me = Holder(os.getpid(), platform.node(), f"{datetime.now():%Y-%m-%d %H:%M:%S}")
    with suppress(BenchError):
        write_json(folder / NAME, asdict(me))


def leave(folder: Path) -> None:
    """Take the sign down."""
    with suppress(OSError):
        (folder / NAME).unlink(missing_ok=True)


def holder(folder: Path) -> str:
    """Who has the folder, in words; 'a process that left no name' where nothing readable says so."""
    try:
        return str(checked(Holder, read_json(folder / NAME), NAME))
    except (BenchError, ValueError):
        return "a process that left no name"
