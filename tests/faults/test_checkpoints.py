"""Row 11: a long unit that is interrupted after a checkpoint goes on to the same bits."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pytest
import torch
from fault_matrix import Row

from bench.data.split import Split
from bench.plan import Plan
from bench.records.jobs import Progress, Tell
from bench.records.records import Member, Unit, to_json
from bench.training.checkpoint import Checkpoint
from bench.training.population import Population
from bench.training.train import Result, train
from variants import Variant, registry

ROW = "11 long unit interrupted after a checkpoint"
EPOCHS = 4
GOING = (Member(1e-2, 0), Member(3e-3, 1))
PRUNED = 3
"""The row of the member that is pruned, after its second epoch."""
COMPANIES = {"all go on": GOING, "some end": (*GOING, Member(1e38, 2), Member(1e-2, 3))}


def _stopping(stop: int) -> Tell:
    """Ends all in the midst of the epoch after `stop`."""
    last = 0

    def tell(now: Progress) -> None:
        nonlocal last
        if last >= stop:
            raise KeyboardInterrupt
        last = now.epoch

    return tell


def _prune(epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
    return [PRUNED] if epoch == 2 and PRUNED in valid_mse else []


@pytest.mark.parametrize("members", COMPANIES.values(), ids=list(COMPANIES))
@pytest.mark.parametrize("variant", list(registry().values()), ids=lambda variant: variant.name)
def test_unit_interrupted_after_any_epoch_ends_with_the_same_bits(
    plan: Plan, split: Split, row: Row, tmp_path: Path, variant: type[Variant], members: Sequence[Member]
) -> None:
    unit = Unit(plan.identity, variant.name, "confirm", tuple(members), EPOCHS)
    result = train(unit, variant, plan, split, prune=_prune)
    assert [record.status for record in result.records] == ["ok", "ok", "diverged", "pruned"][: len(members)]
    whole = _bits(result)
    for epoch in range(1, EPOCHS):
        row.inject()
        checkpoint = Checkpoint(tmp_path / f"after{epoch}", unit.id, seconds_between=0)
        with pytest.raises(KeyboardInterrupt):
            train(unit, variant, plan, split, _stopping(epoch), _prune, checkpoint)
        saved = checkpoint.load()
        assert saved is not None
        assert saved.epoch == epoch
        assert _bits(train(unit, variant, plan, split, prune=_prune, checkpoint=checkpoint)) == whole
        row.survive()


def test_damaged_checkpoint_or_another_unit_s_changes_no_bit(
    plan: Plan, split: Split, row: Row, tmp_path: Path
) -> None:
    plain = registry()["plain"]
    unit = Unit(plan.identity, "plain", "confirm", GOING, 2)
    other = Unit(plan.identity, "plain", "confirm", GOING[:1], 2)
    path = tmp_path / "checkpoint"
    whole = _bits(train(unit, plain, plan, split))
    train(other, plain, plan, split, checkpoint=Checkpoint(path, other.id, seconds_between=0))
    for content in (path.read_bytes(), path.read_bytes()[:-1], b"", b"\0" * 1000):
        row.inject()
        path.write_bytes(content)
        assert _bits(train(unit, plain, plan, split, checkpoint=Checkpoint(path, unit.id))) == whole
        row.survive()


@pytest.mark.parametrize("variant", list(registry().values()), ids=lambda variant: variant.name)
def test_restored_population_goes_on_as_the_one_it_was_taken_from(
    variant: type[Variant], split: Split, row: Row
) -> None:
    row.inject()
    index = torch.arange(64).expand(len(GOING), -1)
    going, restored = (Population(variant, (784, 16, 8), GOING) for _ in range(2))
    going.step(split.train.images, index)
    going.keep([1])
    restored.restore([1], going.state())
    for one in (going, restored):
        one.step(split.train.images, index[:1])
    there, here = going.state(), restored.state()
    assert there.keys() == here.keys()
    assert all(torch.equal(value, here[name]) for name, value in there.items())
    row.survive()


def _bits(result: Result) -> tuple[object, Mapping[str, bytes]]:
    """The records and the best model's weights."""
    assert result.best is not None
    weights = {name: value.numpy().tobytes() for name, value in result.best.state_dict().items()}
    return to_json(result.records), weights
