"""A captured function gives what the function gives, from memory that it reuses."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor
from torch.func import stack_module_state

from bench.records.records import Member
from bench.training.capture import Capture, NotCapturableError
from bench.training.gradient import StackedGradient
from bench.training.population import Population
from variants import Trace
from variants.plain import Plain


def test_capture_follows_its_inputs() -> None:
    a, b = torch.rand(2, 3, 4), torch.rand(2, 4, 5)
    capture = Capture(_function, a, b)
    for _ in range(3):
        a.copy_(torch.rand_like(a))
        for value, expected in zip(capture(), _function(a, b), strict=True):
            assert torch.allclose(value, expected, rtol=1e-6)


def test_capture_returns_the_same_memory_at_every_call() -> None:
    a, b = torch.rand(2, 3, 4), torch.rand(2, 4, 5)
    capture = Capture(_function, a, b)
    assert [value.data_ptr() for value in capture()] == [value.data_ptr() for value in capture()]


def test_value_that_is_read_late_is_not_overwritten() -> None:
    x = torch.rand(50)

    def chain(x: Tensor) -> tuple[Tensor, ...]:
        early = x.exp()
        value = early
        for _ in range(6):
            value = value.sin().cos()
        return (early + value, early * 2)

    for value, expected in zip(Capture(chain, x)(), chain(x), strict=True):
        assert torch.allclose(value, expected)


def test_function_of_several_results_in_one_operation_cannot_be_captured() -> None:
    with pytest.raises(NotCapturableError):
        Capture(lambda x: (x.sort().values,), torch.rand(5))


def test_variant_that_cannot_be_captured_trains_eagerly() -> None:
    images, index = torch.rand(20, 6), torch.randint(20, (2, 4), generator=torch.Generator().manual_seed(0))
    captured, eager = (
        Population(Sorted, (6, 4, 3), [Member(1e-2, 0), Member(1e-3, 1)], capture=capture)
        for capture in (True, False)
    )
    for population in (captured, eager):
        population.step(images, index)
    for k in range(2):
        for mine, theirs in zip(captured.member(k).parameters(), eager.member(k).parameters(), strict=True):
            assert torch.equal(mine, theirs)


def test_buffer_is_read_at_every_call_of_a_capture() -> None:
    model = Priced((6, 4, 3), torch.Generator().manual_seed(0))
    parameters, buffers = stack_module_state([model, model])
    images, index = torch.rand(20, 6), torch.zeros(2, 4, dtype=torch.int64)
    gradient = StackedGradient(model, parameters, buffers, capture=True)
    first = [value.clone() for value in gradient(images, index)]
    buffers["price"][1] = 0.0
    second = gradient(images, index)
    assert gradient._captured is not None
    assert all(torch.equal(before[0], after[0]) for before, after in zip(first, second, strict=True))
    assert not torch.equal(first[0][1], second[0][1])


class Priced(Plain):
    """An objective that needs a buffer."""

    name = "priced"

    def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:
        super().__init__(widths, generator)
        self.register_buffer("price", torch.tensor(0.5))

    def objective(self, trace: Trace) -> Tensor:
        """A price on the code's activity."""
        return super().objective(trace) + self.price * trace.encoder[-1].mean()


class Sorted(Plain):
    """An objective that needs an operation of two results."""

    name = "sorted"

    def objective(self, trace: Trace) -> Tensor:
        """The median error."""
        return (trace.decoder[0] - trace.encoder[0]).square().flatten().sort().values[:6].mean()


def _function(a: Tensor, b: Tensor) -> tuple[Tensor, ...]:
    product = torch.sigmoid(a @ b)
    return product.mT, (product.square() + 1).sum(dim=0)
