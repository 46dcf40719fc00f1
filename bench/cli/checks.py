"""What commands check before they begin, and the exit code that they end with."""

import shlex
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import torch

from bench.contestants import find_variant, known_variants
from bench.data.fit_plan import check_source
from bench.io.errors import BenchError, UsageError
from bench.io.text import require_known
from bench.plan import Plan
from bench.records.metrics import METRICS
from bench.run.cost_estimate import fastest_population
from bench.run.store import read_run


def resolve_device(device: str) -> str:
    """'cpu' or 'cuda' for 'auto' too; UsageError for cuda where there is none."""
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("no CUDA device is available here; choose --device cpu or auto")
    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device


def check_plan(plan: Plan, metric: str = "test_mse", own_file: Path | None = None) -> None:
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


def require_complete(complete: bool, place: str) -> None:
    """BenchError where a unit could not be trained; place: what says more about it."""
    if not complete:
        raise BenchError(f"not every unit could be trained; {place} says which and why")


def status_command(folder: Path) -> str:
    """The command that shows where the run in the folder stands, as text to be pasted."""
    return f"`{shlex.join(['aebench', 'status', str(folder)])}`"
