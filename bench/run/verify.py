"""Whether a run's folder is as the bench left it: every file that is changed, cut, missing or foreign, by name."""

from dataclasses import dataclass
from pathlib import Path

from bench.io.errors import BenchError, DamagedError, UsageError
from bench.io.files import read_json
from bench.run.checksums import (
    MODEL,
    SEALED_FILES,
    TEMPORARY_FILE,
    TRANSIENT_FILES,
    ListFindings,
    compare_with_lists,
    is_regular_file,
    matches_any,
)
from bench.run.lock import HOLDER_FILE, describe_holder
from bench.run.store import Run, read_run
from bench.training.model_files import check_model


@dataclass(frozen=True)
class Verified:
    """What was found: how many files were looked at, what is wrong, and what is only worth knowing, a line each."""

    files: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def verify(folder: Path) -> Verified:
    """Check the run in the folder; UsageError where there is none."""
    names = _names(folder)
    faults: dict[str, str] = {}
    run = _run(folder, faults)
    for name in names:
        fault = _fault(folder, name, run)
        if fault:
            faults.setdefault(name, fault)
    listed = compare_with_lists(folder, names, [name for name in names if name not in faults], run)
    # A list that cannot be read is known to be no plain file already.
    said = {**listed.faults, **faults}
    # What a run at work takes away while this looks was there for a while only.
    gone = {
        name
        for name in said
        if name in names and not (folder / name).exists() and matches_any(name, *TRANSIENT_FILES)
    }
    return Verified(
        len(names),
        tuple(f"{name} {fault}" for name, fault in sorted(said.items()) if name not in gone),
        _notes(folder, names, listed),
    )


def _names(folder: Path) -> list[str]:
    """All that is no folder, by its path below the run's."""
    found = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _run(folder: Path, faults: dict[str, str]) -> Run | None:
    """The run; where its manifest is damaged a fault, and None."""
    try:
        return read_run(folder)
    except UsageError:
        raise
    except BenchError as error:
        faults["manifest.json"] = _why(error, folder / "manifest.json")
        return None


def _fault(folder: Path, name: str, run: Run | None) -> str:
    """What is wrong with a file by itself; empty if nothing is."""
    path = folder / name
    leftover = matches_any(name, TEMPORARY_FILE)
    if not (leftover or matches_any(name, *SEALED_FILES, MODEL, *TRANSIENT_FILES)):
        return "is not part of a run"
    if not is_regular_file(path):
        return "is not a regular file"
    try:
        if leftover or name == HOLDER_FILE:
            # Who holds the folder is only for those who are refused; nothing depends on it.
            return ""
        if matches_any(name, MODEL):
            return _model_fault(path, run)
        if run and name.startswith("units/"):
            run.check(path)
        elif path.suffix == ".json":
            read_json(path)
    except BenchError as error:
        return _why(error, path)
    return ""


def _model_fault(path: Path, run: Run | None) -> str:
    """What is wrong with a model's file, or that the run has no such model."""
    try:
        facts = check_model(path)
    except BenchError as error:
        return f"is damaged ({str(error).rpartition(f'{path}: ')[2]})"
    if facts["variant"] != path.stem:
        return f"holds a model of {facts['variant']}"
    plans = {plan.identity for plan in run.plan.lineage} if run else {facts.get("plan")}
    return "" if facts.get("plan") in plans else "holds a model of another plan"


def _why(error: BenchError, path: Path) -> str:
    """The error without the path, which stands before it anyway."""
    return error.reason if isinstance(error, DamagedError) else str(error).removeprefix(f"{path} ")


def _notes(folder: Path, names: list[str], listed: ListFindings) -> tuple[str, ...]:
    """What is no fault and yet worth knowing."""
    notes = [
        f"{name} is left over from a write that was cut short, and is harmless"
        for name in names
        if matches_any(name, TEMPORARY_FILE) and is_regular_file(folder / name)
    ]
    if HOLDER_FILE in names:
        notes.append(f"an aebench is working here, or was killed here: {describe_holder(folder)}")
    return (*notes, *listed.notes)
