"""Cross-entropies for models that train stacked: short to differentiate, and fit to meet a nan."""

from torch import Tensor, where
from torch.nn.functional import binary_cross_entropy, softplus

CLIP = 1e-7


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of σ(logits) against target, mean over all entries, nats; 0-dim.

    softplus(z) - x z is -x ln σ(z) - (1 - x) ln(1 - σ(z)) with σ put in; its gradient in z is σ(z) - x.
    PyTorch's own `binary_cross_entropy_with_logits` has the same value but a longer backward pass.
    """
    return (softplus(logits) - target * logits).mean()


def bce(probabilities: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of probabilities against target, mean over all entries, nats; 0-dim.

    Probabilities are kept 1e-7 from 0 and 1, as Keras does: the gradient in the target is ln(1 - d) - ln d and
    has no end where d has saturated. PyTorch's own raises where a probability is nan, and one diverged model
    would end all those it trains with; here a nan counts as 1/2, for a model that has one is lost already.
    """
    lost = probabilities.isnan()
    p, e = (where(lost, 0.5, values) for values in (probabilities.clamp(CLIP, 1 - CLIP), target))
    return binary_cross_entropy(p, e)
