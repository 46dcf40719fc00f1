"""Options that several commands share, and those about where a run is trained."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Literal

import click

from bench.data.catalog import DATASETS
from bench.engine.choice import Emission, EngineChoice
from bench.io.errors import UsageError
from bench.plan import PRUNERS, SAMPLERS
from bench.records.metrics import METRICS
from bench.seeds import SEED_STRIDE

ENGINE_OPTIONS = (
    click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Where units are trained: processes here, or a Ray cluster's.",
    ),
    click.option(
        "--address",
        metavar="auto|HOST:PORT",
        help="Of the Ray cluster that this machine belongs to. [default: a new one on this machine]",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=0),
        help="Units trained at once, each in a process of its own; 0: in this one. [default: cores, or variants]",
    ),
    click.option(
        "--threads",
        type=click.IntRange(min=1),
        help="Of each worker. [default: as the folder was begun with, else the cores shared out]",
    ),
    click.option(
        "--stall-minutes",
        type=click.FloatRange(min=0, min_open=True),
        default=30.0,
        show_default=True,
        help="End a unit that takes no step for this many minutes.",
    ),
)
"""Where a run is trained, and how much of the machine it takes."""


def emitting(engine: EngineChoice, emission: Emission) -> EngineChoice:
    """The choice to write jobs instead; UsageError where these are for a cluster."""
    if engine.name == "ray":
        raise UsageError("--emit writes units to be trained by hand; leave out --engine ray, or --emit")
    return replace(engine, emission=emission)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `ENGINE_OPTIONS` to a command; they reach it together, as `engine`."""

    @wraps(command)
    def gathered(
        *arguments: Any, workers: int | None, threads: int | None, stall_minutes: float,
        engine: Literal["local", "ray"], address: str | None, **others: Any,
    ) -> Any:  # fmt: skip
        choice = EngineChoice(engine, workers, threads, 60 * stall_minutes, address)
        _check(choice)
        return command(*arguments, engine=choice, **others)

    for option in reversed(ENGINE_OPTIONS):
        gathered = option(gathered)
    return gathered


def combine_options(*several: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator."""

    def decorate(command: Any) -> Any:
        for option in reversed(several):
            command = option(command)
        return command

    return decorate


def comma_separated(_context: click.Context, parameter: click.Parameter, text: str | None) -> Any:
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


def refuse_both(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    """The value; UsageError where the data are named twice."""
    if value is not None and (context.params.get("dataset") or context.params.get("own_file")):
        raise click.UsageError("give --dataset or --data, not both")
    return value


def _check(engine: EngineChoice) -> None:
    """UsageError for options that do not go together, or need what is not installed."""
    if engine.name == "ray":
        from bench.engine.ray import check_installed

        check_installed()
        if engine.workers == 0:
            raise UsageError("--workers must be at least 1 with --engine ray but got 0")
        if engine.address and engine.workers:
            raise UsageError(
                "--workers is for this machine; a cluster takes as many units as it has room for"
            )
    elif engine.address:
        raise UsageError(f"--address is for a Ray cluster; give --engine ray --address {engine.address}")


device = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Where data sets are, or are fetched to. [default: $AEBENCH_DATA or cache]",
)
dataset = click.option(
    "--dataset", callback=refuse_both, help=f"One of {', '.join(DATASETS)}. [default: mnist]"
)
own_file = click.option(
    "--data",
    "own_file",
    type=click.Path(path_type=Path),
    callback=refuse_both,
    help="Your own images: a NumPy archive, FILE.npz.",
)
out = click.option("--out", type=click.Path(path_type=Path), help="The run's folder. [default: results/NAME]")
metric = click.option("--metric", default="test_mse", show_default=True, help=f"One of {', '.join(METRICS)}.")
search = combine_options(
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
        help=f"Adds {SEED_STRIDE:,} N to the seed of every model, so that runs with different N share none.",
    ),
    device,
    click.option("--precision", help="Of matrix products: float32, or tf32 on a GPU."),
    dataset,
    own_file,
    data_dir,
    out,
)
