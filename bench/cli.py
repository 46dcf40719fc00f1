"""The command line: parses, calls, prints; heavy imports only where they are used."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.errors import BenchError
from bench.headline import METRICS
from bench.plan import PRUNERS, SAMPLERS
from bench.presets import PRESETS, preset


def main() -> None:
    """Run the command and exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    try:
        aebench.main(standalone_mode=False, prog_name="aebench")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BenchError as error:
        click.echo(f"aebench: {error}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        again = shlex.join(["aebench", *sys.argv[1:]])
        click.echo(f"\ninterrupted; what was finished is kept; go on with: {again}", err=True)
        sys.exit(130)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="aebench")
def aebench() -> None:
    """Ablation bench for autoencoders: does this change really help?

    \b
    aebench run                the full ablation: tune, train and compare every variant
    aebench tune VARIANT       the learning rate of one variant
    aebench report RUN         tables, figures and report of a run, from its records
    """


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_device = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
_data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Where MNIST lies or goes. [default: $AEBENCH_DATA or cache]",
)
_out = click.option(
    "--out", type=click.Path(path_type=Path), help="The run's folder. [default: results/NAME]"
)
_metric = click.option(
    "--metric", default="test_mse", show_default=True, help=f"One of {', '.join(METRICS)}."
)
_search = _options(
    click.option("--trials", type=int, help="Learning rates tried for each variant."),
    click.option("--tune-seeds", type=int, help="Models trained for each trial."),
    click.option("--sampler", help=f"One of {', '.join(SAMPLERS)}."),
    click.option("--pruner", help=f"One of {', '.join(PRUNERS)}."),
    click.option("--lr-low", type=float, help="Lower end of the learning rates searched."),
    click.option("--lr-high", type=float, help="Upper end."),
    click.option("--widths", callback=lambda _c, _p, text: _widths(text), help="e.g. 784,400,200,100,50"),
    click.option("--seed", type=int, help="Shifts every seed of the run."),
    _device,
    _data_dir,
    _out,
)


@aebench.command()
@click.option("--preset", "name", default="quick", show_default=True, help=f"One of {', '.join(PRESETS)}.")
@click.option("--variants", help="Names, separated by commas. [default: the five]")
@click.option("--epochs", type=int, help="Epochs of each confirmed model.")
@click.option("--tune-epochs", type=int, help="Epochs of each trial.")
@click.option("--seeds", type=int, help="Confirmed models for each variant.")
@_search
@_metric
@click.option("--dry-run", is_flag=True, help="Say what would be done and how long it takes; do nothing.")
def run(
    name: str, variants: str | None, device: str, data_dir: Path | None, out: Path | None, metric: str,
    dry_run: bool, **changes: Any,
) -> None:  # fmt: skip
    """Tune every variant, train each over several seeds, write the report; goes on where it stopped."""
    from bench import commands as do

    names = tuple(variants.split(",")) if variants else None
    plan = preset(name, variants=names, device=do.resolve_device(device), **changes)
    do.check(plan, metric)
    if dry_run:
        do.show_cost(plan)
    else:
        do.run_ablation(plan, out or Path("results") / name, data_dir, metric)


@aebench.command()
@click.argument("variant")
@click.option("--epochs", "tune_epochs", type=int, help="Epochs of each trial.")
@_search
def tune(variant: str, device: str, data_dir: Path | None, out: Path | None, **changes: Any) -> None:
    """Tune the learning rate of one variant."""
    from bench import commands as do

    plan = preset("quick", variants=(variant,), device=do.resolve_device(device), **changes)
    do.check(plan)
    do.run_tuning(plan, out or Path("results") / f"tune-{variant}", data_dir)


@aebench.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@_metric
def report(folder: Path, metric: str) -> None:
    """Rebuild tables, figures and report of a run from its records."""
    from bench import commands as do

    do.check_metric(metric)
    do.publish_run(folder, metric)


@aebench.command("list")
def list_variants() -> None:
    """Show the variants and what each changes."""
    from bench import commands as do

    do.show_variants()


@aebench.command()
@_data_dir
def data(data_dir: Path | None) -> None:
    """Say which data files are there, verify them, and fetch what is missing."""
    from bench import commands as do

    do.show_data(data_dir)


def _widths(text: str | None) -> tuple[int, ...] | None:
    """Widths from '784,400,...'."""
    try:
        return tuple(map(int, text.split(","))) if text else None
    except ValueError:
        raise click.BadParameter(f"widths are whole numbers separated by commas but got {text!r}") from None
