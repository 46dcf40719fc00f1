"""Layer matching with each level's gradient stopped at that level: the question's second edit."""

from torch import Tensor
from torch.nn.functional import mse_loss

from variants.contract.interface import Trace
from variants.contract.untied import Untied


class Truncated(Untied):
    """Σ_l MSE(sg(e_l), D_l(E_l(sg(e_l)))): level l trains the autoencoder above it and nothing below.

    sg stops the gradient. To its own loss e_l is data, as input and as target: the loss flows back through
    the decoder layers V_{L-1} ... V_l and the encoder layers W_L ... W_{l+1}, and ends at e_l.
    """

    name = "truncated"
    summary = "layer_mse with level l's gradient stopped at e_l: trains only the layers above"
    steps = {"layer_mse_target": "the path into e_l stopped too"}

    def objective(self, trace: Trace) -> Tensor:
        """The levels' squared errors, added."""
        return sum(self.level_losses(trace), start=trace.logits.new_zeros(()))

    def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
        """MSE(sg(e_l), D_l(E_l(sg(e_l)))) for l = 0 to L-1, each a mean over units and images."""
        return tuple(self.level_loss(level, e.detach()) for level, e in enumerate(trace.encoder[:-1]))

    def level_loss(self, level: int, e: Tensor) -> Tensor:
        """Squared error of the autoencoder above `level` on the activations e, taken as data."""
        code = self.encode(e, level)[-1]
        decoder, _ = self.decode(code, level)
        return mse_loss(decoder[0], e)
