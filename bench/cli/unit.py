"""One unit trained in this process: `aebench unit` for its run to collect, `aebench reproduce` to compare."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.cli.checks import check_plan, resolve_device
from bench.cli.data import with_data
from bench.data.split import Split
from bench.engine.inline import InlineEngine
from bench.engine.job_files import JobFile, read_job
from bench.engine.outcome_files import OUTCOME_FOLDER, checkpoint_path, read_outcome, write_outcome
from bench.engine.protocol import Trained
from bench.engine.provenance import DECISIVE_PACKAGES, check_environment, code_digest, machine, versions
from bench.io.console import console, say
from bench.io.errors import BenchError, UsageError
from bench.io.files import require_writable
from bench.io.text import quantity
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.records import FinishedUnit, to_json
from bench.run.progress import Display
from bench.run.store import Run, read_run

MAX_LIST_LENGTH = 3
"""Differences that are shown."""


def load_run_data(plan: Plan, digest: str, own_file: Path | None, data_dir: Path | None) -> Split:
    """The run's data, fetched if they are missing; BenchError where those found here have another digest."""
    _, split = with_data(plan, own_file, data_dir)
    if split.digest != digest:
        raise BenchError(
            f"the data here are not the run's ({split.digest[:12]} here, {digest[:12]} there); "
            "name the run's with --data or --data-dir"
        )
    return split


def train_in_process(job: Job, split: Split, threads: int) -> Trained:
    """Train the job, showing how far it is; UnitFailedError where it fails."""
    display = Display(console)
    engine = InlineEngine(split, display.tell, threads)
    try:
        with display.working(len(job.unit.members) * job.unit.epochs):
            trained = engine.submit(job).result()
            display.end(job.unit)
    finally:
        engine.close()
    return trained


def run_reproduce(folder: Path, start: str, own_file: Path | None, data_dir: Path | None) -> None:
    """Train the unit whose id begins so; BenchError where its records come out otherwise.

    Nothing is written. own_file, data_dir: where the data lie, if not where this machine keeps them.
    """
    run = read_run(folder)
    unit, records = _chosen(run, start)
    check_plan(run.plan, own_file=own_file)
    resolve_device(run.plan.device)
    split = load_run_data(run.plan, run.manifest["data"], own_file, data_dir)
    threads = int(run.manifest["machine"]["threads"])
    told = f"unit {unit.id[:12]}: {unit.variant}, stage {unit.stage}, {quantity(len(unit.members), 'model')}"
    say(f"{told}, {quantity(unit.epochs, 'epoch')}, {quantity(threads, 'thread')}")
    unlike = list(_unlike(run, threads))
    for line in unlike:
        say(line)
    trained = train_in_process(Job(unit, run.plan, _earlier(run, unit.trials, unit.variant)), split, threads)
    differing = list(_differences(to_json(records), to_json(trained.records)))
    if differing:
        shown = "; ".join(differing[:MAX_LIST_LENGTH])
        why = "" if unlike else "; as nothing else is known to differ, look for another build of torch"
        raise BenchError(f"not the same: {quantity(len(differing), 'value')} of the record, {shown}{why}")
    say(
        f"the same to the last digit: {quantity(len(records), 'record')} of {folder / 'units' / unit.id}.json"
    )


def run_unit(path: Path, out: Path | None, own_file: Path | None, data_dir: Path | None) -> None:
    """Train the job in the file, unless that is done, from its checkpoint on if it was interrupted.

    out: where the outcome goes, else into the run's folder; own_file, data_dir: where the data lie, if not where
    they lay for the run. Raises BenchError where code, packages or data are not the run's.
    """
    file = read_job(path)
    unit = file.job.unit
    check_environment(file.job.plan, file.footing, "this machine")
    resolve_device(file.job.plan.device)
    folder = out or _run_folder(file) / OUTCOME_FOLDER
    if read_outcome(folder, unit) or (out is None and read_run(Path(file.run)).get(unit)):
        say(f"{path} is trained already")
        return
    split = _split(file, own_file, data_dir)
    require_writable(folder)
    half = checkpoint_path(folder, unit)
    job = Job(unit, file.job.plan, file.job.earlier, half)
    left = write_outcome(folder, unit, train_in_process(job, split, file.threads))
    half.unlink(missing_ok=True)
    say(f"outcome {left}")


def _chosen(run: Run, start: str) -> FinishedUnit:
    """The finished unit whose id begins so; UsageError where there is none, or more than one."""
    found = [pair for pair in run.units() if pair[0].id.startswith(start)]
    if len(found) != 1 or not start:
        which = f"{len(found)} units" if found else "no unit"
        raise UsageError(
            f"{run.folder} has {which} whose id begins with {start!r}; the column unit of tables/members.csv has "
            "the first digits, and the files in units/ are named by all of them"
        )
    return found[0]


def _earlier(run: Run, trials: Sequence[int], variant: str) -> tuple[FinishedUnit, ...]:
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


def _run_folder(file: JobFile) -> Path:
    folder = Path(file.run)
    if not (folder / "manifest.json").exists():
        raise UsageError(
            f"there is no run in {folder} on this machine; give --out FOLDER, and copy what is in it to "
            f"{folder / OUTCOME_FOLDER} where the run is"
        )
    return folder


def _split(file: JobFile, own_file: Path | None, data_dir: Path | None) -> Split:
    """The run's data, where they lay for it if no other place is given; BenchError where those there are others."""
    named, source = file.source.own_file, file.source.data_dir
    own_file = own_file or (Path(named) if named else None)
    data_dir = data_dir or (Path(source) if source else None)
    return load_run_data(file.job.plan, file.data, own_file, data_dir)
