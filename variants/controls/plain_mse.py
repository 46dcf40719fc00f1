"""A control: plain with its reconstruction scored by squared error."""

from torch import Tensor
from torch.nn.functional import mse_loss

from variants.contract.interface import Trace
from variants.plain import Plain


class PlainMse(Plain):
    """MSE(x, d_0): separates the loss at the output from the losses inside."""

    name = "plain_mse"
    summary = "plain with squared error at the output: MSE(x, d_0)"
    control = True
    steps = {"plain": "squared error at the output"}

    def objective(self, trace: Trace) -> Tensor:
        """Squared error of the reconstruction, mean over pixels and images."""
        return mse_loss(trace.decoder[0], trace.encoder[0])
