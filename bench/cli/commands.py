"""The commands as click knows them: names, options, help; what they do is imported when they are called."""

from pathlib import Path
from typing import Any

import click

from bench.cli import options
from bench.cli.options import emitting, engine_options
from bench.engine.choice import Emission, EngineChoice
from bench.plan import Plan
from bench.presets import PRESETS, preset


@click.command("list")
def list_variants() -> None:
    """Show the variants and what each changes."""
    from bench.cli import run as do

    do.show_variants()


@click.command()
@options.dataset
@options.data_dir
def data(dataset: str | None, data_dir: Path | None) -> None:
    """Say which data files are there, verify MNIST's, and fetch what is missing."""
    from bench.cli import data as do

    do.show_data(dataset or Plan().dataset, data_dir)


@click.command()
@click.argument("variant", callback=options.trimmed)
@click.option("--widths", callback=options.whole_numbers, help="Units by level, e.g. 784,400,200,100,50")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the weights.")
@options.data_dir
def audit(variant: str, widths: tuple[int, ...] | None, seed: int, data_dir: Path | None) -> None:
    """Show which level's loss trains which weight of a variant, from its gradients before training."""
    from bench.cli import audit as do
    from bench.cli.checks import check_variants

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
    from bench.cli import perf as do

    do.run_perf(out, members, turns, device, data_dir)


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
def status(folder: Path) -> None:
    """Show what is done, running, failed and left of a run, and how long the rest takes; also while it runs."""
    from bench.cli import status as do

    do.show_status(folder)


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
def verify(folder: Path) -> None:
    """Find every file of a run that is changed, cut short, missing or foreign; exit code 1 where one is."""
    from bench.cli import status as do

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
    from bench.cli import unit as do

    do.run_reproduce(folder, unit, own_file, data_dir)


@click.command()
@click.option("--preset", "name", default="quick", show_default=True, help=f"One of {', '.join(PRESETS)}.")
@click.option(
    "--variants", callback=options.comma_separated, help="Names, separated by commas. [default: the five]"
)
@click.option("--epochs", type=int, help="Epochs of each confirmed model.")
@click.option("--tune-epochs", type=int, help="Epochs of each trial.")
@click.option("--seeds", type=int, help="Confirmed models for each variant.")
@click.option("--one-lr-seeds", type=int, help="Models for each variant at plain's tuned learning rate.")
@click.option("--claim-seeds", type=int, help="Models for each claim under its own conditions.")
@options.search
@options.metric
@engine_options
@click.option("--emit", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Train nothing: write what can be trained now into FOLDER, for `aebench unit`.")  # fmt: skip
@click.option(
    "--dry-run", is_flag=True, help="Say what would be done and how long it would take; do nothing."
)
def run(
    name: str, variants: tuple[str, ...] | None, device: str, own_file: Path | None, data_dir: Path | None,
    out: Path | None, metric: str, dry_run: bool, population: str | None, engine: EngineChoice, emit: Path | None,
    **changes: Any,
) -> None:  # fmt: skip
    """Tune every variant, train each over several seeds, write the report; goes on where it stopped."""
    from bench.cli import checks
    from bench.cli import run as do
    from bench.cli.data import tell_few_steps, with_data, without_fetching
    from bench.io.clock import Clock

    folder = out or Path("results") / name
    if emit:
        engine = emitting(engine, Emission(emit, folder, own_file, data_dir))
    checks.check_variants(variants or ())
    plan = preset(name, variants=variants, device=checks.resolve_device(device), **changes)
    checks.check_plan(plan, metric, own_file)
    given = changes["widths"] is not None
    if dry_run:
        plan = without_fetching(plan, own_file, data_dir, widths_given=given)
        tell_few_steps(plan, confirming=True)
        do.show_cost(checks.with_population(plan, population, folder))
        return
    clock = Clock()
    with clock.during("data"):
        plan, split = with_data(plan, own_file, data_dir, widths_given=given)
    tell_few_steps(plan, confirming=True)
    plan = checks.with_population(plan, population, folder)
    if emit:
        do.emit_jobs(plan, folder, split, engine, emit)
    else:
        do.run_ablation(plan, folder, split, metric, engine, clock)


@click.command()
@click.argument("variant", callback=options.trimmed)
@click.option("--epochs", "tune_epochs", type=int, help="Epochs of each trial.")
@options.search
@engine_options
def tune(
    variant: str, device: str, own_file: Path | None, data_dir: Path | None, out: Path | None,
    population: str | None, engine: EngineChoice, **changes: Any,
) -> None:  # fmt: skip
    """Tune the learning rate of one variant."""
    from bench.cli import checks
    from bench.cli import run as do
    from bench.cli.data import tell_few_steps, with_data

    checks.check_variants([variant])
    plan = preset("quick", variants=(variant,), device=checks.resolve_device(device), **changes)
    checks.check_plan(plan, own_file=own_file)
    given = changes["widths"] is not None
    plan, split = with_data(plan, own_file, data_dir, widths_given=given)
    tell_few_steps(plan, confirming=False)
    folder = out or Path("results") / f"tune-{variant}"
    do.run_tuning(checks.with_population(plan, population, folder), folder, split, engine)


@click.command()
@click.argument("job", metavar="JOB.json", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Where the outcome goes. [default: the run's folder]")  # fmt: skip
@click.option("--data", "own_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.npz",
              help="The run's own images, if they are elsewhere on this machine.")  # fmt: skip
@options.data_dir
def unit(job: Path, out: Path | None, own_file: Path | None, data_dir: Path | None) -> None:
    """Train one unit that `aebench run --emit` wrote; an interrupted one goes on from its checkpoint."""
    from bench.cli import unit as do

    do.run_unit(job, out, own_file, data_dir)


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@options.metric
def report(folder: Path, metric: str) -> None:
    """Rebuild tables, figures and report of a run from its records."""
    from bench.cli import checks
    from bench.cli import run as do

    checks.check_metric(metric)
    do.publish_run(folder, metric)


@click.command()
@click.argument("folder", metavar="[RUN]", default="results/claims", type=click.Path(path_type=Path))
@click.option(
    "--seeds", "claim_seeds", type=click.IntRange(min=1), help="Models for each setting. [default: 8]"
)
@click.option(
    "--only",
    callback=options.comma_separated,
    metavar="IDS",
    help="Claims, separated by commas. [default: all]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be trained; do nothing.")
@options.device
@options.data_dir
@engine_options
def claims(
    folder: Path, claim_seeds: int | None, only: tuple[str, ...] | None, dry_run: bool, device: str,
    data_dir: Path | None, engine: EngineChoice,
) -> None:  # fmt: skip
    """Try every claim under its own conditions, up to 100 epochs; in the folder of a run, or in one of its own."""
    from bench.cli import claims as do

    plan = do.claims_plan(folder, claim_seeds, device, only or ())
    if dry_run:
        do.show_settings(plan, only or ())
    else:
        do.run_claims(plan, folder, data_dir, engine, only or ())


@click.command()
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
    from bench.cli import compare as do

    do.run_compare((run_a, run_b), metric, rules, out)
