"""Whether a run's folder is as the bench left it: every file that is changed, cut, missing or foreign, by name."""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bench import sums
from bench.errors import BenchError, UsageError
from bench.files import read_json
from bench.store import Run, read_run

UNIT = "[0-9a-f]{64}"
WRITTEN = (
    r"manifest\.json", rf"units/({UNIT}|baselines|audit)\.json", rf"failures/{UNIT}\.json", r"\.lock",
    rf"checkpoints/{UNIT}\.safetensors", r"optuna\.db(-journal|-wal|-shm)?",
    r"timings\.csv", r"(progress|holder)\.json",
    r"tables/[a-z_]+\.(csv|tex)", r"figures/[a-z_]+\.svg", r"report\.(html|md)", r"(models/)?SHA256SUMS",
    rf"trained/{UNIT}\.(json|safetensors|checkpoint)", r"models/[a-z][a-z0-9_]*\.safetensors",
)  # fmt: skip
"""What the bench leaves in a folder."""
LEFTOVER = re.compile(r"(.*/)?\.[^/]+\.tmp")
"""Of a write that a kill cut short: harmless."""


@dataclass(frozen=True)
class Verified:
    """What was found: how many files were looked at, what is wrong, and what is only worth knowing, a line each."""

    files: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def verify(folder: Path) -> Verified:
    """Check the run in the folder; UsageError where there is none."""
    files = _files(folder)
    faults = {name: "is nothing that a run leaves" for name in files if not _known(name)}
    faults |= {
        name: "is no plain file" for name, path in files.items() if not stat.S_ISREG(path.lstat().st_mode)
    }
    notes = [
        f"{name} is left over from a write that was cut short" for name in files if LEFTOVER.fullmatch(name)
    ]
    run = _run(folder, faults)
    for name, path in files.items():
        if name not in faults and path.suffix == ".json":
            faults |= _damage(name, path, run)
    for part in ("", "models/"):
        notes += _against_list(folder / part, part, files, faults)
    return Verified(
        len(files), tuple(f"{name} {fault}" for name, fault in sorted(faults.items())), tuple(notes)
    )


def _files(folder: Path) -> dict[str, Path]:
    """All that is no folder, by its path below the run's."""
    found = sorted(folder.rglob("*"))
    return {
        path.relative_to(folder).as_posix(): path for path in found if path.is_symlink() or not path.is_dir()
    }


def _known(name: str) -> bool:
    return LEFTOVER.fullmatch(name) is not None or any(re.fullmatch(pattern, name) for pattern in WRITTEN)


def _run(folder: Path, faults: dict[str, str]) -> Run | None:
    """The run; where its manifest is damaged a fault, and None."""
    try:
        return read_run(folder)
    except UsageError:
        raise
    except BenchError as error:
        faults["manifest.json"] = _why(error, folder / "manifest.json")
        return None


def _damage(name: str, path: Path, run: Run | None) -> dict[str, str]:
    """What is wrong with a JSON file by what it says of itself; nothing if it is whole."""
    try:
        if run and name.startswith("units/"):
            run.check(path)
        else:
            read_json(path)
    except BenchError as error:
        return {name: _why(error, path)}
    return {}


def _why(error: BenchError, path: Path) -> str:
    """The error without the path, which stands before it anyway."""
    return str(error).removeprefix(f"{path} ")


def _against_list(
    folder: Path, prefix: str, files: Mapping[str, Path], faults: dict[str, str]
) -> Iterator[str]:
    """Compare the files with the list of their digests; yields what is worth knowing and no fault."""
    try:
        listed = sums.read_sums(folder)
    except BenchError as error:
        faults[prefix + sums.NAME] = _why(error, folder / sums.NAME)
        return
    if listed is None:
        if not prefix:
            yield "no report was made yet, so tables, figures and models have no digests to be held against"
        elif any(name.startswith(prefix) for name in files):
            yield "the models have no digests to be held against; `aebench report` lists them"
        return
    for name, digest in listed.items():
        if prefix + name not in files:
            faults[prefix + name] = "is missing"
        elif prefix + name not in faults and sums.digest(files[prefix + name]) != digest:
            faults[prefix + name] = "is not as it was when the report was made"
    late = [
        name
        for name in files
        if _sealed(name, prefix) and name.removeprefix(prefix) not in listed and name not in faults
    ]
    for name in late:
        if not name.startswith("units/"):
            faults.setdefault(name, "was not there when the report was made")
    count = sum(name.startswith("units/") for name in late)
    if count:
        yield f"{count} records are not in the report yet; `aebench report` takes them in"


def _sealed(name: str, prefix: str) -> bool:
    """Whether the list of this folder should hold the file."""
    path = PurePosixPath(name)
    if prefix:
        return name.startswith(prefix) and path.suffix == ".safetensors"
    return any(path.match(pattern) for pattern in sums.SEALED)
