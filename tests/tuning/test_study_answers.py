"""What a study is told of its trials, and that a unit is pruned only by the study that asked for it."""

import math
from dataclasses import replace

import pytest
from optuna.trial import TrialState
from workflows import follow

from bench.io.errors import BenchError
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.metrics import Epoch
from bench.records.records import Record, Unit
from bench.seeds import tuning_range
from bench.tuning.study import new_study
from bench.tuning.trials import Trial
from bench.tuning.tune import pruner_for, tune
from variants.plain import Plain

PLAN = Plan(trials=6, tune_epochs=3, tune_seeds=2, population=6, sampler="grid", pruner="median")


def _answer(unit: Unit) -> list[Record]:
    """Of the six trials the third ends early and the last diverges; errors grow with the number and the seed."""
    records = []
    for member, number in zip(unit.members, unit.trials, strict=True):
        errors = [(0.1 + number / 100 + (member.seed % 2) / 10) / epoch for epoch in (1, 2, 3)]
        history = tuple(Epoch(math.nan if number == 5 else error, 1.0) for error in errors)
        status, epochs = {2: ("pruned", 2), 5: ("diverged", 1)}.get(number, ("ok", 3))
        records.append(Record(member.lr, member.seed, {}, status, history[:epochs]))  # type: ignore[arg-type]
    return records


def test_study_is_told_values_states_curves_and_statuses() -> None:
    study, units = new_study(PLAN, "plain"), []

    def answer(unit: Unit) -> list[Record]:
        units.append(unit)
        return _answer(unit)

    trials: list[Trial] = follow(tune(Plain, PLAN, study), answer)
    assert [unit.trials for unit in units] == [(0, 0, 1, 1, 2, 2), (3, 3, 4, 4, 5, 5)]
    assert [[member.seed for member in unit.members] for unit in units] == [[*tuning_range(0, 2)] * 3] * 2
    told = study.trials
    assert [one.user_attrs["status"] for one in told] == ["ok", "ok", "pruned", "ok", "ok", "diverged"]
    states = [TrialState.PRUNED if number == 2 else TrialState.COMPLETE for number in range(6)]
    assert [one.state for one in told] == states
    middles = [0.15 + number / 100 for number in range(5)]
    assert [trial.value for trial in trials[:5]] == pytest.approx(
        [middle / (2 if number == 2 else 3) for number, middle in enumerate(middles)]
    )
    assert trials[5].value == told[5].value == math.inf
    for number, middle in enumerate(middles):
        epochs = (1, 2) if number == 2 else (1, 2, 3)
        assert told[number].intermediate_values == pytest.approx({epoch: middle / epoch for epoch in epochs})
    assert [trial.lr for trial in trials] == pytest.approx([one.params["lr"] for one in told])


def test_unit_that_the_study_did_not_ask_for_is_refused() -> None:
    study = new_study(PLAN, "plain")
    (unit,) = next(tune(Plain, PLAN, study))
    assert pruner_for(Job(unit, PLAN))(1, {0: 0.1, 1: 0.2}) == []
    other = replace(unit, members=(replace(unit.members[0], lr=0.5), *unit.members[1:]))
    with pytest.raises(BenchError, match=f"other trials than those of unit {other.id[:12]}"):
        pruner_for(Job(other, PLAN))


def test_round_that_could_not_be_trained_ends_the_tuning_with_what_there_is() -> None:
    study = new_study(PLAN, "plain")
    tuning = tune(Plain, PLAN, study)
    (unit,) = next(tuning)
    tuning.send((_answer(unit),))
    with pytest.raises(StopIteration) as end:
        tuning.send((None,))
    assert [trial.number for trial in end.value.value] == [0, 1, 2]
    assert [one.state for one in study.trials[3:]] == [TrialState.FAIL] * 3
