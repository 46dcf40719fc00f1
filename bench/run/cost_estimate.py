"""What a plan will cost: its units, and the time from a few measured steps."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import torch

from bench.analysis.claims.conditions import claim_settings
from bench.contestants import challengers, get_variant
from bench.plan import Plan
from bench.records.records import Member
from bench.run.workload import planned_model_epochs
from bench.training.population import Population
from bench.tuning.tune import round_sizes

STEPS = 12
POPULATIONS = (2, 4, 6, 8, 12, 16)
"""Sizes to choose from: beyond 16 a CPU's caches overflow."""


@dataclass(frozen=True)
class Cost:
    """A plan's units, trials and training, and how long that takes on this machine."""

    units: int
    trials: int
    model_epochs: int
    seconds: float


def estimate(plan: Plan) -> Cost:
    """Count the work, and time a few training steps of each variant on noise: a second or two for each."""
    size = min(plan.population, max(plan.seeds, next(round_sizes(plan)) * plan.tune_seeds))
    steps = -(-plan.train_images // plan.batch_size)
    each = planned_model_epochs(plan) / len(plan.variants)
    seconds = [each * steps * seconds_per_step(plan, name, size) for name in plan.variants]
    return Cost(
        units=_units(plan),
        trials=plan.trials * len(plan.variants),
        model_epochs=planned_model_epochs(plan),
        seconds=sum(seconds),
    )


def fastest_population(plan: Plan) -> int:
    """How many models are best trained as one on this machine, found with a few steps of the first variant."""
    took = {size: seconds_per_step(plan, plan.variants[0], size) for size in POPULATIONS}
    return min(took, key=took.__getitem__)


def seconds_per_step(plan: Plan, variant: str, size: int) -> float:
    """Seconds that one model's share of a training step takes in a population of this size, a median."""
    members = [Member(1e-3, seed) for seed in range(size)]
    population = Population(get_variant(variant), plan.widths, members, device=plan.device)
    images = torch.rand(4 * plan.batch_size, plan.widths[0], device=plan.device)
    index = torch.randint(len(images), (size, plan.batch_size), device=plan.device)
    return median(_timed(population, images, index)) / size


def _units(plan: Plan) -> int:
    """Tuning rounds and confirmations of every variant, the others at plain's rate, the settings of claims."""
    each = len(list(round_sizes(plan))) + _populations(plan, plan.seeds)
    at_one_rate = len(challengers(plan)) * _populations(plan, plan.one_lr_seeds)
    return (
        len(plan.variants) * each
        + at_one_rate
        + len(claim_settings(plan)) * _populations(plan, plan.claim_seeds)
    )


def _populations(plan: Plan, members: int) -> int:
    return -(-members // plan.population)


def _timed(population: Population, images: torch.Tensor, index: torch.Tensor) -> Iterator[float]:
    """Seconds of each step, the first two left out: they set memory aside."""
    for step in range(STEPS + 2):
        start = time.perf_counter()
        population.step(images, index)
        if images.is_cuda:
            torch.cuda.synchronize()
        if step >= 2:
            yield time.perf_counter() - start
