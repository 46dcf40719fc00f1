"""A control: tied with its reconstruction scored by squared error."""

from torch import Tensor
from torch.nn.functional import mse_loss

from variants.contract.interface import Trace
from variants.tied import Tied


class TiedMse(Tied):
    """MSE(x, d_0) with V_l = W_{l+1}ᵀ."""

    name = "tied_mse"
    summary = "tied with squared error at the output: MSE(x, d_0)"
    control = True
    steps = {"plain_mse": "decoder's weights shared", "tied": "squared error at the output"}

    def objective(self, trace: Trace) -> Tensor:
        """Squared error of the reconstruction, mean over pixels and images."""
        return mse_loss(trace.decoder[0], trace.encoder[0])
