"""Each variant is the autoencoder that its definition says, gradient by gradient."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from variants import Untied, Variant, registry
from variants.contract.conformance import CHECKS, WIDTHS, build, images
from variants.contract.stacking import Objective
from variants.controls.layer_mse_bce_output import LayerMseBceOutput
from variants.controls.layer_mse_target import LayerMseTarget
from variants.controls.plain_mse import PlainMse
from variants.controls.tied_mse import TiedMse
from variants.controls.truncated_bce_output import TruncatedBceOutput
from variants.layer_bce import LayerBce
from variants.layer_mse import LayerMse
from variants.plain import Plain
from variants.tied import Tied
from variants.truncated import Truncated

EVERY = list(registry().values())
LEVELS = len(WIDTHS) - 1


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("variant", EVERY, ids=lambda variant: variant.name)
def test_variant_conforms(variant: type[Variant], check: Callable[[type[Variant]], None]) -> None:
    check(variant)


def test_registry_is_in_report_order() -> None:
    contestants = [name for name, variant in registry().items() if not variant.control]
    controls = [name for name, variant in registry().items() if variant.control]
    assert contestants == ["plain", "layer_bce", "layer_mse", "truncated", "tied"]
    assert controls == [
        "plain_mse", "layer_mse_bce_output", "layer_mse_target", "truncated_bce_output", "tied_mse",
    ]  # fmt: skip
    assert list(registry()) == contestants + controls


def test_every_step_leads_to_a_variant_there_is() -> None:
    for variant in EVERY:
        assert set(variant.steps) <= set(registry()) - {variant.name}
        assert bool(variant.steps) == (variant is not Plain)


@pytest.mark.parametrize(
    "variant",
    [Plain, LayerBce, LayerMse, Tied, PlainMse, LayerMseBceOutput, TiedMse],
    ids=lambda variant: variant.name,
)
def test_gradient_is_that_of_finite_differences(variant: type[Variant]) -> None:
    loss = Objective(build(variant))
    names, values = zip(*loss.named_parameters(), strict=True)

    def objective(*parameters: Tensor) -> Tensor:
        return functional_call(loss, dict(zip(names, parameters, strict=True)), (images(),))

    assert torch.autograd.gradcheck(objective, values)


@pytest.mark.parametrize(
    "variant",
    [LayerBce, LayerMse, Truncated, LayerMseBceOutput, LayerMseTarget, TruncatedBceOutput],
    ids=lambda variant: variant.name,
)
def test_level_losses_train_whom_the_definition_says(variant: type[Variant]) -> None:
    model = build(variant)
    losses = model.level_losses(model(images()))
    assert len(losses) == LEVELS
    for level, loss in enumerate(losses):
        for k, layer in enumerate(model.encoder, 1):
            trained = k > level or not issubclass(variant, Truncated)
            assert _is_trained(loss, layer.weight) == trained, f"level {level}, W_{k}"
        for k, layer in enumerate(model.decoder):
            assert _is_trained(loss, layer.weight) == (k >= level), f"level {level}, V_{k}"


def test_tied_gradient_is_encoder_part_plus_transposed_decoder_part() -> None:
    tied, twin = build(Tied), build(Plain)
    twin.encoder.load_state_dict(tied.encoder.state_dict())
    with torch.no_grad():
        for level, layer in enumerate(twin.decoder):
            layer.weight.copy_(tied.encoder[level].weight.mT)
    for model in (tied, twin):
        model.objective(model(images())).backward()
    for level in range(LEVELS):
        parts = twin.encoder[level].weight.grad + twin.decoder[level].weight.grad.mT
        assert torch.allclose(tied.encoder[level].weight.grad, parts, rtol=0, atol=1e-15)
        assert torch.allclose(
            tied.decoder_biases[level].grad, twin.decoder[level].bias.grad, rtol=0, atol=1e-15
        )


def test_detached_target_leaves_the_path_and_takes_the_pull() -> None:
    model = build(LayerMseTarget)
    trace = model(images())
    for level, loss in enumerate(model.level_losses(trace)):
        activation = trace.encoder[level].detach().requires_grad_(level > 0)
        constant = activation.detach().clone()
        value = activation
        for layer in [*model.encoder[level:], *reversed(model.decoder[level:])]:
            value = torch.sigmoid(layer(value))
        by_path = (value - constant).square().mean()
        assert torch.allclose(loss, by_path, rtol=1e-14)
        for k in range(level):
            (found,) = torch.autograd.grad(loss, model.encoder[k].weight, retain_graph=True)
            (pull,) = torch.autograd.grad(by_path, activation, retain_graph=True)
            (expected,) = torch.autograd.grad(
                trace.encoder[level], model.encoder[k].weight, pull, retain_graph=True
            )
            assert torch.allclose(found, expected, rtol=0, atol=1e-16)


def test_truncated_gradient_is_that_of_separate_autoencoders_on_constant_activations() -> None:
    model = build(Truncated)
    total = {name: torch.zeros_like(value) for name, value in model.named_parameters()}
    activations = model(images()).encoder
    for level in range(LEVELS):
        alone = copy.deepcopy(model)
        chain = [*alone.encoder[level:], *reversed(alone.decoder[level:])]
        data = activations[level].detach().clone()
        value = data
        for layer in chain:
            value = torch.sigmoid(layer(value))
        (value - data).square().mean().backward()
        for name, parameter in alone.named_parameters():
            if parameter.grad is not None:
                total[name] += parameter.grad
    model.objective(model(images())).backward()
    for name, parameter in model.named_parameters():
        assert torch.allclose(parameter.grad, total[name], rtol=0, atol=1e-15), name


@pytest.mark.parametrize("variant", [Plain, LayerBce, LayerMse, Truncated], ids=lambda variant: variant.name)
def test_one_pass_gives_what_the_questions_sub_networks_give(variant: type[Variant]) -> None:
    model = build(variant)
    trace = model(images())
    for level in range(LEVELS):
        value = trace.encoder[level]
        for layer in [*model.encoder[level:], *reversed(model.decoder[level:])]:
            value = torch.sigmoid(layer(value))
        assert torch.equal(value, trace.decoder[level])


def test_layer_variants_differ_from_plain_in_their_objective_only() -> None:
    plain = build(Plain)
    for variant in EVERY:
        if not issubclass(variant, Untied):
            continue
        model = build(variant)
        assert all(map(torch.equal, plain.state_dict().values(), model.state_dict().values()))
        assert torch.equal(plain(images()).logits, model(images()).logits)


def test_objectives_are_the_definitions_by_torchs_own_losses() -> None:
    functional = nn.functional
    for variant, loss in ((LayerBce, functional.binary_cross_entropy), (LayerMse, functional.mse_loss)):
        model = build(variant)
        trace = model(images())
        by_hand = sum(loss(d, e) for e, d in zip(trace.encoder[:-1], trace.decoder, strict=True))
        assert torch.allclose(model.objective(trace), by_hand, rtol=1e-14)
    for variant in (PlainMse, TiedMse):
        model = build(variant)
        trace = model(images())
        assert torch.allclose(
            model.objective(trace), functional.mse_loss(trace.decoder[0], images()), rtol=1e-14
        )
    for mixed, whole in ((LayerMseBceOutput, LayerMse), (TruncatedBceOutput, Truncated)):
        model = build(mixed)
        trace = model(images())
        output = functional.binary_cross_entropy(trace.decoder[0], images())
        inner = sum(build(whole).level_losses(trace)[1:])
        assert torch.allclose(model.objective(trace), output + inner, rtol=1e-14)
    for variant in (Plain, Tied):
        model = build(variant)
        trace = model(images())
        assert torch.allclose(
            model.objective(trace), functional.binary_cross_entropy(trace.decoder[0], images()), rtol=1e-14
        )


@pytest.mark.parametrize("widths", [(5,), (5, 0), ()])
def test_impossible_widths_are_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="widths must be at least two positive integers"):
        Plain(widths)


def _is_trained(loss: Tensor, weight: Tensor) -> bool:
    """Whether any entry of the weight has a gradient that is not exactly 0."""
    (gradient,) = torch.autograd.grad(loss, weight, retain_graph=True, allow_unused=True)
    return gradient is not None and bool(gradient.ne(0).any())
