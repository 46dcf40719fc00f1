"""What a study asks: the rates that are spread evenly first, on a log scale, the same again in a plan that grew."""

import math
from dataclasses import replace

import pytest
from optuna.distributions import FloatDistribution
from workflows import follow

from bench.plan import Plan
from bench.records.metrics import Epoch
from bench.records.records import Record, Unit
from bench.tuning.study import new_study, search_space
from bench.tuning.trials import first_learning_rates
from bench.tuning.tune import tune
from variants.plain import Plain

PLAN = Plan(trials=6, tune_epochs=2, population=6, sampler="grid", lr_low=1e-4, lr_high=1e-1)


def _answer(unit: Unit) -> list[Record]:
    """The error is least at a rate of 0.003."""
    errors = [0.01 + 0.01 * math.log10(member.lr / 3e-3) ** 2 for member in unit.members]
    return [
        Record(member.lr, member.seed, {}, "ok", (Epoch(error, 1.0),) * 2)
        for member, error in zip(unit.members, errors, strict=True)
    ]


def _asked(plan: Plan) -> list[float]:
    return [trial.lr for trial in follow(tune(Plain, plan, new_study(plan, "plain")), _answer)]


@pytest.mark.parametrize(("sampler", "spread"), [("grid", 6), ("tpe", 3), ("random", 0)])
def test_first_trials_are_the_rates_spread_evenly(sampler: str, spread: int) -> None:
    plan = replace(PLAN, sampler=sampler)
    rates = _asked(plan)
    assert len(rates) == 6
    assert len(first_learning_rates(plan)) == spread
    assert rates[:spread] == pytest.approx(first_learning_rates(plan))


def test_rate_is_asked_on_a_log_scale() -> None:
    assert search_space(PLAN, Plain) == {"lr": FloatDistribution(1e-4, 1e-1, log=True)}
    below = [rate < 10**-2.5 for rate in _asked(replace(PLAN, sampler="random", trials=60))]
    assert 20 < sum(below) < 40


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_plan_that_grew_asks_the_same_first(sampler: str) -> None:
    plan = replace(PLAN, sampler=sampler)
    more = replace(plan, trials=14, grown_from=plan)
    before, after = _asked(plan), _asked(more)
    assert len(after) == 14
    assert after[:6] == before
    assert len(set(after)) == 14


@pytest.mark.parametrize("pruner", ["median", "halving"])
def test_no_trial_is_pruned_before_a_third_of_its_epochs(pruner: str) -> None:
    plan = replace(PLAN, pruner=pruner, tune_epochs=9, trials=8)
    study, ended = new_study(plan, "plain"), {}
    for number in range(6):
        trial = study.ask(search_space(plan, Plain))
        for epoch in range(1, 10):
            trial.report(0.1 + number, epoch)
            if trial.should_prune():
                ended[number] = epoch
                break
        study.tell(trial, 0.1 + number)
    assert ended
    assert min(ended.values()) >= 3
    assert 0 not in ended
    if pruner == "halving":
        assert ended[1] == 3
