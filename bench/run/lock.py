"""A run's folder opened for writing: one runner at a time, only for the plan, data and code it began with."""

import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from textwrap import shorten
from typing import Any

from filelock import FileLock, Timeout

from bench.io.errors import BenchError, UsageError
from bench.io.files import read_json, require_writable, write_json
from bench.io.text import printable
from bench.io.validation import validated
from bench.plan import Plan, grow
from bench.run.manifest import manifest_from_json, require_same_run
from bench.run.store import Run, read_run

HOLDER_FILE = "holder.json"


@dataclass(frozen=True)
class Holder:
    """A process, its machine, and when it took the folder."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        """E.g. 'process 4711 on vm, since 2026-11-23 17:01:12'."""
        return printable(f"process {self.pid} on {shorten(self.host, 80)}, since {shorten(self.since, 80)}")


def write_holder(folder: Path) -> None:
    """Say that this process has the folder; it works without that too."""
    me = Holder(os.getpid(), platform.node(), f"{datetime.now():%Y-%m-%d %H:%M:%S}")
    with suppress(BenchError):
        write_json(folder / HOLDER_FILE, asdict(me))


def remove_holder(folder: Path) -> None:
    """Take the sign down."""
    with suppress(OSError):
        (folder / HOLDER_FILE).unlink(missing_ok=True)


def describe_holder(folder: Path) -> str:
    """Who has the folder, in words; 'a process that left no name' where nothing readable says so."""
    try:
        return str(validated(Holder, read_json(folder / HOLDER_FILE), HOLDER_FILE))
    except (BenchError, ValueError):
        return "a process that left no name"


@contextmanager
def open_run(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Run]:
    """The folder for this manifest, made or gone on with, locked while open; its plan may be a grown one.

    Raises BenchError if it cannot be written or another runner has it, UsageError if it holds the run of
    another plan, data set or version of the code.
    """
    require_writable(folder)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0.5)
    except Timeout:
        raise BenchError(
            f"another aebench is working in {folder} ({describe_holder(folder)}); wait for it or choose another --out"
        ) from None
    try:
        write_holder(folder)
        if (folder / "manifest.json").exists():
            yield _go_on(folder, manifest)
        elif any(folder.glob("units/*.json")):
            raise UsageError(
                f"{folder} holds records but no manifest; choose another with --out, or remove it"
            )
        else:
            plan = manifest_from_json(manifest).plan
            write_json(folder / "manifest.json", manifest)
            yield Run(folder, manifest, plan, new=True)
    finally:
        remove_holder(folder)
        lock.release()


def _go_on(folder: Path, wanted: Mapping[str, Any]) -> Run:
    """The run in the folder, grown if more of the same is asked for; UsageError where it is another run."""
    run = read_run(folder)
    plan = grow(run.plan, Plan.from_json(wanted["plan"]))
    require_same_run(folder, run.manifest, wanted, alike=plan is not None)
    if plan is None or plan == run.plan:
        return run
    grown = {**run.manifest, "plan": plan.as_json(), "plan_id": plan.identity}
    write_json(folder / "manifest.json", grown)
    return Run(folder, grown, plan)
