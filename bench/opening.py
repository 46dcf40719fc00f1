"""Opening a run's folder for writing: one runner at a time, only for the plan, data and code it began with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bench.errors import BenchError, UsageError
from bench.files import claim, write_json
from bench.growth import grow
from bench.holder import holder, leave, sign
from bench.plan import Plan
from bench.provenance import DECISIVE_PACKAGES
from bench.store import Run, read_run


@contextmanager
def open_run(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Run]:
    """The folder for this manifest, made or gone on with, locked while open; its plan may be a grown one.

    Raises BenchError if it cannot be written or another runner has it, UsageError if it holds the run of
    another plan, data set or version of the code.
    """
    claim(folder)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0.5)
    except Timeout:
        raise BenchError(
            f"another aebench is working in {folder} ({holder(folder)}); wait for it or choose another --out"
        ) from None
    try:
        sign(folder)
        if (folder / "manifest.json").exists():
            _go_on(folder, manifest)
        elif any(folder.glob("units/*.json")):
            raise UsageError(
                f"{folder} holds records but no manifest; choose another with --out, or remove it"
            )
        else:
            write_json(folder / "manifest.json", manifest)
        yield read_run(folder)
    finally:
        leave(folder)
        lock.release()


def _go_on(folder: Path, wanted: Mapping[str, Any]) -> None:
    """Let the run in the folder grow if more of the same is asked for; UsageError where it is another run."""
    run = read_run(folder)
    plan = grow(run.plan, Plan.from_json(wanted["plan"]))
    _refuse_other(folder, run.manifest, wanted, alike=plan is not None)
    if plan is not None and plan != run.plan:
        grown = {"plan": plan.as_json(), "plan_id": plan.identity}
        write_json(folder / "manifest.json", {**run.manifest, **grown})


def _refuse_other(folder: Path, there: Mapping[str, Any], wanted: Mapping[str, Any], *, alike: bool) -> None:
    """UsageError that names each difference, unless both manifests lead to the same numbers; alike: the plans do."""
    differences = [
        f"{key}: {there['plan'].get(key)} there, {value} asked for"
        for key, value in wanted["plan"].items()
        if there["plan"].get(key) != value and not alike
    ]
    differences += [
        f"{name}: {there['versions'].get(name)} there, {wanted['versions'][name]} now"
        for name in DECISIVE_PACKAGES
        if there["versions"].get(name) != wanted["versions"][name]
    ]
    differences += [
        f"{key}: {str(there.get(key))[:12]} there, {str(wanted[key])[:12]} now"
        for key in ("data", "code")
        if there.get(key) != wanted[key]
    ]
    if differences:
        found = "; ".join(differences)
        raise UsageError(f"{folder} holds another run ({found}); choose another with --out, or remove it")
