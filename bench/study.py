"""The Optuna study behind a variant's tuning: its sampler, its pruner, its first questions."""

import math
import warnings

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from bench.first_rates import first_rates
from bench.growth import tuning_lineage
from bench.interrupts import unbroken
from bench.plan import Plan
from bench.seeds import derive_seed
from variants import Variant


def new_study(plan: Plan, variant: str, storage: optuna.storages.BaseStorage | None = None) -> optuna.Study:
    """An empty study that minimises, its first trials spread evenly over the range where the plan says so."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with unbroken():
        study = optuna.create_study(storage=storage, study_name=variant, pruner=make_pruner(plan))
        for lr in first_rates(plan):
            study.enqueue_trial({"lr": lr})
    return study


def space(plan: Plan, variant: type[Variant]) -> dict[str, BaseDistribution]:
    """The learning rate, on a log scale, and the variant's own hyperparameters."""
    return {"lr": FloatDistribution(plan.lr_low, plan.lr_high, log=True), **variant.space}


def make_sampler(plan: Plan, variant: str, number: int) -> BaseSampler:
    """The sampler for one round, seeded by plan, variant and round: never by what ran before."""
    seed = derive_seed("sampler", plan.seed, variant, number) % 2**32
    first = tuning_lineage(plan)[0].trials
    if plan.sampler != "tpe":
        return RandomSampler(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return TPESampler(n_startup_trials=math.ceil(first / 2), constant_liar=True, seed=seed)


def make_pruner(plan: Plan) -> BasePruner:
    """The plan's pruner; none ends a trial before a third of its epochs, for a good one may start late."""
    patience = max(1, plan.tune_epochs // 3)
    if plan.pruner == "median":
        first = tuning_lineage(plan)[0].trials
        return MedianPruner(n_startup_trials=math.ceil(first / 4), n_warmup_steps=patience)
    if plan.pruner == "halving":
        return SuccessiveHalvingPruner(min_resource=patience, reduction_factor=2)
    return NopPruner()
