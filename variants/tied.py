"""Shared weights: the thread's closing suggestion."""

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from variants.contract.interface import Trace, Variant
from variants.contract.losses import bce_with_logits
from variants.contract.untied import dense


class Tied(Variant):
    """BCE(x, d_0) with the decoder's weights V_l = W_{l+1}ᵀ; its biases c_l are its own.

    Each weight is stored once, in the encoder, and transposed where the decoder uses it.
    """

    name = "tied"
    summary = "plain with the decoder's weights shared: V_l = W_{l+1} transposed"
    steps = {"plain": "decoder's weights shared"}

    def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:
        """Draw the encoder's weights; `decoder_biases[l]` is c_l, zero at first."""
        super().__init__(widths, generator)
        self.encoder = nn.ModuleList(dense(below, above, generator) for below, above in pairwise(widths))
        self.decoder_biases = nn.ParameterList(torch.zeros(width) for width in widths[:-1])

    def forward(self, x: Tensor) -> Trace:
        """One pass up, and down through the same weights."""
        e = [x]
        for layer in self.encoder:
            e.append(torch.sigmoid(layer(e[-1])))
        d, logits = [e[-1]], e[-1]
        for level in reversed(range(len(self.encoder))):
            layer = cast(nn.Linear, self.encoder[level])
            logits = linear(d[-1], layer.weight.mT, self.decoder_biases[level])
            d.append(torch.sigmoid(logits))
        return Trace(tuple(e), tuple(reversed(d[1:])), logits)

    def objective(self, trace: Trace) -> Tensor:
        """Cross-entropy of the reconstruction, mean over pixels and images."""
        return bce_with_logits(trace.logits, trace.encoder[0])
