"""The epoch loop against a plain one: batches of `torch.randperm`, `torch.optim.Adam`, one model at a time."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence

import pytest
import torch
from told_apart import BATCH, WIDTHS, told_apart
from torch import Tensor

from bench.plan import Plan
from bench.records.jobs import Progress
from bench.records.records import Member, Unit, to_json
from bench.seeds import derive_seed
from bench.training.checkpoint import CheckpointState
from bench.training.train import Result, train
from variants import Variant, registry

PLAN = Plan(variants=("plain",), widths=WIDTHS, batch_size=BATCH, adam_eps=1e-6)
MEMBERS = (Member(1e-2, 1), Member(3e-2, 2), Member(2e-3, 2))
"""Two seeds, three learning rates; the first one's seed is not that of the others."""
EPOCHS = 2
CLOSE = 2e-5
"""Of weights that move by 0.02 to 0.3: float32 in another order of sums, through ten steps of Adam."""

State = Mapping[str, Tensor]


class States:
    """A checkpoint that keeps what it is given after every epoch, and begins from what it is told to."""

    def __init__(self, start: CheckpointState | None = None) -> None:
        self.saved: list[CheckpointState] = []
        self._start = start

    def load(self) -> CheckpointState | None:
        return self._start

    def due(self) -> bool:
        return True

    def save(self, saved: CheckpointState) -> None:
        tensors = {name: value.clone() for name, value in saved.tensors.items()}
        self.saved.append(CheckpointState(saved.epoch, saved.rows, saved.records, tensors))

    def weights(self, epoch: int, row: int) -> dict[str, Tensor]:
        """The member's after the epoch."""
        saved = self.saved[epoch - 1]
        place, start = saved.rows.index(row), "weight."
        return {
            name.removeprefix(start): value[place]
            for name, value in saved.tensors.items()
            if name.startswith(start)
        }


class Ends:
    """Ends this member after this epoch, and keeps how many model-epochs it was last told of."""

    def __init__(self, row: int = -1, epoch: int = 0) -> None:
        self.told: list[tuple[int, list[int]]] = []
        self.trained = 0.0
        self._row, self._epoch = row, epoch

    def tell(self, now: Progress) -> None:
        self.trained = now.model_epochs

    def prune(self, epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
        self.told.append((epoch, sorted(valid_mse)))
        return [self._row] if epoch == self._epoch else []


@pytest.mark.parametrize("name", ["plain", "layer_bce", "layer_mse", "truncated", "tied"])
def test_members_of_a_unit_are_models_trained_by_a_plain_loop(name: str) -> None:
    states = States()
    result = _train(name, MEMBERS, states)
    for row, member in enumerate(MEMBERS):
        for epoch, (weights, mse, bce) in enumerate(_plain_loop(name, member, EPOCHS), 1):
            _assert_close(states.weights(epoch, row), weights)
            after = result.records[row].history[epoch - 1]
            assert after.valid_mse == pytest.approx(mse, rel=1e-4)
            assert after.valid_bce_nats == pytest.approx(bce, rel=1e-4)
    winner = min(range(len(MEMBERS)), key=lambda row: result.records[row].history[-1].valid_mse)
    assert result.best is not None
    _assert_close(dict(result.best.named_parameters()), states.weights(EPOCHS, winner))


def test_result_of_a_unit_is_tested_as_the_plain_loops_models_are() -> None:
    result = _train("plain", MEMBERS)
    x = told_apart().test.images
    for record, member in zip(result.records, MEMBERS, strict=True):
        *_, (weights, _, _) = _plain_loop("plain", member, EPOCHS)
        mse, bce = _errors("plain", weights, x)
        assert record.outcome is not None
        assert record.outcome.test.mse == pytest.approx(mse, rel=1e-4)
        assert record.outcome.test.bce_nats == pytest.approx(bce, rel=1e-4)


def test_plain_loop_tells_the_mistakes_that_it_is_there_for() -> None:
    """Every other order of the images, and a batch less, ends further away than the test above allows."""
    (right, _, _) = list(_plain_loop("plain", MEMBERS[1], EPOCHS))[-1]
    order = _order(2, 1)
    for wrong in (
        [_order(2, 1), _order(2, 1)],
        [_order(1, 1), _order(1, 2)],
        [_order(2, epoch)[: len(order) // BATCH * BATCH] for epoch in (1, 2)],
        [_order(2, 0), _order(2, 1)],
        [torch.arange(len(order))] * 2,
    ):
        (weights, _, _) = list(_plain_loop("plain", MEMBERS[1], EPOCHS, wrong))[-1]
        assert max((weights[name] - value).abs().max() for name, value in right.items()) > 50 * CLOSE


def test_members_that_go_on_after_others_ended_are_the_plain_loops() -> None:
    members = (Member(1e-2, 5), Member(1e-2, 1), Member(math.inf, 3), Member(3e-2, 2), Member(2e-3, 4))
    states, observer = States(), Ends(row=1, epoch=2)
    unit = Unit("plan", "plain", "confirm", members, 3)
    result = train(unit, registry()["plain"], PLAN, told_apart(), observer.tell, observer.prune, states)  # type: ignore[arg-type]
    ended = [(record.status, len(record.history)) for record in result.records]
    assert ended == [("ok", 3), ("pruned", 2), ("diverged", 1), ("ok", 3), ("ok", 3)]
    assert observer.told == [(1, [0, 1, 3, 4]), (2, [0, 1, 3, 4]), (3, [0, 3, 4])]
    assert observer.trained == pytest.approx(5 + 4 + 3)
    assert [record.outcome is not None for record in result.records] == [True, False, False, True, True]
    for row in (0, 1, 3, 4):
        epochs = len(result.records[row].history)
        found = [after.valid_mse for after in result.records[row].history]
        expected = [mse for _, mse, _ in _plain_loop("plain", members[row], epochs)]
        assert found == pytest.approx(expected, rel=1e-4)
    for row in (0, 3, 4):
        *_, (weights, _, _) = _plain_loop("plain", members[row], 3)
        _assert_close(states.weights(3, row), weights)


@pytest.mark.parametrize("epoch", [1, 2])
def test_unit_that_goes_on_from_a_checkpoint_ends_with_the_same_bits(epoch: int) -> None:
    members = (Member(1e-2, 5), Member(1e-2, 1), Member(math.inf, 3), Member(3e-2, 2))
    unit = Unit("plan", "plain", "confirm", members, 3)
    plain, split = registry()["plain"], told_apart()
    states, observers = States(), [Ends(row=0, epoch=2), Ends(row=0, epoch=2)]
    whole = train(unit, plain, PLAN, split, observers[0].tell, observers[0].prune, states)  # type: ignore[arg-type]
    later = States(states.saved[epoch - 1])
    rest = train(unit, plain, PLAN, split, observers[1].tell, observers[1].prune, later)  # type: ignore[arg-type]
    assert to_json(rest.records) == to_json(whole.records)
    assert [saved.epoch for saved in later.saved] == [*range(epoch + 1, 4)]
    assert observers[0].told == observers[1].told
    assert observers[1].trained == pytest.approx(observers[0].trained)
    for name, value in states.saved[-1].tensors.items():
        assert torch.equal(value, later.saved[-1].tensors[name]), name


def test_order_is_that_of_the_seed_and_epoch_in_every_variant_and_company() -> None:
    """Trained alone, among others and elsewhere in the stack the same member has the same errors."""
    alone = _train("tied", MEMBERS[1:2]).records[0]
    for members in (MEMBERS, MEMBERS[::-1], (Member(1e-3, 9), *MEMBERS)):
        among = _train("tied", members).records[members.index(MEMBERS[1])]
        for mine, theirs in zip(alone.history, among.history, strict=True):
            assert mine.valid_mse == pytest.approx(theirs.valid_mse, rel=1e-5)


def test_plan_of_float32_trains_in_full_precision_whatever_was_set_before() -> None:
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        _train("plain", MEMBERS[:1])
        assert torch.get_float32_matmul_precision() == "highest"
    finally:
        torch.set_float32_matmul_precision(before)


def _train(name: str, members: Sequence[Member], states: States | None = None) -> Result:
    unit = Unit("plan", name, "confirm", tuple(members), EPOCHS)
    return train(unit, registry()[name], PLAN, told_apart(), checkpoint=states)  # type: ignore[arg-type]


def _order(seed: int, epoch: int) -> Tensor:
    """As the documentation has it: a function of the seed and the epoch, counted from 1."""
    generator = torch.Generator().manual_seed(derive_seed("order", seed, epoch))
    return torch.randperm(len(told_apart().train), generator=generator)


def _plain_loop(
    name: str, member: Member, epochs: int, orders: Sequence[Tensor] = ()
) -> Iterator[tuple[State, float, float]]:
    """As a user would by hand: the weights and the two validation errors after each epoch.

    orders: of the images in each epoch, where they are not the seed's.
    """
    split = told_apart()
    model = registry()[name](WIDTHS, torch.Generator().manual_seed(derive_seed("weights", member.seed)))
    adam = torch.optim.Adam(model.parameters(), lr=member.lr, eps=PLAN.adam_eps)
    for epoch in range(1, epochs + 1):
        order = orders[epoch - 1] if orders else _order(member.seed, epoch)
        for start in range(0, len(order), BATCH):
            batch = split.train.images[order[start : start + BATCH]]
            adam.zero_grad()
            model.objective(model(batch)).backward()
            adam.step()
        weights = {key: value.detach().clone() for key, value in model.named_parameters()}
        yield weights, *_errors(name, weights, split.valid.images)


def _errors(name: str, weights: State, x: Tensor) -> tuple[float, float]:
    """Mean squared error per pixel, and cross-entropy summed over the pixels, per image, in float64."""
    model: Variant = registry()[name](WIDTHS).double()
    model.load_state_dict({key: value.double() for key, value in weights.items()}, strict=False)
    d0, x = model(x.double()).decoder[0].detach(), x.double()
    bce = -(x * d0.log() + (1 - x) * (1 - d0).log())
    return ((d0 - x) ** 2).mean().item(), bce.sum(dim=1).mean().item()


def _assert_close(found: State, expected: State) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.allclose(found[name], value, rtol=0, atol=CLOSE), name
