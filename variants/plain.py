"""The autoencoder everything else is compared with."""

from torch import Tensor

from variants.contract.interface import Trace
from variants.contract.losses import bce_with_logits
from variants.contract.untied import Untied


class Plain(Untied):
    """BCE(x, d_0): only the reconstruction is asked for."""

    name = "plain"
    summary = "reconstruction loss only: BCE(x, d_0)"

    def objective(self, trace: Trace) -> Tensor:
        """Cross-entropy of the reconstruction, mean over pixels and images."""
        return bce_with_logits(trace.logits, trace.encoder[0])
