"""The output's cross-entropy, from logits."""

from torch import Tensor
from torch.nn.functional import softplus


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of σ(logits) against target, mean over all entries, nats; 0-dim.

    softplus(z) - x z is -x ln σ(z) - (1 - x) ln(1 - σ(z)) with σ put in; its gradient in z is σ(z) - x.
    PyTorch's own `binary_cross_entropy_with_logits` has the same value but a longer backward pass.
    """
    return (softplus(logits) - target * logits).mean()
