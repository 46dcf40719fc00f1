"""Tuning asks Optuna, tells it all it must know, and goes on the same from records."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import optuna
import pytest
from workflows import follow

from bench.plan import PRUNERS, Plan
from bench.records.jobs import Job
from bench.records.metrics import Epoch
from bench.records.records import Record, Unit
from bench.seeds import FIRST_TUNING_SEED
from bench.training.train import Prune
from bench.tuning.study import new_study
from bench.tuning.trials import Trial, best_trial, first_learning_rates, search_edge
from bench.tuning.tune import pruner_for, round_sizes, tune
from variants.plain import Plain

PLAN = Plan(trials=12, tune_epochs=3, tune_seeds=1, lr_low=1e-4, lr_high=1e-1)
OPTIMUM = 3e-3


def train_with(
    execute: Callable[[Unit, Prune], Sequence[Record]], plan: Plan, study: optuna.Study
) -> list[Trial]:
    """Tune plain, each unit done by `execute` under its pruner."""
    earlier: list[tuple[Unit, tuple[Record, ...]]] = []

    def answer(unit: Unit) -> Sequence[Record]:
        records = execute(unit, pruner_for(Job(unit, plan, tuple(earlier))))
        earlier.append((unit, tuple(records)))
        return records

    return follow(tune(Plain, plan, study), answer)


class Parabola:
    """Stands for training: the error depends on the learning rate alone; above a limit it diverges."""

    def __init__(self, limit: float = math.inf) -> None:
        self.units: list[Unit] = []
        self.ended: list[int] = []
        self._limit = limit

    def __call__(self, unit: Unit, prune: Prune) -> Sequence[Record]:
        self.units.append(unit)
        going = {row: member for row, member in enumerate(unit.members) if member.lr <= self._limit}
        histories: list[list[Epoch]] = [[] for _ in unit.members]
        for epoch in range(1, unit.epochs + 1):
            errors = {row: self.error(member.lr) / epoch for row, member in going.items()}
            for row, error in errors.items():
                histories[row].append(Epoch(error, error))
            ended = prune(epoch, errors)
            self.ended += ended
            going = {row: member for row, member in going.items() if row not in ended}
        return [
            Record(
                member.lr, member.seed, {}, "ok" if len(history) == unit.epochs else "pruned", tuple(history)
            )
            if history
            else Record(member.lr, member.seed, {}, "diverged", (Epoch(math.nan, math.nan),))
            for member, history in zip(unit.members, histories, strict=True)
        ]

    @staticmethod
    def error(lr: float) -> float:
        return 0.01 + 0.01 * math.log10(lr / OPTIMUM) ** 2


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_every_sampler_comes_near_the_best_rate(sampler: str) -> None:
    plan = replace(PLAN, sampler=sampler, trials=24)
    trials = train_with(Parabola(), plan, new_study(plan, "plain"))
    chosen = best_trial(trials)
    assert chosen is not None
    assert abs(math.log10(chosen.lr / OPTIMUM)) < 0.3
    assert len(trials) == 24
    assert all(plan.lr_low <= trial.lr <= plan.lr_high for trial in trials)


@pytest.mark.parametrize("pruner", PRUNERS)
@pytest.mark.parametrize("stored", [1, 2, 3])
def test_tuning_from_records_asks_the_same_again(pruner: str, stored: int) -> None:
    plan = replace(PLAN, pruner=pruner, tune_epochs=6, population=3)
    records: dict[str, Sequence[Record]] = {}
    live = Parabola(limit=5e-2)

    def remember(unit: Unit, prune: Prune) -> Sequence[Record]:
        records[unit.id] = live(unit, prune)
        return records[unit.id]

    first, second = new_study(plan, "plain"), new_study(plan, "plain")
    trials = train_with(remember, plan, first)

    def recall(unit: Unit, prune: Prune) -> Sequence[Record]:
        return records[unit.id] if unit.trials[0] < 3 * stored else live(unit, prune)

    assert train_with(recall, plan, second) == trials
    for before, after in zip(first.trials, second.trials, strict=True):
        assert before.intermediate_values == after.intermediate_values
        assert (before.state, before.system_attrs) == (after.state, after.system_attrs)


def test_diverged_trial_is_told_as_infinite_and_never_chosen() -> None:
    study = new_study(PLAN, "plain")
    trials = train_with(Parabola(limit=1e-3), PLAN, study)
    lost = [trial for trial in trials if trial.status == "diverged"]
    assert lost
    assert {trial.lr > 1e-3 for trial in lost} == {True}
    for trial in lost:
        told = study.trials[trial.number]
        assert (told.state, told.value) == (optuna.trial.TrialState.COMPLETE, math.inf)
    assert best_trial(trials) not in lost


def test_no_trial_is_best_where_all_diverge() -> None:
    assert best_trial(train_with(Parabola(limit=0), PLAN, new_study(PLAN, "plain"))) is None


def test_trials_value_is_the_median_over_its_seeds() -> None:
    plan = replace(PLAN, tune_seeds=3, trials=2)

    def by_seed(unit: Unit, prune: Prune) -> Sequence[Record]:
        del prune
        errors = (0.05, 0.01, 0.02)
        return [
            Record(member.lr, member.seed, {}, "ok", (Epoch(errors[member.seed % 3], 1.0),) * 3)
            for member in unit.members
        ]

    trials = train_with(by_seed, plan, new_study(plan, "plain"))
    assert [trial.value for trial in trials] == [0.02, 0.02]


def test_tuning_seeds_are_none_of_the_confirmation_seeds() -> None:
    trainer = Parabola()
    plan = replace(PLAN, tune_seeds=3)
    train_with(trainer, plan, new_study(plan, "plain"))
    seeds = {member.seed for unit in trainer.units for member in unit.members}
    assert seeds == {FIRST_TUNING_SEED, FIRST_TUNING_SEED + 1, FIRST_TUNING_SEED + 2}
    assert seeds.isdisjoint(range(plan.seeds))


@pytest.mark.parametrize(("trials", "seeds", "sizes"), [(6, 1, [3, 3]), (24, 3, [4] * 6), (3, 1, [2, 1])])
def test_rounds_fill_a_population_and_leave_tpe_something_to_learn(
    trials: int, seeds: int, sizes: list[int]
) -> None:
    plan = replace(PLAN, trials=trials, tune_seeds=seeds, population=12)
    assert list(round_sizes(plan)) == sizes


def test_pruner_ends_poor_trials_and_not_the_best() -> None:
    plan = replace(PLAN, pruner="median", sampler="grid")
    trainer = Parabola()
    study = new_study(plan, "plain")
    trials = train_with(trainer, plan, study)
    pruned = [trial for trial in trials if trial.status == "pruned"]
    assert pruned
    assert len(pruned) == len(trainer.ended)
    chosen = best_trial(trials)
    assert chosen is not None
    assert chosen.value == min(trial.value for trial in trials)
    assert study.trials[pruned[0].number].state == optuna.trial.TrialState.PRUNED


def test_first_learning_rates_are_spread_evenly_over_the_decades() -> None:
    rates = first_learning_rates(replace(PLAN, sampler="grid", trials=3))
    assert rates == pytest.approx([10**-3.5, 10**-2.5, 10**-1.5])
    assert len(first_learning_rates(PLAN)) == 6
    assert first_learning_rates(replace(PLAN, sampler="random")) == []


@pytest.mark.parametrize(("lr", "side"), [(1.5e-4, "low"), (3e-3, ""), (8e-2, "high")])
def test_edge_is_the_outer_tenth_of_the_decades(lr: float, side: str) -> None:
    assert search_edge(PLAN, lr, []) == side


@pytest.mark.parametrize(("lr", "side"), [(1e-3, "low"), (3e-3, ""), (5e-3, "high")])
def test_best_rate_with_none_tried_beyond_it_lies_at_an_edge(lr: float, side: str) -> None:
    wide = replace(PLAN, lr_low=1e-5, lr_high=1.0)
    assert search_edge(wide, lr, [1e-3, 3e-3, 5e-3]) == side
    assert search_edge(wide, lr, [lr]) == ""


def test_trials_that_learn_nothing_from_each_other_are_asked_together() -> None:
    for sampler in ("grid", "random"):
        assert list(round_sizes(Plan(trials=12, population=8, sampler=sampler))) == [8, 4]
    assert list(round_sizes(Plan(trials=12, population=8, sampler="tpe"))) == [6, 6]
