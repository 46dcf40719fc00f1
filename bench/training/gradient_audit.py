"""The gradient audit: which level's loss trains which weight, measured from autograd."""

import re
from collections.abc import Sequence
from math import isfinite

import torch
from torch import Tensor

from bench.io.errors import BenchError
from bench.records.records import WHOLE_OBJECTIVE, Audit, Member
from bench.training.population import initialise
from variants import Variant

LAYER = re.compile(r"(encoder|decoder)\.(\d+)\.weight")


def audit_gradients(variant: type[Variant], widths: Sequence[int], images: Tensor, seed: int) -> Audit:
    """The audit of the variant's model of this seed before training, in float64, on a batch of images.

    images: (batch, widths[0]) in [0, 1]. Leaves the global random numbers alone, whatever the variant does.
    Raises BenchError with what the variant raised.
    """
    try:
        with torch.random.fork_rng(devices=[]):
            model = initialise(variant, widths, Member(lr=0.0, seed=seed)).double()
            # The bench trains every parameter, also one that its author froze.
            return gradient_norms(model.requires_grad_(), images.double())
    except Exception as error:  # whatever a foreign module may raise
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise BenchError(f"{variant.name} cannot be audited: it raised {said}") from error


def gradient_norms(model: Variant, x: Tensor) -> Audit:
    """The audit of a model as it is, on x, (batch, widths[0]) of its dtype; the model is not changed.

    Columns are its parameters of two or more dimensions, each of which must ask for a gradient.
    """
    matrices = {name: value for name, value in model.named_parameters() if value.ndim >= 2}
    names = sorted(matrices, key=_along_the_pass)
    weights = [matrices[name] for name in names]
    trace = model(x)
    losses = model.level_losses(trace)
    rows = tuple(_norms(loss, weights) for loss in (*losses, model.objective(trace)))
    return Audit((*map(str, range(len(losses))), WHOLE_OBJECTIVE), _shown(names), rows)


def _along_the_pass(name: str) -> tuple[int, int]:
    """Sorts the encoder's weights from the image up, the decoder's back down, then the others as they come."""
    if found := LAYER.fullmatch(name):
        return (0, int(found[2])) if found[1] == "encoder" else (1, -int(found[2]))
    return 2, 0


def _shown(names: Sequence[str]) -> tuple[str, ...]:
    """`encoder.<k - 1>.weight` as W_k, `decoder.<l>.weight` as V_l; all as they are if one were called so too."""
    shown = [_symbol(name) for name in names]
    return tuple(shown if len(set(shown)) == len(shown) else names)


def _symbol(name: str) -> str:
    found = LAYER.fullmatch(name)
    if not found:
        return name
    return f"W_{int(found[2]) + 1}" if found[1] == "encoder" else f"V_{int(found[2])}"


def _norms(loss: Tensor, weights: Sequence[Tensor]) -> tuple[float, ...]:
    """The norm of the loss's gradient at each weight; 0.0 where it has none."""
    if not loss.requires_grad:
        return (0.0,) * len(weights)
    gradients = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
    return tuple(0.0 if gradient is None else _norm(gradient) for gradient in gradients)


def _norm(gradient: Tensor) -> float:
    """Frobenius; scaled by the largest entry, for the squares of small entries would come out as exactly 0."""
    largest = gradient.abs().max().item()
    if not largest or not isfinite(largest):
        return float(largest)
    return float(largest * (gradient / largest).norm().item())
