"""Cross-entropies that many stacked models can share: they pass a nan on where PyTorch's own would raise."""

from torch import Tensor
from torch.nn.functional import softplus

CLIP = 1e-7
"""Probabilities are kept this far from 0 and 1, as Keras does."""


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of σ(logits) against target, mean over all entries, nats; 0-dim.

    softplus(z) - x z is -x ln σ(z) - (1 - x) ln(1 - σ(z)) with σ put in; its gradient in z is σ(z) - x.
    PyTorch's own `binary_cross_entropy_with_logits` has the same value but a longer backward pass.
    """
    return (softplus(logits) - target * logits).mean()


def bce(probabilities: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of probabilities against target, mean over all entries, nats; 0-dim.

    PyTorch's own refuses a probability of nan: one diverged model would end all that train with it.
    """
    p = probabilities.clamp(CLIP, 1 - CLIP)
    return -(target * p.log() + (1 - target) * (-p).log1p()).mean()
