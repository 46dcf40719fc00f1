"""A few images as text, so that records hold what the reconstruction figure shows."""

import base64

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def to_text(images: Tensor) -> str:
    """Images in [0, 1], (n, pixels), as base64 of 8 bits a pixel."""
    levels = (images.detach().cpu().clamp(0, 1) * 255).round().byte().numpy()
    return base64.b64encode(levels.tobytes()).decode()


def from_text(text: str, count: int) -> NDArray[np.float64]:
    """The `count` images behind the text, (count, pixels) in [0, 1]."""
    levels = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.uint8)
    return levels.reshape(count, -1) / 255
