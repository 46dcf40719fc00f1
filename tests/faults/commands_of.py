"""The command line of a run small enough to be killed many times, and its data."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

IMAGES = 700
VARIANTS = "plain,tied"


def write_digits(path: Path) -> Path:
    """Some of scikit-learn's digits as an archive of one's own images."""
    digits = load_digits()
    pixels = (digits.images * 15).astype(np.uint8)
    np.savez(path, images=pixels[:IMAGES], labels=digits.target[:IMAGES])
    return path


def arguments(data: Path, out: Path | str, *more: str) -> list[str]:
    """Of `aebench`: two variants, two trials, two seeds, in one thread; `more` may say otherwise."""
    return [
        "run", "--data", str(data), "--variants", VARIANTS, "--widths", "64,16,8", "--device", "cpu",
        "--trials", "2", "--tune-epochs", "1", "--seeds", "2", "--epochs", "2", "--workers", "0",
        "--threads", "1", f"--out={out}", *more,
    ]  # fmt: skip
