"""A control: the first half of truncation, the target detached and the path left open."""

from torch import Tensor
from torch.nn.functional import mse_loss

from variants.contract.interface import Trace
from variants.layer_mse import LayerMse


class LayerMseTarget(LayerMse):
    """Σ_l MSE(sg(e_l), d_l): no level is pulled towards its reconstruction, yet each loss trains all below it."""

    name = "layer_mse_target"
    summary = "layer_mse with the targets detached, the path into e_l open: Σ MSE(sg(e_l), d_l)"
    control = True
    steps = {"layer_mse": "targets detached"}

    def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
        """MSE(sg(e_l), d_l) for l = 0 to L-1, each a mean over units and images."""
        levels = zip(trace.encoder[:-1], trace.decoder, strict=True)
        return tuple(mse_loss(d, e.detach()) for e, d in levels)
