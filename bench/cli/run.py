"""What `aebench run`, `tune` and `report` do once parsed: call the bench, print the outcome."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from bench.cli.checks import require_complete, status_command
from bench.contestants import known_variants
from bench.data.split import Split
from bench.engine.choice import EngineChoice
from bench.engine.job_files import job_files
from bench.io.clock import Clock
from bench.io.console import console, format_duration, say, show_table
from bench.io.errors import BenchError
from bench.io.files import require_writable
from bench.io.text import quantity
from bench.plan import Plan
from bench.records.metrics import METRICS
from bench.report.publish import publish, publish_tuning
from bench.report.tables import headline_rows, narrow_rows
from bench.run import ablation
from bench.run.cost_estimate import estimate
from bench.run.progress import Display, ProgressFile
from bench.run.session import open_session
from bench.tuning.trials import Trial, best_trial, search_edge


def show_trials(plan: Plan, trials: Sequence[Trial]) -> None:
    """Print the trials by learning rate, the error as a bar, and say where the best one, if any, lies."""
    chosen = best_trial(trials)
    worst = max((trial.value for trial in trials if isfinite(trial.value)), default=1.0)
    rows = [
        [
            f"{trial.lr:.3g}",
            f"{trial.value:.5f}",
            "█" * round(30 * trial.value / worst) if isfinite(trial.value) else "",
            "best" if trial == chosen else "" if trial.status == "ok" else trial.status,
        ]
        for trial in sorted(trials, key=lambda trial: trial.lr)
    ]
    if rows:
        show_table(["lr", "validation mse", "", ""], rows)
    side = search_edge(plan, chosen.lr, [trial.lr for trial in trials]) if chosen else ""
    if chosen and side:
        say(
            f"the best lr {chosen.lr:.3g} lies at the {side} edge of the range "
            f"{plan.lr_low:g} to {plan.lr_high:g}: widen it with --lr-{side}"
        )


def show_cost(plan: Plan) -> None:
    """Print what the plan would train and how long that takes here."""
    say(f"plan {plan.identity[:12]}: {', '.join(plan.variants)}")
    say(f"measuring a few steps of each on {plan.device} ...")
    cost = estimate(plan)
    say(
        f"{quantity(cost.units, 'unit')}, {quantity(cost.trials, 'trial')}, "
        f"{quantity(cost.model_epochs, 'model-epoch')} of {plan.train_images:,} images: "
        f"about {format_duration(cost.seconds)} of training"
    )


def run_ablation(
    plan: Plan, folder: Path, split: Split, metric: str, engine: EngineChoice, clock: Clock
) -> None:
    """Run the plan in the folder on the split; publish it, print the summary and the times."""
    require_writable(folder)
    display = Display(console, ProgressFile(folder))
    with open_session(plan, folder, split, display, engine, clock) as session:
        complete = ablation.run(session)
    with clock.during("report"):
        publish_run(folder, metric)
    shares = ", ".join(f"{phase} {share:.1%}" for phase, share in clock.shares().items())
    say(f"{format_duration(clock.total())}: {shares}")
    require_complete(complete, "the report")


def run_tuning(plan: Plan, folder: Path, split: Split, engine: EngineChoice) -> None:
    """Tune the plan's one variant in the folder, then print its trials as a curve over the learning rate."""
    require_writable(folder)
    display = Display(console, ProgressFile(folder))
    with open_session(plan, folder, split, display, engine, audited=False) as session:
        trials, complete = ablation.tune_only(session)
    curve = publish_tuning(folder)
    show_trials(plan, trials)
    if curve:
        say(f"curve {curve}")
    require_complete(complete, status_command(folder))
    if best_trial(trials) is None:
        raise BenchError("no trial finished; search lower rates with a lower --lr-high")


def publish_run(folder: Path, metric: str) -> None:
    """Rebuild what a run leaves beside its records, print the summary and where the report lies."""
    published = publish(folder, metric)
    show_table(*narrow_rows(headline_rows(published.summary, METRICS[metric])))
    say(f"report {published.report}")


def show_variants() -> None:
    """Print every variant and what it changes."""
    show_table(["variant", "what it is"], [[name, one.summary] for name, one in known_variants().items()])


def emit_jobs(plan: Plan, folder: Path, split: Split, engine: EngineChoice, jobs: Path) -> None:
    """Write the jobs of the plan's run in the folder, on the split; say what to do with them.

    UsageError, before anything is written, for a folder of jobs that holds something else in their place.
    """
    job_files(jobs)
    require_writable(folder)
    with open_session(plan, folder, split, Display(console), engine) as session:
        ablation.run(session)
    say(_next(job_files(jobs)))


def _next(jobs: list[Path]) -> str:
    if not jobs:
        return "nothing is left to train: the same command without --emit writes the report"
    files = str(jobs[0]) if len(jobs) == 1 else f"{jobs[0]} to {jobs[-1].name}"
    return (
        f"{quantity(len(jobs), 'unit')} to train, in any order and at once: aebench unit {files} "
        f"(Slurm: --array=1-{len(jobs)}); then this command again"
    )
