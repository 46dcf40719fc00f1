"""The command line called in this process, its words kept in a file."""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO
from unittest.mock import patch

from bench.cli import run
from bench.cli.main import main
from bench.report.findings import findings
from bench.report.publish import _write_tables


def call_main(arguments: Sequence[str], said: TextIO) -> None:
    """`aebench` with these arguments; ends as it ends, by SystemExit where the exit code is not 0."""
    named = patch.object(sys, "argv", ["aebench", *arguments])
    with named, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        main()


def only_tables() -> None:
    """From now on runs end with their tables: figures and reports take longer to draw than the run does."""
    run.publish_run = write_tables  # type: ignore[assignment]


def write_tables(folder: Path, metric: str) -> None:
    """What stands for the report of a run."""
    del metric
    _write_tables(folder / "tables", findings(folder, skip_damaged=True))
