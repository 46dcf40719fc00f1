"""Rows of pixels as pictures."""

from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray


def pictures(images: NDArray[np.float64], shape: tuple[int, int] | None = None) -> NDArray[np.float64]:
    """Images (n, pixels) as (n, height, width).

    Without a shape a row is folded to what comes nearest to a square, and what it does not fill is nan.
    """
    count, pixels = images.shape
    height = isqrt(pixels)
    height, width = shape or (height, ceil(pixels / height))
    filled = np.full((count, height * width), np.nan)
    filled[:, :pixels] = images
    return filled.reshape(count, height, width)
