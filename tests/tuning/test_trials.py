"""What a trial is, made of the records of its seeds, some of which end before the others."""

import math

import pytest

from bench.plan import Plan
from bench.records.metrics import Epoch
from bench.records.records import Member, Record, Status, Unit
from bench.tuning.trials import Trial, best_trial, error_after, search_edge, trials_of


def test_trial_of_seeds_that_diverge_at_different_epochs_has_a_curve_of_all() -> None:
    (trial,) = _trials({0: [("ok", (0.3, 0.2, 0.1)), ("diverged", (0.4,)), ("ok", (0.5, 0.4, 0.3))]})
    assert trial.curve == (0.4, 0.4, 0.3)
    assert (trial.status, trial.value) == ("ok", 0.3)


def test_trial_most_of_whose_seeds_diverge_in_the_end_is_diverged() -> None:
    lost = ("diverged", (0.1, math.nan))
    (trial,) = _trials({0: [lost, ("ok", (0.3, 0.2, 0.1)), lost]})
    assert trial.curve == (0.1, math.inf, math.inf)
    assert (trial.status, trial.value) == ("diverged", math.inf)
    assert best_trial([trial]) is None


def test_trial_one_of_whose_seeds_was_pruned_is_pruned() -> None:
    (trial,) = _trials({0: [("pruned", (0.3,)), ("diverged", (0.2,)), ("pruned", (0.1,))]})
    assert (trial.status, trial.value) == ("pruned", 0.2)
    assert best_trial([trial]) is None


def test_trials_are_those_of_the_unit_in_the_order_of_their_numbers() -> None:
    trials = _trials({7: [("ok", (0.1,))] * 2, 4: [("ok", (0.3,))] * 2})
    assert [(trial.number, trial.lr, trial.extra) for trial in trials] == [
        (4, 0.004, {"beta": 4.0}), (7, 0.007, {"beta": 7.0}),
    ]  # fmt: skip


def test_best_trial_is_the_lowest_finished_one_and_of_equals_the_earlier() -> None:
    trials = [
        Trial(0, 0.1, {}, "pruned", (0.1,)), Trial(3, 0.3, {}, "ok", (0.1, 0.3)), Trial(2, 0.2, {}, "ok", (0.4, 0.3)),
        Trial(4, 0.4, {}, "ok", (0.35,)), Trial(5, 0.5, {}, "diverged", (math.inf,)),
    ]  # fmt: skip
    chosen = best_trial(trials)
    assert chosen is not None
    assert chosen.number == 2


def test_error_of_a_member_that_diverged_is_infinite_from_then_on() -> None:
    record = Record(0.1, 0, {}, "diverged", (Epoch(0.2, 1.0), Epoch(math.nan, math.nan)))
    assert [error_after(record, epoch) for epoch in (1, 2, 3)] == [0.2, math.inf, math.inf]


@pytest.mark.parametrize(("place", "side"), [(0.09, "low"), (0.11, ""), (0.89, ""), (0.91, "high")])
def test_edge_is_a_tenth_of_the_decades_and_no_more(place: float, side: str) -> None:
    plan = Plan(lr_low=1e-5, lr_high=1e-1)
    assert search_edge(plan, 1e-5 * 1e4**place, [1e-5, 1e-1]) == side


def _trials(served: dict[int, list[tuple[Status, tuple[float, ...]]]]) -> list[Trial]:
    """Trials by number, each with its seeds' status and validation errors."""
    members, records, numbers = [], [], []
    for number, seeds in served.items():
        for seed, (status, errors) in enumerate(seeds):
            member = Member(number / 1000, seed, {"beta": float(number)})
            history = tuple(Epoch(error, error) for error in errors)
            members.append(member)
            records.append(Record(member.lr, member.seed, member.extra, status, history))
            numbers.append(number)
    return trials_of(Unit("plan", "plain", "tune", tuple(members), 3, tuple(numbers)), records)
