"""What `aebench reproduce` does: train one unit of a run again, and hold the outcome against its record."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.by_hand import the_same_data, train_here
from bench.commands import check, resolve_device
from bench.engine import Job
from bench.errors import BenchError, UsageError
from bench.provenance import DECISIVE_PACKAGES, code_digest, machine, versions
from bench.records import Finished, to_json
from bench.screen import say
from bench.store import Run, read_run
from bench.wording import count

LONGEST_LIST = 3
"""Differences that are shown."""


def run_reproduce(folder: Path, start: str, own_file: Path | None, data_dir: Path | None) -> None:
    """Train the unit whose id begins so; BenchError where its records come out otherwise.

    Nothing is written. own_file, data_dir: where the data lie, if not where this machine keeps them.
    """
    run = read_run(folder)
    unit, records = _chosen(run, start)
    check(run.plan, own_file=own_file)
    resolve_device(run.plan.device)
    split = the_same_data(run.plan, run.manifest["data"], own_file, data_dir)
    threads = int(run.manifest["machine"]["threads"])
    told = f"unit {unit.id[:12]}: {unit.variant}, stage {unit.stage}, {count(len(unit.members), 'model')}"
    say(f"{told}, {count(unit.epochs, 'epoch')}, {count(threads, 'thread')}")
    unlike = list(_unlike(run, threads))
    for line in unlike:
        say(line)
    trained = train_here(Job(unit, run.plan, _earlier(run, unit.trials, unit.variant)), split, threads)
    differing = list(_differences(to_json(records), to_json(trained.records)))
    if differing:
        shown = "; ".join(differing[:LONGEST_LIST])
        why = "" if unlike else "; as nothing else is known to differ, look for another build of torch"
        raise BenchError(f"not the same: {count(len(differing), 'value')} of the record, {shown}{why}")
    say(f"the same to the last digit: {count(len(records), 'record')} of {folder / 'units' / unit.id}.json")


def _chosen(run: Run, start: str) -> Finished:
    """The finished unit whose id begins so; UsageError where there is none, or more than one."""
    found = [pair for pair in run.units() if pair[0].id.startswith(start)]
    if len(found) != 1 or not start:
        which = f"{len(found)} units" if found else "no unit"
        raise UsageError(
            f"{run.folder} has {which} whose id begins with {start!r}; the column unit of tables/members.csv has "
            "the first digits, and the files in units/ are named by all of them"
        )
    return found[0]


def _earlier(run: Run, trials: Sequence[int], variant: str) -> tuple[Finished, ...]:
    """The variant's rounds of tuning before that of these trials, which a pruner looks at."""
    if run.plan.pruner == "none" or not trials:
        return ()
    rounds = [pair for pair in run.units() if (pair[0].variant, pair[0].stage) == (variant, "tune")]
    return tuple(pair for pair in rounds if pair[0].trials < tuple(trials))


def _unlike(run: Run, threads: int) -> Iterator[str]:
    """What here is not as it was for the run, a line each."""
    there, here = run.manifest, machine(run.plan.device, threads)
    pairs = {name: (there["versions"].get(name), versions()[name]) for name in DECISIVE_PACKAGES}
    pairs["processor"] = (there["machine"].get("processor"), here["processor"])
    pairs["code"] = (there["code"][:12], code_digest(run.plan)[:12])
    for name, (then, now) in pairs.items():
        if then != now:
            yield f"{name}: {then} there, {now} here; the digits may differ"


def _differences(there: Any, here: Any, place: str = "") -> Iterator[str]:
    """Where two JSON values differ; nan is nan."""
    if isinstance(there, dict) and isinstance(here, dict) and there.keys() == here.keys():
        for key in there:
            yield from _differences(there[key], here[key], f"{place}.{key}" if place else str(key))
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for number, pair in enumerate(zip(there, here, strict=True)):
            yield from _differences(*pair, f"{place}[{number}]")
    elif there != here:
        yield f"{place} {there} there, {here} here"
