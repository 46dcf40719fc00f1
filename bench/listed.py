"""A run's files beside the digests that they had when its report was made."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bench import sums
from bench.errors import BenchError
from bench.files import json_bytes
from bench.leaves import MODEL, RECORDS, REPORT, is_one
from bench.store import Run
from bench.wording import count

MANIFEST, AUDIT = "manifest.json", "units/audit.json"
Lists = Mapping[str, Mapping[str, str]]
"""Of each part's list that is there, the digests by path below the run's folder."""


@dataclass(frozen=True)
class Listed:
    """What the lists found wrong, by file, and what is only worth knowing."""

    faults: Mapping[str, str]
    notes: tuple[str, ...]


def against_lists(folder: Path, names: Collection[str], whole: Collection[str], run: Run | None) -> Listed:
    """Hold a run's files against its lists; names: of all its files; whole: those with nothing wrong in them."""
    faults: dict[str, str] = {}
    lists = _read(folder, faults)
    notes = list(_unlisted(names, lists, faults))
    went_on = list(_went_on(whole, lists, run))
    for name, fault in _differences(folder, names, whole, lists):
        # A run that went on may leave a better model, or audit a variant that was mended; records never change.
        newer = name in whole and is_one(name, MODEL, MANIFEST, AUDIT)
        if newer and (name != MANIFEST or _grown(lists, run)) and went_on:
            notes.append(f"{name} is newer than the report")
        else:
            faults[name] = fault
    return Listed(faults, (*notes, *went_on))


def _read(folder: Path, faults: dict[str, str]) -> Lists:
    """The lists that are there; one that cannot be read is a fault."""
    lists = {}
    for part, _ in sums.PARTS:
        try:
            found = sums.read_sums(folder / part)
        except BenchError as error:
            faults[part + sums.NAME] = str(error).removeprefix(f"{folder / part / sums.NAME} ")
            continue
        if found is not None:
            lists[part] = {part + name: digest for name, digest in found.items()}
    return lists


def _unlisted(names: Collection[str], lists: Lists, faults: dict[str, str]) -> Iterator[str]:
    """What of the run has no list; a report without one is a fault, for they are made together."""
    if sums.NAME not in faults and "" not in lists:
        if any(is_one(name, REPORT) for name in names):
            faults[sums.NAME] = "is missing although there is a report; `aebench report` makes both anew"
        else:
            yield "no report was made yet, so tables and figures have no digests to be held against"
    elif not {f"models/{sums.NAME}", sums.NAME} & faults.keys() and "models/" not in lists and _models(names):
        yield f"models/{sums.NAME} is not there; the models were held against the digests in them alone"


def _models(names: Collection[str]) -> bool:
    return any(is_one(name, MODEL) for name in names)


def _went_on(whole: Collection[str], lists: Lists, run: Run | None) -> Iterator[str]:
    """What the run did since its report was made, a line each."""
    if "" not in lists:
        return
    if _grown(lists, run):
        yield "the run was asked for more since its report was made"
    late = sum(is_one(name, RECORDS) and name not in lists[""] for name in whole)
    if late:
        yield f"not in the report yet: {count(late, 'record')}; `aebench report` adds what is new"


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
    for part, patterns in sums.PARTS:
        if part not in lists:
            continue
        for name, digest in lists[part].items():
            if name not in names:
                yield name, "is missing"
            elif name in whole and sums.digest(folder / name) != digest:
                yield name, _changed(name)
        for name in whole:
            if is_one(name, *patterns) and not is_one(name, RECORDS) and name not in lists[part]:
                yield name, "was not there when the report was made"


def _changed(name: str) -> str:
    """A record whose own digest is right was written by somebody, and no command would make it anew by itself."""
    told = "has changed since the report was made"
    return f"{told}; delete it and run again to make it anew" if is_one(name, RECORDS) else told
