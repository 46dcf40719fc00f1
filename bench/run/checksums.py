"""The digests of a run's files: which files a run has, their lists, and what differs from those."""

import re
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath

from bench.io.errors import BenchError
from bench.io.files import json_bytes, write_atomic
from bench.io.text import quantity
from bench.run.store import Run

UNIT = "[0-9a-f]{64}"
TABLES = (
    "summary", "contrasts", "claims", "attribution", "one_rate", "budget", "expected_best", "members", "levels",
    "trials", "epochs", "audit",
)  # fmt: skip
"""The tables as CSV."""
LATEX_TABLES = ("headline", "contrasts", "attribution", "levels", "claims", "rules", "one_rate", "budget")
"""The tables of the report, as LaTeX."""
FIGURES = ("error", "reconstructions", "epochs", "lr", "budget", "levels", "audit")
"""The figures."""
RECORDS = rf"units/({UNIT}|baselines|audit)\.json"
REPORT = r"report\.(html|md)"
SEALED_FILES = (
    r"manifest\.json", RECORDS, REPORT, rf"tables/({'|'.join(TABLES)})\.csv",
    rf"tables/({'|'.join(LATEX_TABLES)})\.tex", rf"figures/({'|'.join(FIGURES)})\.svg",
)  # fmt: skip
"""What a report is made from, and what is made from it."""
MODEL = r"models/[a-z][a-z0-9_]{0,39}\.safetensors"
"""Apart from the rest, for models come and go together."""
TRANSIENT_FILES = (
    r"\.lock", r"(progress|holder)\.json", rf"failures/{UNIT}\.json", rf"checkpoints/{UNIT}\.safetensors",
    rf"trained/{UNIT}\.(json|safetensors|checkpoint)", r"optuna\.db(-journal|-wal|-shm)?", r"timings\.csv",
    r"(models/)?SHA256SUMS",
)  # fmt: skip
"""Clock times, what is rebuilt, and what is there for a while."""
TEMPORARY_FILE = r"(.*/)?\.[^/]+\.tmp"
"""Of a write that a kill cut short: harmless."""
LIST_NAME = "SHA256SUMS"
"""Of the file that lists digests."""
LINE = re.compile(r"([0-9a-f]{64})  ([^\\\x00-\x1f\x7f]{1,500})")
MAX_BYTES = 64 * 2**20
SUM_LISTS = (("", SEALED_FILES), ("models/", (MODEL,)))
"""Each list's folder and what it holds: models have their own, for they come and go."""
MANIFEST, AUDIT = "manifest.json", "units/audit.json"
Lists = Mapping[str, Mapping[str, str]]
"""Of each part's list that is there, the digests by path below the run's folder."""


def matches_any(name: str, *patterns: str) -> bool:
    """Whether one of the patterns describes the file; name: its path below the run's folder."""
    return any(re.fullmatch(pattern, name, re.DOTALL) for pattern in patterns)


def write_sums(folder: Path) -> None:
    """Write the lists of a run: one in its folder, and one beside its models if it has some."""
    for part, patterns in SUM_LISTS:
        names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if is_regular_file(path))
        # A stranger in the folder must not become one of the run's own by a new report.
        mine = sorted(name for name in names if matches_any(name, *patterns))
        if not part or (folder / part).is_dir():
            _write(folder / part, {name.removeprefix(part): sha256_of(folder / name) for name in mine})


def read_sums(folder: Path) -> Mapping[str, str] | None:
    """Each listed file's SHA-256 by its path below the folder; None without a list, BenchError for no such list."""
    path = folder / LIST_NAME
    if not path.exists() and not path.is_symlink():
        return None
    try:
        # A pipe or a device would be read for ever.
        if not is_regular_file(path):
            raise ValueError("it is not a regular file")
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
        head, _, body = path.read_bytes().decode().partition("\n")
        if head != _head(body):
            raise ValueError("its own digest does not match")
        found = [_entry(line) for line in body.splitlines()]
    except (OSError, ValueError) as error:
        raise BenchError(
            f"{path} is not a list of digests ({error}); `aebench report` makes it anew"
        ) from error
    if len(dict(found)) < len(found):
        raise BenchError(f"{path} lists a file twice; `aebench report` makes it anew")
    return dict(found)


def sha256_of(path: Path) -> str:
    """SHA-256 of the file's content, hex; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def is_regular_file(path: Path) -> bool:
    """Whether this is a file, and no link, pipe, device or folder; False for one that went away meanwhile."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


@dataclass(frozen=True)
class ListFindings:
    """What the lists found wrong, by file, and what is only worth knowing."""

    faults: Mapping[str, str]
    notes: tuple[str, ...]


def compare_with_lists(
    folder: Path, names: Collection[str], whole: Collection[str], run: Run | None
) -> ListFindings:
    """Hold a run's files against its lists; names: of all its files; whole: those with nothing wrong in them."""
    faults: dict[str, str] = {}
    lists = _read(folder, faults)
    notes = list(_unlisted(names, lists, faults))
    went_on = list(_went_on(whole, lists, run))
    for name, fault in _differences(folder, names, whole, lists):
        # A run that went on may leave a better model, or audit a variant that was mended; records never change.
        newer = name in whole and matches_any(name, MODEL, MANIFEST, AUDIT)
        if newer and (name != MANIFEST or _grown(lists, run)) and went_on:
            notes.append(f"{name} is newer than the report")
        else:
            faults[name] = fault
    return ListFindings(faults, (*notes, *went_on))


def _write(folder: Path, digests: Mapping[str, str]) -> None:
    text = "".join(f"{value}  {name}\n" for name, value in digests.items())
    write_atomic(folder / LIST_NAME, f"{_head(text)}\n{text}".encode())


def _head(body: str) -> str:
    """A comment to `sha256sum`, by which the list itself is known to be whole."""
    return f"# {sha256(body.encode()).hexdigest()} of the lines below"


def _entry(line: str) -> tuple[str, str]:
    """A line's path, which stays below the folder, and its digest."""
    match = LINE.fullmatch(line)
    if not match or PurePosixPath(match[2]).is_absolute() or ".." in PurePosixPath(match[2]).parts:
        raise ValueError(f"a line reads {line[:80]!r}")
    return match[2], match[1]


def _read(folder: Path, faults: dict[str, str]) -> Lists:
    """The lists that are there; one that cannot be read is a fault."""
    lists = {}
    for part, _ in SUM_LISTS:
        try:
            found = read_sums(folder / part)
        except BenchError as error:
            faults[part + LIST_NAME] = str(error).removeprefix(f"{folder / part / LIST_NAME} ")
            continue
        if found is not None:
            lists[part] = {part + name: digest for name, digest in found.items()}
    return lists


def _unlisted(names: Collection[str], lists: Lists, faults: dict[str, str]) -> Iterator[str]:
    """What of the run has no list; a report without one is a fault, for they are made together."""
    if LIST_NAME not in faults and "" not in lists:
        if any(matches_any(name, REPORT) for name in names):
            faults[LIST_NAME] = "is missing although there is a report; `aebench report` makes both anew"
        else:
            yield "no report was made yet, so tables and figures have no digests to be held against"
    elif not {f"models/{LIST_NAME}", LIST_NAME} & faults.keys() and "models/" not in lists and _models(names):
        yield f"models/{LIST_NAME} is not there; the models were held against the digests in them alone"


def _models(names: Collection[str]) -> bool:
    return any(matches_any(name, MODEL) for name in names)


def _went_on(whole: Collection[str], lists: Lists, run: Run | None) -> Iterator[str]:
    """What the run did since its report was made, a line each."""
    if "" not in lists:
        return
    if _grown(lists, run):
        yield "the run was asked for more since its report was made"
    late = sum(matches_any(name, RECORDS) and name not in lists[""] for name in whole)
    if late:
        yield f"not in the report yet: {quantity(late, 'record')}; `aebench report` adds what is new"


def _grown(lists: Lists, run: Run | None) -> bool:
    """Whether the listed manifest is this one with an earlier plan of the run."""
    if run is None:
        return False
    earlier = (
        {**run.manifest, "plan": plan.as_json(), "plan_id": plan.identity} for plan in run.plan.lineage[:-1]
    )
    listed = lists.get("", {}).get(MANIFEST)
    return any(sha256(json_bytes(manifest)).hexdigest() == listed for manifest in earlier)


def _differences(
    folder: Path, names: Collection[str], whole: Collection[str], lists: Lists
) -> Iterator[tuple[str, str]]:
    """Each file that is not as its list says, and how; not those that are known to be damaged."""
    for part, patterns in SUM_LISTS:
        if part not in lists:
            continue
        for name, digest in lists[part].items():
            if name not in names:
                yield name, "is missing"
            elif name in whole and sha256_of(folder / name) != digest:
                yield name, _changed(name)
        for name in whole:
            if matches_any(name, *patterns) and not matches_any(name, RECORDS) and name not in lists[part]:
                yield name, "was not there when the report was made"


def _changed(name: str) -> str:
    """A record whose own digest is right was written by somebody, and no command would make it anew by itself."""
    told = "has changed since the report was made"
    return f"{told}; delete it and run again to make it anew" if matches_any(name, RECORDS) else told
