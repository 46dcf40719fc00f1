"""Runs that are finished, their tables, and how their files are spoilt."""

import shutil
from pathlib import Path

from ablating import ablate
from rich.console import Console

from bench.data.split import Split
from bench.plan import Plan
from bench.report.findings import findings
from bench.report.publish import _write_tables, publish
from bench.run.progress import Display

PLAN = Plan(
    variants=("plain", "tied"), widths=(784, 12, 6), batch_size=64, trials=2, tune_epochs=1, epochs=1,
    seeds=2, train_images=600, valid_images=100, test_images=200,
)  # fmt: skip
UNSEALED = (".lock", "optuna.db", "timings.csv")
"""Nothing stands or falls with them."""


def finish(folder: Path, split: Split) -> Path:
    """The folder with the run and its report in it."""
    ablate(PLAN, folder, split, Display(Console(quiet=True)))
    publish(folder)
    return folder


class FinishedRuns:
    """Each plan's run is trained once, and has no report."""

    def __init__(self, home: Path, split: Split) -> None:
        self._home = home
        self._split = split
        self._folders: dict[str, Path] = {}

    def of(self, plan: Plan) -> Path:
        """The folder of the plan's run; not to be written to."""
        if plan.identity not in self._folders:
            folder = self._home / str(len(self._folders))
            assert ablate(plan, folder, self._split, Display(Console(quiet=True)))
            self._folders[plan.identity] = folder
        return self._folders[plan.identity]

    def copy(self, plan: Plan, folder: Path) -> Path:
        """The plan's run in this folder."""
        return Path(shutil.copytree(self.of(plan), folder))


def tables(folder: Path) -> dict[str, bytes]:
    """The run's tables by name, written anew; the rest of a report takes longer to draw than the run to train."""
    write_tables(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.glob("tables/*.csv"))}


def write_tables(folder: Path) -> None:
    """What a report is written from."""
    _write_tables(folder / "tables", findings(folder, skip_damaged=True))


def cut(path: Path) -> None:
    """Take the file's end away."""
    path.write_bytes(path.read_bytes()[:-20])


def flip(path: Path) -> None:
    """Turn a bit in the middle of the file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
