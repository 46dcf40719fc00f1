"""A variant's objective as one call on images."""

from torch import Tensor, nn

from variants.interface import Variant


class Objective(nn.Module):
    """x → objective(variant(x)), 0-dim: one module, so that `torch.func.functional_call` swaps its parameters."""

    def __init__(self, variant: Variant) -> None:
        """The variant's parameters become this module's, named `variant.…`."""
        super().__init__()
        self.variant = variant

    def forward(self, x: Tensor) -> Tensor:
        """The objective on x, (batch, widths[0])."""
        return self.variant.objective(self.variant(x))
