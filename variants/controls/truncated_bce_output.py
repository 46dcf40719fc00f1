"""A control: truncated with its reconstruction scored by cross-entropy."""

from torch import Tensor

from variants.contract.interface import Trace
from variants.contract.losses import bce_with_logits
from variants.truncated import Truncated


class TruncatedBceOutput(Truncated):
    """BCE(x, d_0), and truncated's MSE(sg(e_l), D_l(E_l(sg(e_l)))) over the levels 1 to L-1."""

    name = "truncated_bce_output"
    summary = "truncated with cross-entropy at the output"
    control = True
    steps = {
        "layer_mse_bce_output": "level l's gradient stopped at e_l",
        "truncated": "cross-entropy at the output",
    }

    def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
        """BCE(x, d_0), then truncated's inner levels; below level 0 there is nothing to stop at."""
        _, *inner = super().level_losses(trace)
        return bce_with_logits(trace.logits, trace.encoder[0]), *inner
