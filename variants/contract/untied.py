"""The autoencoder that four of the five variants share: a decoder with weights of its own."""

from abc import ABC
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from variants.contract.interface import Trace, Variant


def dense(inputs: int, outputs: int, generator: torch.Generator | None) -> nn.Linear:
    """A layer as Keras initialises `Dense`: Glorot-uniform weights (Glorot and Bengio 2010), zero biases."""
    layer = nn.Linear(inputs, outputs, device="meta").to_empty(device="cpu")
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


class Untied(Variant, ABC):
    """Sigmoid layers: e_l = σ(W_l e_{l-1} + b_l) and d_l = σ(V_l d_{l+1} + c_l), with d_L = e_L the code.

    `encoder[l - 1]` holds (W_l, b_l); `decoder[l]` holds (V_l, c_l).
    """

    def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:
        """Draw the encoder's weights, then the decoder's."""
        super().__init__(widths, generator)
        pairs = list(pairwise(widths))
        self.encoder = nn.ModuleList(dense(below, above, generator) for below, above in pairs)
        self.decoder = nn.ModuleList(dense(above, below, generator) for below, above in pairs)

    def forward(self, x: Tensor) -> Trace:
        """One pass up and down; d_l depends on x only through e_l, so it serves every level's loss."""
        e = self.encode(x)
        d, logits = self.decode(e[-1])
        return Trace(e, d, logits)

    def encode(self, e: Tensor, level: int = 0) -> tuple[Tensor, ...]:
        """E_l: the activations e_l, ..., e_L from those of `level`."""
        activations = [e]
        for layer in self.encoder[level:]:
            activations.append(torch.sigmoid(layer(activations[-1])))
        return tuple(activations)

    def decode(self, code: Tensor, level: int = 0) -> tuple[tuple[Tensor, ...], Tensor]:
        """D_l: the activations d_l, ..., d_{L-1} from the code, and d_l before its sigmoid."""
        activations, logits = [code], code
        for layer in reversed(self.decoder[level:]):
            logits = layer(activations[-1])
            activations.append(torch.sigmoid(logits))
        return tuple(reversed(activations[1:])), logits
