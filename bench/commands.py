"""What the commands do, once parsed: call the bench, print what comes of it."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import torch

from bench import ablation, data
from bench.clock import Clock
from bench.display import Display
from bench.engine_options import EngineOptions
from bench.errors import BenchError, UsageError
from bench.estimate import estimate, fastest_population
from bench.files import claim
from bench.fitting import check_source
from bench.headline import METRICS
from bench.known_variants import find_variant, known_variants
from bench.plan import Plan
from bench.progress import ProgressFile
from bench.publish import publish, publish_tuning
from bench.rows import headline_rows, narrow
from bench.screen import console, duration, show_table, show_trials
from bench.store import read_run
from bench.wording import count, require_known


def resolve_device(device: str) -> str:
    """'cpu' or 'cuda' for 'auto' too; UsageError for cuda where there is none."""
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("no CUDA device is available here; choose --device cpu or auto")
    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device


def check(plan: Plan, metric: str = "test_mse", own_file: Path | None = None) -> None:
    """UsageError for what a plan alone cannot know to be wrong."""
    check_variants(plan.variants)
    check_source(plan, own_file)
    check_metric(metric)


def check_variants(names: Collection[str]) -> None:
    """UsageError for a name that no variant has."""
    for name in names:
        if find_variant(name) is None:
            require_known("variant", name, known_variants())


def check_metric(metric: str) -> None:
    """UsageError for a metric that no table has."""
    require_known("metric", metric, METRICS)


def with_population(plan: Plan, asked: str | None, folder: Path) -> Plan:
    """The plan with the population asked for; for 'auto' the one in the folder, else what is fastest here."""
    if asked is None:
        return plan
    if asked != "auto":
        if not asked.isdecimal():
            raise UsageError(f"population must be a whole number or auto but got {asked}")
        return replace(plan, population=int(asked))
    if (folder / "manifest.json").exists():
        return replace(plan, population=read_run(folder).plan.population)
    return replace(plan, population=fastest_population(plan))


def show_cost(plan: Plan) -> None:
    """Print what the plan would train and how long that takes here."""
    console.print(f"plan {plan.identity[:12]}: {', '.join(plan.variants)}", highlight=False)
    console.print(f"measuring a few steps of each on {plan.device} ...", highlight=False)
    cost = estimate(plan)
    console.print(
        f"{count(cost.units, 'unit')}, {count(cost.trials, 'trial')}, {count(cost.model_epochs, 'model-epoch')} "
        f"of {plan.train_images:,} images: about {duration(cost.seconds)} of training",
        highlight=False,
    )


def run_ablation(
    plan: Plan,
    folder: Path,
    data_dir: Path | None,
    metric: str,
    engine: EngineOptions,
    split: data.Split | None = None,
) -> None:
    """Run the plan in the folder on the split, else on MNIST; publish it, print the summary and the times."""
    clock = Clock()
    claim(folder)
    with clock.during("data"):
        split = split or load_split(plan, data_dir)
    display = Display(console, ProgressFile(folder))
    complete = ablation.run(plan, folder, split, display, clock, engine.choice(plan, folder))
    with clock.during("report"):
        publish_run(folder, metric)
    shares = ", ".join(f"{phase} {share:.1%}" for phase, share in clock.shares().items())
    console.print(f"{duration(clock.total())}: {shares}", highlight=False, soft_wrap=True)
    if not complete:
        raise BenchError("not every unit could be trained; the report says which and why")


def run_tuning(
    plan: Plan, folder: Path, data_dir: Path | None, engine: EngineOptions, split: data.Split | None = None
) -> None:
    """Tune the plan's one variant in the folder, then print its trials as a curve over the learning rate."""
    claim(folder)
    split = split or load_split(plan, data_dir)
    display = Display(console, ProgressFile(folder))
    trials = ablation.tune_only(plan, folder, split, display, engine.choice(plan, folder))
    curve = publish_tuning(folder)
    show_trials(plan, trials)
    console.print(f"curve {curve}", highlight=False, soft_wrap=True)


def publish_run(folder: Path, metric: str) -> None:
    """Rebuild what a run leaves beside its records, print the summary and where the report lies."""
    published = publish(folder, metric)
    show_table(*narrow(headline_rows(published.summary, METRICS[metric])))
    console.print(f"report {published.report}", highlight=False, soft_wrap=True)


def load_split(plan: Plan, data_dir: Path | None) -> data.Split:
    """MNIST, as much of it as the plan uses; fetched if it is not there."""
    fetch_missing(data_dir)
    split = data.load_mnist(data_dir)
    return data.subset(split, plan.train_images, plan.valid_images, plan.test_images)


def show_variants() -> None:
    """Print every variant and what it changes."""
    show_table(["variant", "what it is"], [[name, one.summary] for name, one in known_variants().items()])


def fetch_missing(data_dir: Path | None) -> None:
    """Fetch MNIST if it is not there, and say so."""
    if data.missing(data_dir):
        console.print(
            f"fetching MNIST into {data.data_folder(data_dir)} ...", highlight=False, soft_wrap=True
        )
        data.load_mnist(data_dir)


def show_data(data_dir: Path | None) -> None:
    """Print which files are there; fetch what is missing."""
    fetch_missing(data_dir)
    files = data.describe(data_dir)
    show_table(["file", "bytes", "state"], [[str(file.path), f"{file.size:,}", file.state] for file in files])
    altered = [str(file.path) for file in files if file.state == "altered"]
    if altered:
        raise BenchError(f"not the real MNIST: {', '.join(altered)}; delete it and run `aebench data` again")
    split = data.load_mnist(data_dir, download=False)
    counts = (len(part.labels) for part in (split.train, split.valid, split.test))
    console.print("{:,} training, {:,} validation, {:,} test images".format(*counts), highlight=False)
