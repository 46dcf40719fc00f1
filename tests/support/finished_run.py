"""A small run that is finished, and how its files are spoilt."""

from pathlib import Path

from rich.console import Console

from bench.data.split import Split
from bench.plan import Plan
from bench.report.publish import publish
from bench.run import ablation
from bench.run.progress import Display

PLAN = Plan(
    variants=("plain", "tied"), widths=(784, 12, 6), batch_size=64, trials=2, tune_epochs=1, epochs=1,
    seeds=2, train_images=600, valid_images=100, test_images=200,
)  # fmt: skip
UNSEALED = (".lock", "optuna.db", "timings.csv")
"""Nothing stands or falls with them."""


def finish(folder: Path, split: Split) -> Path:
    """The folder with the run and its report in it."""
    ablation.run(PLAN, folder, split, Display(Console(quiet=True)))
    publish(folder)
    return folder


def cut(path: Path) -> None:
    """Take the file's end away."""
    path.write_bytes(path.read_bytes()[:-20])


def flip(path: Path) -> None:
    """Turn a bit in the middle of the file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
