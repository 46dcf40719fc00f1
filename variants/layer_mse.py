"""Layer matching by squared error: the thread's answer."""

from torch import Tensor
from torch.nn.functional import mse_loss

from variants.contract.interface import Trace
from variants.contract.untied import Untied


class LayerMse(Untied):
    """Σ_l MSE(e_l, d_l) over the levels 0 to L-1, with gradient into both sides."""

    name = "layer_mse"
    summary = "every level matched by squared error: Σ MSE(e_l, d_l)"
    steps = {"plain_mse": "inner levels matched by squared error"}

    def objective(self, trace: Trace) -> Tensor:
        """The levels' squared errors, added."""
        return sum(self.level_losses(trace), start=trace.logits.new_zeros(()))

    def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
        """MSE(e_l, d_l) for l = 0 to L-1, each a mean over units and images."""
        levels = zip(trace.encoder[:-1], trace.decoder, strict=True)
        return tuple(mse_loss(d, e) for e, d in levels)
