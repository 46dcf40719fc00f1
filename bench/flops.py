"""Floating-point operations of a training step, counted from the matrix products that it cannot do without."""

from collections.abc import Sequence
from itertools import pairwise

from bench.known_variants import get_variant
from variants.tied import Tied
from variants.truncated import Truncated


def step_flop(variant: str, widths: Sequence[int]) -> int:
    """FLOP an image of one training step of a built-in variant, matrix products only, a multiplication and an
    addition counted as two.

    A layer of a inputs and b units costs 2ab for its product, 2ab for its weights' gradient and 2ab for its
    input's, which the first layer does without: its input is data. `truncated` goes back once for every
    level, through the autoencoder above that level, whose input is data as well.
    """
    levels = range(len(widths) - 1) if issubclass(get_variant(variant), Truncated) else range(1)
    forward = 2 * _weights(widths)
    backward = sum(4 * _weights(widths[level:]) - 2 * widths[level] * widths[level + 1] for level in levels)
    return forward + backward


def step_bytes(variant: str, widths: Sequence[int], batch: int) -> int:
    """Bytes that a training step of one float32 model moves if no value stays in a cache.

    A weight is read forward and back, its gradient written, and Adam reads weight, gradient and two moments
    and writes three of them: 10 times 4 bytes. An activation is written and read twice, its gradient as well:
    6 times 4 bytes.
    """
    units = batch * (2 * sum(widths) - widths[-1])
    weights = _weights(widths) // 2 if issubclass(get_variant(variant), Tied) else _weights(widths)
    return 4 * (10 * weights + 6 * units)


def _weights(widths: Sequence[int]) -> int:
    """Of the encoder and the decoder of these widths together, biases left out."""
    return 2 * sum(below * above for below, above in pairwise(widths))
