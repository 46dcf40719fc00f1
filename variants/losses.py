"""Cross-entropies for models that train stacked: short to differentiate, and fit to meet a nan."""

from torch import Tensor, where
from torch.nn.functional import binary_cross_entropy, softplus


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of σ(logits) against target, mean over all entries, nats; 0-dim.

    softplus(z) - x z is -x ln σ(z) - (1 - x) ln(1 - σ(z)) with σ put in; its gradient in z is σ(z) - x.
    PyTorch's own `binary_cross_entropy_with_logits` has the same value but a longer backward pass.
    """
    return (softplus(logits) - target * logits).mean()


def bce(probabilities: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of probabilities against target, mean over all entries, nats; 0-dim.

    PyTorch's own raises where either is nan, and one diverged model would end all those it trains with; here a
    nan counts as 1/2, for a model that has one is lost already.
    """
    p, e = (where(values.isnan(), 0.5, values) for values in (probabilities, target))
    return binary_cross_entropy(p, e)
