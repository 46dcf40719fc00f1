"""The command line called in this process, its words kept in a file."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import aebench
import finished_run

from bench.cli import run


def call_main(arguments: Sequence[str], said: TextIO) -> None:
    """`aebench` with these arguments; ends as it ends, by SystemExit where the exit code is not 0."""
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        aebench.call_main(*arguments)


def only_tables() -> None:
    """From now on runs end with their tables: figures and reports take longer to draw than the run does."""
    run.publish_run = write_tables  # type: ignore[assignment]


def write_tables(folder: Path, metric: str) -> None:
    """What stands for the report of a run."""
    del metric
    finished_run.write_tables(folder)
