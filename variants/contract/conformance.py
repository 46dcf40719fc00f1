"""The rules a variant keeps so that it can be stacked and compared, as checks to run on any of them.

In a test of your own: `@pytest.mark.parametrize("check", CHECKS)` and `check(MyVariant)`; each raises
AssertionError that says which rule is broken.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from variants.contract.interface import Variant
from variants.contract.stacking import Objective, fill, tensors_of

WIDTHS = (12, 9, 7, 5)


def build(variant: type[Variant], seed: int = 0) -> Variant:
    """A small model of the variant in float64."""
    return variant(WIDTHS, torch.Generator().manual_seed(seed)).double()


def images(count: int = 6, seed: int = 0) -> Tensor:
    """Noise in [0, 1], (count, WIDTHS[0]), float64."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, WIDTHS[0], generator=generator, dtype=torch.float64)


def traces_every_level_with_its_width(variant: type[Variant]) -> None:
    """Encoder e_0 to e_L, decoder d_0 to d_{L-1}, logits: (batch, widths[l]) each."""
    trace = build(variant)(images())
    assert [e.shape for e in trace.encoder] == [(6, width) for width in WIDTHS], "encoder shapes"
    assert [d.shape for d in trace.decoder] == [(6, width) for width in WIDTHS[:-1]], "decoder shapes"
    assert trace.logits.shape == (6, WIDTHS[0]), "logits shape"


def keeps_activations_between_0_and_1(variant: type[Variant]) -> None:
    """e_0 is x itself, d_0 is σ(logits), and every activation lies in [0, 1]."""
    x = images()
    trace = build(variant)(x)
    assert torch.equal(trace.encoder[0], x), "e_0 must be x"
    assert torch.allclose(trace.decoder[0], torch.sigmoid(trace.logits)), "d_0 must be σ(logits)"
    for activation in (*trace.encoder, *trace.decoder):
        assert activation.min() >= 0, "an activation is below 0"
        assert activation.max() <= 1, "an activation is above 1"


def has_a_finite_objective_of_no_dimension(variant: type[Variant]) -> None:
    """The objective is 0-dim and finite, and the sum of its levels' terms."""
    model = build(variant)
    trace = model(images())
    objective = model.objective(trace)
    assert objective.shape == (), "the objective must be 0-dim"
    assert objective.isfinite(), "the objective must be finite"
    assert torch.allclose(objective, torch.stack(model.level_losses(trace)).sum()), "Σ level_losses"


def gives_the_same_encoder_for_the_same_seed(variant: type[Variant]) -> None:
    """The encoder's weights are drawn first, from the image inwards, Glorot-uniform: runs are paired."""
    generator = torch.Generator().manual_seed(3)
    model = variant(WIDTHS, generator)
    expected = torch.Generator().manual_seed(3)
    for level, (below, above) in enumerate(pairwise(WIDTHS)):
        weight = torch.empty(above, below)
        torch.nn.init.xavier_uniform_(weight, generator=expected)
        name = f"encoder.{level}.weight"
        found = dict(model.named_parameters()).get(name)
        assert found is not None, f"the weights of the encoder's layer {level + 1} must be named {name}"
        assert torch.equal(found, weight), f"{name} must be drawn first, Glorot-uniform"


def trains_only_from_what_it_is_given(variant: type[Variant]) -> None:
    """Two passes give the same bits and touch neither the input nor the global random numbers."""
    model, x = build(variant), images()
    state = torch.random.get_rng_state()
    first, second = (model.objective(model(x)) for _ in range(2))
    assert torch.equal(first, second), "the same pass twice must give the same bits"
    assert torch.equal(state, torch.random.get_rng_state()), "no random numbers in a pass"
    assert torch.equal(x, images()), "nothing in place on the input"


def can_be_stacked(variant: type[Variant]) -> None:
    """Mapped over two models at once, the objective has the values that each has alone."""
    models, x = [Objective(build(variant, seed)) for seed in (0, 1)], images()
    parameters, buffers = stack_module_state(models)

    def loss(state: dict[str, Tensor]) -> Tensor:
        value: Tensor = functional_call(models[0], state, (x,))
        return value

    alone = torch.stack([model(x) for model in models])
    assert torch.allclose(vmap(loss)(parameters | buffers), alone), "stacked and alone differ"


def passes_nan_on(variant: type[Variant]) -> None:
    """A diverged model's objective is nan, not an error: it must not end the models it is stacked with."""
    model = build(variant)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(torch.nan)
    assert model.objective(model(images())).isnan(), "weights of nan must give an objective of nan"


def comes_back_from_what_is_saved_of_it(variant: type[Variant]) -> None:
    """Its parameters and buffers are all there is to it: put into another model, they give the same pass.

    A parameter under two names is one parameter; two parameters in the same memory are not.
    """
    # As they are built: another dtype would be other memory.
    model, other = (variant(WIDTHS, torch.Generator().manual_seed(seed)) for seed in (0, 1))
    saved = {name: value.detach().clone() for name, value in tensors_of(model).items()}
    for place, (name, _) in enumerate(model.named_parameters()):
        saved[name].uniform_(-1, 1, generator=torch.Generator().manual_seed(place))
    for one in (model, other):
        fill(one, saved)
        for name, value in tensors_of(one).items():
            assert torch.equal(value, saved[name]), f"{name} must have memory of its own"
    for mine, theirs in zip(_values(model), _values(other), strict=True):
        assert torch.equal(mine, theirs), "what a pass depends on must be a parameter or a buffer"


def has_a_buffer_for_each_hyperparameter(variant: type[Variant]) -> None:
    """Every name in `space` is a 0-dim buffer, which the tuner fills before training."""
    buffers = dict(build(variant).named_buffers())
    for name in variant.space:
        assert name in buffers, f"{name} of space must be a buffer: self.register_buffer({name!r}, ...)"
        assert buffers[name].shape == (), f"{name} of space must be 0-dim"


def _values(model: Variant) -> tuple[Tensor, ...]:
    """Of a pass and its objective."""
    trace = model(images().float())
    return *trace.encoder, *trace.decoder, trace.logits, model.objective(trace)


CHECKS: tuple[Callable[[type[Variant]], None], ...] = (
    traces_every_level_with_its_width,
    keeps_activations_between_0_and_1,
    has_a_finite_objective_of_no_dimension,
    gives_the_same_encoder_for_the_same_seed,
    trains_only_from_what_it_is_given,
    can_be_stacked,
    passes_nan_on,
    comes_back_from_what_is_saved_of_it,
    has_a_buffer_for_each_hyperparameter,
)
