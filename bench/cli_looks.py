"""The commands that look at one thing: the variants, the data, a variant's gradients, a run, this machine's speed."""

from pathlib import Path

import click

from bench import options
from bench.presets import preset


@click.command("list")
def list_variants() -> None:
    """Show the variants and what each changes."""
    from bench import commands as do

    do.show_variants()


@click.command()
@options.dataset
@options.data_dir
def data(dataset: str | None, data_dir: Path | None) -> None:
    """Say which data files are there, verify MNIST's, and fetch what is missing."""
    from bench import commands as do
    from bench.data_command import show_dataset

    if dataset in (None, "mnist"):
        do.show_data(data_dir)
    else:
        show_dataset(dataset, data_dir)


@click.command()
@click.argument("variant", callback=options.trimmed)
@click.option("--widths", callback=options.whole_numbers, help="Units by level, e.g. 784,400,200,100,50")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the weights.")
@options.data_dir
def audit(variant: str, widths: tuple[int, ...] | None, seed: int, data_dir: Path | None) -> None:
    """Show which level's loss trains which weight of a variant, from its gradients before training."""
    from bench import audit_command as do
    from bench.commands import check_variants

    check_variants([variant])
    do.run_audit(preset("quick", variants=(variant,), widths=widths), seed, data_dir)


@click.command()
@click.option("--members", default="1,2,4,8,16", show_default=True, callback=options.whole_numbers,
              help="Population sizes to time.")  # fmt: skip
@click.option(
    "--turns", type=click.IntRange(min=1), default=5, show_default=True, help="How often each loop is timed."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("results/perf"), show_default=True)
@options.device
@options.data_dir
def perf(members: tuple[int, ...], turns: int, out: Path, device: str, data_dir: Path | None) -> None:
    """Time training on this machine: the bench, what a user would write, and the machine's own peak."""
    from bench import perf_command as do

    do.run_perf(out, members, turns, device, data_dir)


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
def status(folder: Path) -> None:
    """Show what is done, running, failed and left of a run, and how long the rest takes; also while it runs."""
    from bench import status_command as do

    do.show_status(folder)


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
def verify(folder: Path) -> None:
    """Find every file of a run that is changed, cut short, missing or foreign; exit code 1 where one is."""
    from bench import verify_command as do

    do.run_verify(folder)


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("unit", metavar="UNIT")
@click.option("--data", "own_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.npz",
              help="The run's own images, where it has some.")  # fmt: skip
@options.data_dir
def reproduce(folder: Path, unit: str, own_file: Path | None, data_dir: Path | None) -> None:
    """Train one unit of a run again and hold what comes of it against the record; exit code 1 where they differ.

    UNIT is the beginning of its id, as in the column unit of the run's tables/members.csv.
    """
    from bench import reproduce_command as do

    do.run_reproduce(folder, unit, own_file, data_dir)
