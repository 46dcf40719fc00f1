"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.dataset_files import NAMES
from bench.errors import UsageError
from bench.headline import METRICS
from bench.plan import PRUNERS, SAMPLERS
from bench.seeds import SEEDS_APART


def together(*several: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator."""

    def decorate(command: Any) -> Any:
        for option in reversed(several):
            command = option(command)
        return command

    return decorate


def names(_context: click.Context, parameter: click.Parameter, text: str | None) -> Any:
    """A tuple of names from 'plain, tied'; UsageError where one is empty."""
    if text is None:
        return None
    found = tuple(name.strip() for name in text.split(","))
    if not all(found):
        raise UsageError(f"{parameter.opts[0]} must be names separated by commas but got {text!r}")
    return found


def trimmed(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    """The name without the space around it."""
    return text.strip()


def whole_numbers(_context: click.Context, parameter: click.Parameter, text: str | None) -> Any:
    """A tuple of integers from '784,400,...'; UsageError for anything else."""
    try:
        return None if text is None else tuple(map(int, text.split(",")))
    except ValueError:
        rule = "whole numbers separated by commas"
        raise UsageError(f"{parameter.opts[0]} must be {rule} but got {text!r}") from None


def one_of_two(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    """The value; UsageError where the data are named twice."""
    if value is not None and (context.params.get("dataset") or context.params.get("own_file")):
        raise click.UsageError("give --dataset or --data, not both")
    return value


device = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Where data sets are, or are fetched to. [default: $AEBENCH_DATA or cache]",
)
dataset = click.option("--dataset", callback=one_of_two, help=f"One of {', '.join(NAMES)}. [default: mnist]")
own_file = click.option(
    "--data",
    "own_file",
    type=click.Path(path_type=Path),
    callback=one_of_two,
    help="Your own images: a NumPy archive, FILE.npz.",
)
out = click.option("--out", type=click.Path(path_type=Path), help="The run's folder. [default: results/NAME]")
metric = click.option("--metric", default="test_mse", show_default=True, help=f"One of {', '.join(METRICS)}.")
search = together(
    click.option("--trials", type=int, help="Learning rates tried for each variant."),
    click.option("--tune-seeds", type=int, help="Models trained for each trial."),
    click.option("--sampler", help=f"One of {', '.join(SAMPLERS)}."),
    click.option("--pruner", help=f"One of {', '.join(PRUNERS)}."),
    click.option("--lr-low", type=float, help="Lower end of the learning rates searched."),
    click.option("--lr-high", type=float, help="Upper end."),
    click.option("--widths", callback=whole_numbers, help="Units by level, e.g. 784,400,200,100,50"),
    click.option("--population", help="The most models trained as one; auto measures what is fastest here."),
    click.option(
        "--seed",
        metavar="N",
        type=int,
        help=f"Adds {SEEDS_APART:,} N to the seed of every model, so that runs with different N share none.",
    ),
    device,
    click.option("--precision", help="Of matrix products: float32, or tf32 on a GPU."),
    dataset,
    own_file,
    data_dir,
    out,
)
