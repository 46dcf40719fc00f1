"""One unit trained in the command's own process, on the data of the run that it belongs to."""

from pathlib import Path

from bench.commands import load_split
from bench.data import Split
from bench.data_command import with_data
from bench.display import Display
from bench.engine import Job, Trained
from bench.engine.inline import InlineEngine
from bench.errors import BenchError
from bench.plan import Plan
from bench.screen import console


def the_same_data(plan: Plan, digest: str, own_file: Path | None, data_dir: Path | None) -> Split:
    """The run's data, fetched if they are missing; BenchError where those found here have another digest."""
    _, split = with_data(plan, own_file, data_dir, widths_given=True, fetching=True)
    split = split or load_split(plan, data_dir)
    if split.digest != digest:
        raise BenchError(
            f"the data here are not the run's ({split.digest[:12]} here, {digest[:12]} there); "
            "name the run's with --data or --data-dir"
        )
    return split


def train_here(job: Job, split: Split, threads: int) -> Trained:
    """Train the job, showing how far it is; UnitFailedError where it fails."""
    display = Display(console)
    engine = InlineEngine(split, display, threads)
    try:
        with display.working(len(job.unit.members) * job.unit.epochs):
            trained = engine.submit(job).result()
            display.end(job.unit)
    finally:
        engine.close()
    return trained
