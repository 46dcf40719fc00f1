"""The gradient audit measures who trains whom."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from bench.io.errors import BenchError
from bench.records.records import Audit, Member
from bench.training.gradient_audit import audit_gradients, gradient_norms
from bench.training.population import initialise
from variants import Trace, Variant
from variants.contract.conformance import WIDTHS, build, images
from variants.layer_bce import LayerBce
from variants.layer_mse import LayerMse
from variants.plain import Plain
from variants.tied import Tied
from variants.truncated import Truncated

SMALL = (5, 4, 3)


class Odd(Truncated):
    """Truncated with weights that no other variant has."""

    name = "odd"
    summary = "weights by other names"

    def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:
        super().__init__(widths, generator)
        self.price = nn.Parameter(torch.full((2, 3), 0.5))
        self.unused = nn.Parameter(torch.ones(2, 2))
        self.vector = nn.Parameter(torch.ones(4))
        self.frozen = nn.Parameter(torch.ones(1, 2), requires_grad=False)

    def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
        first, *rest = super().level_losses(trace)
        last = trace.encoder[-1].detach().mean()
        return first + 3 * self.price.sum() + self.frozen.sum() + 0 * self.unused.sum(), *rest, last


@pytest.mark.parametrize("variant", [LayerBce, LayerMse, Truncated], ids=lambda variant: variant.name)
def test_zeros_are_exactly_those_of_the_definition(variant: type[Variant]) -> None:
    found = audit_gradients(variant, WIDTHS, images(), 0)
    last = len(WIDTHS) - 1
    for level in range(last):
        row = dict(zip(found.weights, found.norms[level], strict=True))
        for k in range(1, last + 1):
            assert (row[f"W_{k}"] == 0.0) == (variant is Truncated and k <= level), f"level {level}, W_{k}"
        for k in range(last):
            assert (row[f"V_{k}"] == 0.0) == (k < level), f"level {level}, V_{k}"
    assert all(norm > 0 for norm in found.norms[-1])


@pytest.mark.parametrize("variant", [Plain, Tied], ids=lambda variant: variant.name)
def test_variant_with_one_loss_has_one_level_that_is_the_whole(variant: type[Variant]) -> None:
    found = audit_gradients(variant, WIDTHS, images(), 0)
    assert found.levels == ("0", "all")
    assert found.norms[0] == found.norms[1]
    assert all(norm > 0 for norm in found.norms[0])


def test_weights_are_in_the_order_of_the_forward_pass() -> None:
    widths = (12, *range(11, 0, -1))
    found = audit_gradients(Plain, widths, images(), 0)
    expected = [f"W_{k}" for k in range(1, 12)] + [f"V_{k}" for k in range(10, -1, -1)]
    assert found.weights == tuple(expected)
    assert audit_gradients(Tied, widths, images(), 0).weights == tuple(expected[:11])


@pytest.mark.parametrize("variant", [LayerBce, LayerMse, Tied], ids=lambda variant: variant.name)
def test_norms_are_those_of_finite_differences(variant: type[Variant]) -> None:
    x = images()[:3, : SMALL[0]]
    found = audit_gradients(variant, SMALL, x, 7)
    model = initialise(variant, SMALL, Member(0.1, 7)).double().requires_grad_(False)
    names = {
        "W_1": "encoder.0.weight",
        "W_2": "encoder.1.weight",
        "V_1": "decoder.1.weight",
        "V_0": "decoder.0.weight",
    }
    for column, weight in enumerate(found.weights):
        slopes = _differences(model, model.get_parameter(names[weight]), x)
        for row, expected in enumerate(np.linalg.norm(slopes, axis=0)):
            assert found.norms[row][column] == pytest.approx(expected, rel=1e-6, abs=1e-11), weight


def test_norms_of_truncated_are_those_of_the_chain_by_hand() -> None:
    x = images()[:3, : SMALL[0]]
    row = _row(audit_gradients(Truncated, SMALL, x, 7), "1")
    model = initialise(Truncated, SMALL, Member(0.1, 7)).double()
    w1, w2 = (layer.weight.detach().numpy() for layer in model.encoder)
    v1 = model.decoder[1].weight.detach().numpy()
    e1 = _sigmoid(x.numpy() @ w1.T)
    e2 = _sigmoid(e1 @ w2.T)
    d1 = _sigmoid(e2 @ v1.T)
    at_v1 = 2 * (d1 - e1) / d1.size * d1 * (1 - d1)
    at_w2 = at_v1 @ v1 * e2 * (1 - e2)
    assert row["V_1"] == pytest.approx(np.linalg.norm(at_v1.T @ e2), rel=1e-12)
    assert row["W_2"] == pytest.approx(np.linalg.norm(at_w2.T @ e1), rel=1e-12)
    assert (row["W_1"], row["V_0"]) == (0.0, 0.0)


@pytest.mark.parametrize("variant", [LayerBce, LayerMse, Truncated], ids=lambda variant: variant.name)
def test_last_row_is_the_gradient_of_the_sum(variant: type[Variant]) -> None:
    model = build(variant)
    torch.stack(model.level_losses(model(images()))).sum().backward()
    layers = [*model.encoder, *reversed(model.decoder)]
    expected = [layer.weight.grad.square().sum().sqrt().item() for layer in layers]
    assert gradient_norms(build(variant), images()).norms[-1] == pytest.approx(expected, rel=1e-12)


def test_outside_weights_go_by_their_own_names_behind_the_others() -> None:
    found = audit_gradients(Odd, SMALL, images()[:, : SMALL[0]], 0)
    assert found.weights == ("W_1", "W_2", "V_1", "V_0", "price", "unused", "frozen")
    assert found.levels == ("0", "1", "2", "all")
    assert found.norms[0][4:] == pytest.approx((3 * 6**0.5, 0.0, 2**0.5))
    assert found.norms[1][4:] == (0.0, 0.0, 0.0)
    assert found.norms[2] == (0.0,) * 7


def test_name_that_is_taken_lets_all_keep_their_own() -> None:
    class Taken(Plain):
        def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:
            super().__init__(widths, generator)
            self.W_1 = nn.Parameter(torch.ones(2, 2))

    found = audit_gradients(Taken, (5, 4), images()[:, :5], 0)
    assert found.weights == ("encoder.0.weight", "decoder.0.weight", "W_1")
    assert found.norms[0][2] == 0.0


def test_gradient_too_small_to_be_squared_is_not_called_zero() -> None:
    class Faint(LayerMse):
        def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
            return tuple(1e-200 * loss for loss in super().level_losses(trace))

    plain, faint = (_row(audit_gradients(kind, WIDTHS, images(), 0), "1") for kind in (LayerMse, Faint))
    assert faint["V_0"] == 0.0
    assert faint["W_1"] == pytest.approx(1e-200 * plain["W_1"], rel=1e-9, abs=0)


def test_model_and_global_random_numbers_are_left_alone() -> None:
    class Drawing(Plain):
        def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:
            super().__init__(widths, generator)
            torch.rand(3)

    state = torch.random.get_rng_state()
    audit_gradients(Drawing, WIDTHS, images(), 0)
    assert torch.equal(state, torch.random.get_rng_state())
    model, twin = build(LayerMse), build(LayerMse)
    gradient_norms(model, images())
    assert all(map(torch.equal, model.state_dict().values(), twin.state_dict().values()))
    assert all(parameter.grad is None for parameter in model.parameters())


def test_variant_that_raises_is_named_with_what_it_said() -> None:
    class Raising(Plain):
        name = "raising"

        def objective(self, trace: Trace) -> Tensor:  # noqa: ARG002
            raise RuntimeError("no\nway")

    with pytest.raises(BenchError, match=r"^raising cannot be audited: it raised RuntimeError: no way$"):
        audit_gradients(Raising, WIDTHS, images(), 0)


def _differences(model: Variant, weight: Tensor, x: Tensor) -> np.ndarray:
    """Central differences of each level's loss and of the objective by each entry: (entries, levels + 1)."""
    slopes, h = [], 1e-6
    for entry in weight.view(-1):
        values, middle = [], entry.item()
        for place in (middle + h, middle - h):
            entry.fill_(place)
            trace = model(x)
            values.append(torch.stack([*model.level_losses(trace), model.objective(trace)]).numpy())
        entry.fill_(middle)
        slopes.append((values[0] - values[1]) / (2 * h))
    return np.array(slopes)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def _row(found: Audit, level: str) -> dict[str, float]:
    return dict(zip(found.weights, found.norms[found.levels.index(level)], strict=True))
