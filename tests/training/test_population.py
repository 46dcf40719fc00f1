"""K stacked models are K models: the same numbers as each trained alone, untouched by one another."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from bench.records.records import Member
from bench.training.population import Population, initialise
from variants import Variant, registry

WIDTHS = (12, 9, 7, 5)
MEMBERS = (Member(1e-2, 3), Member(1e-3, 3), Member(3e-2, 4))
EVERY = pytest.mark.parametrize("variant", list(registry().values()), ids=lambda variant: variant.name)
HOW = pytest.mark.parametrize("capture", [True, False], ids=["captured", "eager"])


@EVERY
@HOW
def test_stacked_members_equal_models_trained_alone(variant: type[Variant], capture: bool) -> None:
    images, batches = _images(), _batches(steps=50)
    population = _population(variant, MEMBERS, capture=capture)
    for index in batches:
        population.step(images, index)
    for k, member in enumerate(MEMBERS):
        alone = _train_alone(variant, member, images, [index[k] for index in batches])
        _assert_equal(population.member(k), alone, tolerance=1e-10)


@EVERY
@HOW
def test_member_that_goes_to_nan_leaves_the_others_bits(variant: type[Variant], capture: bool) -> None:
    lost = (MEMBERS[0], Member(float("inf"), 3), MEMBERS[2])
    sound, harmed = (_population(variant, members, capture=capture) for members in (MEMBERS, lost))
    for index in _batches(steps=5):
        for population in (sound, harmed):
            population.step(_images(), index)
    assert any(value.isnan().any() for value in harmed.member(1).state_dict().values())
    for k in (0, 2):
        _assert_equal(sound.member(k), harmed.member(k), tolerance=0)


@EVERY
@HOW
def test_keep_changes_nothing_for_those_kept(variant: type[Variant], capture: bool) -> None:
    whole, thinned = (_population(variant, MEMBERS, capture=capture) for _ in range(2))
    for number, index in enumerate(_batches(steps=10)):
        whole.step(_images(), index)
        if number == 5:
            thinned.keep([2, 0])
        thinned.step(_images(), index if number < 5 else index[[2, 0]])
    assert thinned.members == (MEMBERS[2], MEMBERS[0])
    for before, after in ((0, 1), (2, 0)):
        _assert_equal(whole.member(before), thinned.member(after), tolerance=1e-14)


def test_smaller_last_batch_trains_as_alone() -> None:
    plain, images = registry()["plain"], _images()
    batches = [index if step % 2 else index[:, :3] for step, index in enumerate(_batches(steps=6))]
    population = _population(plain, MEMBERS, capture=True)
    for index in batches:
        population.step(images, index)
    alone = _train_alone(plain, MEMBERS[1], images, [index[1] for index in batches])
    _assert_equal(population.member(1), alone, tolerance=1e-10)


@EVERY
def test_members_of_one_seed_start_alike_and_those_of_another_do_not(variant: type[Variant]) -> None:
    population = _population(variant, MEMBERS, capture=False)
    first, second, third = (next(population.member(k).parameters()) for k in range(3))
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


@EVERY
def test_trace_of_each_member_is_its_own_models(variant: type[Variant]) -> None:
    population = _population(variant, MEMBERS, capture=False)
    stacked = population.trace(_images())
    for k in range(len(MEMBERS)):
        alone = population.member(k)(_images())
        assert torch.allclose(stacked.logits[k], alone.logits, rtol=0, atol=1e-14)
        assert torch.allclose(stacked.decoder[1][k], alone.decoder[1], rtol=0, atol=1e-14)


def _population(variant: type[Variant], members: Sequence[Member], *, capture: bool) -> Population:
    return Population(variant, WIDTHS, members, dtype=torch.float64, capture=capture)


def _train_alone(
    variant: type[Variant], member: Member, images: Tensor, batches: Sequence[Tensor]
) -> Variant:
    """As a user would by hand."""
    model = initialise(variant, WIDTHS, member).double()
    adam = torch.optim.Adam(model.parameters(), lr=member.lr)
    for index in batches:
        adam.zero_grad()
        model.objective(model(images[index])).backward()
        adam.step()
    return model


def _images() -> Tensor:
    return torch.rand(40, WIDTHS[0], generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def _batches(steps: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [torch.randint(40, (len(MEMBERS), 8), generator=generator) for _ in range(steps)]


def _assert_equal(one: Variant, other: Variant, *, tolerance: float) -> None:
    for name, value in one.state_dict().items():
        assert torch.allclose(value, other.state_dict()[name], rtol=0, atol=tolerance), name
