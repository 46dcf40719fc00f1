"""What `aebench status` and `aebench verify` print."""

import math
import time
from pathlib import Path

from bench.io.console import format_duration, say, show_table
from bench.io.errors import BenchError
from bench.io.text import quantity
from bench.run.status import RunStatus, run_status
from bench.run.verify import verify

TITLES = {"tune": "tuned", "confirm": "confirmed", "one_lr": "at one rate", "claim": "for claims"}


def show_status(folder: Path) -> None:
    """Print who works in the folder, what is done of each variant, what failed, what is left and for how long."""
    found = run_status(folder)
    say(_at_work(found, folder))
    rows = [[name, *map(str, stages.values())] for name, stages in found.variants.items()]
    show_table(["models", *TITLES.values()], rows)
    for line in (*map(str, found.failed), *found.damaged):
        say(line)
    say(_left(found))


def run_verify(folder: Path) -> None:
    """Print every fault and note; BenchError where there is a fault."""
    found = verify(folder)
    for line in (*found.faults, *found.notes):
        say(line)
    if found.faults:
        raise BenchError(
            f"not as the run left it: {quantity(len(found.faults), 'file')} in {folder}; the same `aebench run` "
            "makes records and models again, `aebench report` the rest; move away what is not the run's"
        )
    say(f"{quantity(found.files, 'file')}, all as the run left them")


def _at_work(found: RunStatus, folder: Path) -> str:
    now = found.now
    if now is None:
        return f"no aebench is working in {folder}"
    ago = format_duration(max(0.0, time.time() - now.written))
    return (
        f"process {now.pid} on {now.host} is working on: {'; '.join(now.running) or 'the report'} ({ago} ago)"
    )


def _left(found: RunStatus) -> str:
    """E.g. '120 of 423 model-epochs done, 303 left: about 12 minutes'."""
    done, asked = found.model_epochs.done, found.model_epochs.asked
    failed = f", {quantity(len(found.failed), 'unit')} failed" if found.failed else ""
    text = f"{done:,} of {asked:,} model-epochs done{failed}"
    if done >= asked:
        return text
    text = f"{text}, {asked - done:,} left"
    if found.now and math.isfinite(found.now.seconds_left):
        return f"{text}: about {format_duration(found.now.seconds_left)}"
    if found.seconds_each:
        return f"{text}: about {format_duration(found.seconds_each * (asked - done))} of one worker"
    return text
