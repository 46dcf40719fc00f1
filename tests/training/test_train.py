"""Training a unit is a pure function of the unit, and ends members as it should."""

import math
from collections.abc import Collection, Mapping

import pytest
import torch

from bench.data.split import Split
from bench.plan import Plan
from bench.records.jobs import Progress
from bench.records.records import Member, Unit, to_json
from bench.training.evaluate import evaluate, ten_digits
from bench.training.population import Population
from bench.training.train import train
from variants import registry

PLAIN = registry()["plain"]


def test_same_unit_gives_the_same_records(plan: Plan, split: Split) -> None:
    unit = _unit(Member(1e-2, 0), Member(1e-2, 1))
    first, second = (train(unit, PLAIN, plan, split) for _ in range(2))
    assert to_json(first.records) == to_json(second.records)
    assert first.records[0].history != first.records[1].history


def test_member_trains_alike_in_any_company(plan: Plan, split: Split) -> None:
    alone = train(_unit(Member(1e-2, 5)), PLAIN, plan, split).records[0]
    members = (Member(1e-3, 5), Member(1e-2, 5), Member(1e-2, 6))
    among = train(_unit(*members), PLAIN, plan, split).records[1]
    for mine, theirs in zip(alone.history, among.history, strict=True):
        assert mine.valid_mse == pytest.approx(theirs.valid_mse, rel=1e-5)


def test_confirmed_record_has_every_yardstick_and_a_tuned_one_has_none(plan: Plan, split: Split) -> None:
    confirmed = train(_unit(Member(1e-2, 0)), PLAIN, plan, split)
    outcome = confirmed.records[0].outcome
    assert outcome is not None
    assert outcome.parameters == sum(a * b + b for a, b in ((784, 16), (16, 8), (8, 16), (16, 784)))
    assert [level.level for level in outcome.levels] == [1, 2]
    assert confirmed.best is not None
    with torch.no_grad():
        error = (confirmed.best(split.test.images).decoder[0] - split.test.images).square().mean()
    assert outcome.test.mse == pytest.approx(error.item(), rel=1e-5)
    tuned = train(_unit(Member(1e-2, 0), stage="tune"), PLAIN, plan, split)
    assert tuned.records[0].outcome is None
    assert tuned.best is None


@pytest.mark.parametrize("variant", list(registry().values()), ids=lambda variant: variant.name)
def test_diverged_member_ends_and_the_others_go_on(plan: Plan, split: Split, variant: type) -> None:
    unit = _unit(Member(math.inf, 0), Member(1e-2, 0), variant=variant.name)
    lost, sound = train(unit, variant, plan, split).records
    assert (lost.status, len(lost.history), lost.outcome) == ("diverged", 1, None)
    assert lost.valid_mse == math.inf
    assert (sound.status, len(sound.history)) == ("ok", 2)


def test_unit_all_of_whose_members_diverge_still_gives_records(plan: Plan, split: Split) -> None:
    result = train(_unit(Member(math.inf, 0)), PLAIN, plan, split)
    assert [record.status for record in result.records] == ["diverged"]
    assert result.best is None


def test_pruned_member_ends_and_its_record_says_so(plan: Plan, split: Split) -> None:
    unit = _unit(Member(1e-2, 0), Member(1e-3, 0), stage="tune")
    kept, pruned = train(unit, PLAIN, plan, split, prune=_prune_second).records
    assert (pruned.status, len(pruned.history)) == ("pruned", 1)
    assert (kept.status, len(kept.history)) == ("ok", 2)


def test_evaluation_in_batches_is_that_of_the_whole(split: Split) -> None:
    population = Population(PLAIN, (784, 16, 8), [Member(1e-2, 0), Member(1e-2, 1)])
    images = torch.cat([split.train.images] * 3)[:1234]
    found = evaluate(population, images)
    for k, errors in enumerate(found):
        trace = population.member(k)(images)
        assert errors.valid_mse == pytest.approx((trace.decoder[0] - images).square().mean().item(), rel=1e-5)
        bce = torch.nn.functional.binary_cross_entropy(trace.decoder[0], images) * 784
        assert errors.valid_bce_nats == pytest.approx(bce.item(), rel=1e-5)


def test_ten_digits_are_the_first_of_each_class(split: Split) -> None:
    digits = ten_digits(split.test)
    assert digits.labels.tolist() == list(range(10))
    first = split.test.labels.tolist().index(7)
    assert torch.equal(digits.images[7], split.test.images[first])


def test_what_is_told_says_how_far_the_unit_is_in_all(plan: Plan, split: Split) -> None:
    told: list[Progress] = []
    unit = _unit(Member(1e-2, 0), Member(1e-2, 1))
    kept, pruned = train(unit, PLAIN, plan, split, told.append, _prune_second).records
    steps = -(-len(split.train.images) // plan.batch_size)
    assert [now.epoch for now in told] == [0] * steps + [1] * (steps + 1) + [2]
    done = [now.model_epochs for now in told]
    assert done == sorted(done)
    assert [done[steps], done[-1]] == [2, 3] == [2, len(kept.history) + len(pruned.history)]
    first = min(record.history[0].valid_mse for record in (kept, pruned))
    assert {now.valid_mse for now in told} == {math.inf, first, kept.valid_mse}


def _prune_second(epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
    return [1] if epoch == 1 and 1 in valid_mse else []


def _unit(*members: Member, stage: str = "confirm", variant: str = "plain") -> Unit:
    trials = tuple(range(len(members))) if stage == "tune" else ()
    return Unit("plan", variant, stage, members, 2, trials)  # type: ignore[arg-type]
