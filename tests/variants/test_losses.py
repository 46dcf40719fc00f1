"""The cross-entropies agree with PyTorch's own, and bear a nan."""

import torch
from torch.nn import functional

from variants.contract.losses import bce, bce_with_logits


def test_bce_with_logits_has_torchs_value_and_gradient() -> None:
    logits, target = _some(5.0), _some().sigmoid().detach()
    ours, theirs = (
        loss(logits, target) for loss in (bce_with_logits, functional.binary_cross_entropy_with_logits)
    )
    assert torch.allclose(ours, theirs, rtol=1e-14)
    for mine, other in zip(*(torch.autograd.grad(loss, logits) for loss in (ours, theirs)), strict=True):
        assert torch.allclose(mine, other, rtol=0, atol=1e-16)


def test_bce_has_torchs_value_and_gradients_in_both() -> None:
    d, e = (_some().sigmoid().detach().requires_grad_() for _ in range(2))
    ours, theirs = bce(d, e), functional.binary_cross_entropy(d, e)
    assert torch.equal(ours, theirs)
    for mine, other in zip(*(torch.autograd.grad(loss, (d, e)) for loss in (ours, theirs)), strict=True):
        assert torch.equal(mine, other)


def test_bce_of_saturated_probabilities_has_finite_gradients() -> None:
    d = torch.tensor([0.0, 1.0, 0.5], requires_grad=True)
    e = torch.tensor([0.5, 0.5, 0.5], requires_grad=True)
    to_d, to_e = torch.autograd.grad(bce(d, e), (d, e))
    assert to_d.isfinite().all()
    assert torch.allclose(3 * to_e, torch.tensor([16.118, -15.942, 0.0]), atol=1e-2)


def test_bce_does_not_raise_for_nan() -> None:
    nan = torch.full((3,), torch.nan)
    assert bce(nan, nan).isfinite()


def _some(scale: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    values = scale * torch.randn(20, 6, generator=generator, dtype=torch.float64)
    return values.requires_grad_()
