"""The command line: parses, calls, prints; heavy imports only where they are used."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from bench import options
from bench.errors import BenchError
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
    aebench compare A B        run B against run A, seed by seed
    """


@aebench.command()
@click.option("--preset", "name", default="quick", show_default=True, help=f"One of {', '.join(PRESETS)}.")
@click.option("--variants", help="Names, separated by commas. [default: the five]")
@click.option("--epochs", type=int, help="Epochs of each confirmed model.")
@click.option("--tune-epochs", type=int, help="Epochs of each trial.")
@click.option("--seeds", type=int, help="Confirmed models for each variant.")
@click.option("--one-lr-seeds", type=int, help="Models for each variant at plain's tuned learning rate.")
@click.option("--claim-seeds", type=int, help="Models for each claim under its own conditions.")
@options.search
@options.metric
@click.option("--dry-run", is_flag=True, help="Say what would be done and how long it takes; do nothing.")
def run(
    name: str, variants: str | None, device: str, own_file: Path | None, data_dir: Path | None, out: Path | None,
    metric: str, dry_run: bool, population: str | None, **changes: Any,
) -> None:  # fmt: skip
    """Tune every variant, train each over several seeds, write the report; goes on where it stopped."""
    from bench import commands as do
    from bench.data_command import with_data

    names = tuple(variants.split(",")) if variants else None
    folder = out or Path("results") / name
    plan = preset(name, variants=names, device=do.resolve_device(device), **changes)
    do.check(plan, metric, own_file)
    given = changes["widths"] is not None
    plan, split = with_data(plan, own_file, data_dir, widths_given=given, fetching=not dry_run)
    plan = do.with_population(plan, population, folder)
    if dry_run:
        do.show_cost(plan)
    else:
        do.run_ablation(plan, folder, data_dir, metric, split)


@aebench.command()
@click.argument("variant")
@click.option("--epochs", "tune_epochs", type=int, help="Epochs of each trial.")
@options.search
def tune(
    variant: str, device: str, own_file: Path | None, data_dir: Path | None, out: Path | None,
    population: str | None, **changes: Any,
) -> None:  # fmt: skip
    """Tune the learning rate of one variant."""
    from bench import commands as do
    from bench.data_command import with_data

    plan = preset("quick", variants=(variant,), device=do.resolve_device(device), **changes)
    do.check(plan, own_file=own_file)
    given = changes["widths"] is not None
    plan, split = with_data(plan, own_file, data_dir, widths_given=given, fetching=True)
    folder = out or Path("results") / f"tune-{variant}"
    do.run_tuning(do.with_population(plan, population, folder), folder, data_dir, split)


@aebench.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@options.metric
def report(folder: Path, metric: str) -> None:
    """Rebuild tables, figures and report of a run from its records."""
    from bench import commands as do

    do.check_metric(metric)
    do.publish_run(folder, metric)


@aebench.command()
@click.argument("folder", metavar="[RUN]", default="results/claims", type=click.Path(path_type=Path))
@click.option(
    "--seeds", "claim_seeds", type=click.IntRange(min=1), help="Models for each setting. [default: 8]"
)
@options.device
@options.data_dir
def claims(folder: Path, claim_seeds: int | None, device: str, data_dir: Path | None) -> None:
    """Try every claim under its own conditions, up to 100 epochs; in the folder of a run, or apart."""
    from bench import claims_command as do

    do.run_claims(folder, claim_seeds, device, data_dir)


@aebench.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option("--fail-if", "rules", multiple=True, metavar="RULE", help="Such as worse:2%; repeatable.")
@options.metric
@click.option("--out", type=click.Path(path_type=Path), help="Where compare.csv and compare.md go.")
def compare(run_a: Path, run_b: Path, rules: tuple[str, ...], metric: str, out: Path | None) -> None:
    """Compare run B with run A, the reference, variant by variant and seed by seed.

    Exit code 1 where a RULE holds, 2 where the runs cannot be compared. worse:2% holds for a variant whose mean is
    worse than A's by more than 2 % of A's mean while the 95 % interval of the difference excludes 0 (of fewer than
    two pairs, which have no interval, the mean alone decides); worse:0.001 is the same in the metric's unit.
    missing holds for a variant that has finished seeds in A and none in B.
    """
    from bench import compare_command as do

    do.run_compare((run_a, run_b), metric, rules, out)


@aebench.command("list")
def list_variants() -> None:
    """Show the variants and what each changes."""
    from bench import commands as do

    do.show_variants()


@aebench.command()
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


@aebench.command()
@click.argument("variant")
@click.option("--widths", callback=options.whole_numbers, help="Units by level, e.g. 784,400,200,100,50")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the weights.")
@options.data_dir
def audit(variant: str, widths: tuple[int, ...] | None, seed: int, data_dir: Path | None) -> None:
    """Show which level's loss trains which weight of a variant, from its gradients before training."""
    from bench import audit_command as do

    do.run_audit(preset("quick", variants=(variant,), widths=widths), seed, data_dir)


@aebench.command()
@click.option("--members", default="1,2,4,8,16", show_default=True, callback=options.whole_numbers,
              help="Sizes of population to time.")  # fmt: skip
@click.option(
    "--turns", type=click.IntRange(min=1), default=5, show_default=True, help="Times that each loop runs."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("results/perf"), show_default=True)
@options.device
@options.data_dir
def perf(members: tuple[int, ...], turns: int, out: Path, device: str, data_dir: Path | None) -> None:
    """Time training on this machine: the bench, what a user would write, and the machine's own peak."""
    from bench import perf_command as do

    do.run_perf(out, members, turns, device, data_dir)
