"""A control: layer matching by squared error inside, by cross-entropy at the output."""

from torch import Tensor

from variants.contract.interface import Trace
from variants.contract.losses import bce_with_logits
from variants.layer_mse import LayerMse


class LayerMseBceOutput(LayerMse):
    """BCE(x, d_0) + Σ_l MSE(e_l, d_l) over the levels 1 to L-1, with gradient into both sides."""

    name = "layer_mse_bce_output"
    summary = "layer_mse with cross-entropy at the output: BCE(x, d_0) + Σ MSE(e_l, d_l)"
    control = True
    steps = {
        "plain": "inner levels matched by squared error",
        "layer_mse": "cross-entropy at the output",
    }

    def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
        """BCE(x, d_0), then MSE(e_l, d_l) for l = 1 to L-1, each a mean over units and images."""
        _, *inner = super().level_losses(trace)
        return bce_with_logits(trace.logits, trace.encoder[0]), *inner
