"""Layer matching by cross-entropy: the question as first asked, which fails."""

from torch import Tensor

from variants.contract.interface import Trace
from variants.contract.losses import bce, bce_with_logits
from variants.contract.untied import Untied


class LayerBce(Untied):
    """Σ_l BCE(e_l, d_l) over the levels 0 to L-1, with gradient into both sides.

    BCE(e, d) = H(e) + KL(e ‖ d): the entropy of the target is part of the loss, and falls when e saturates
    or stops varying from image to image.
    """

    name = "layer_bce"
    summary = "every level matched by cross-entropy: Σ BCE(e_l, d_l)"
    steps = {"layer_mse_bce_output": "cross-entropy at the inner levels"}

    def objective(self, trace: Trace) -> Tensor:
        """The levels' cross-entropies, added."""
        return sum(self.level_losses(trace), start=trace.logits.new_zeros(()))

    def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
        """BCE(e_l, d_l) for l = 0 to L-1, each a mean over units and images."""
        inner = zip(trace.encoder[1:-1], trace.decoder[1:], strict=True)
        output = bce_with_logits(trace.logits, trace.encoder[0])
        return output, *(bce(d, e) for e, d in inner)
