"""IDX files in the layout that torchvision expects, for tests."""

import struct
from pathlib import Path

import numpy as np

from bench.data.split import Split

FASHION = [
    f"FashionMNIST/raw/{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
]  # fmt: skip


def idx_content(split: Split) -> list[tuple[np.ndarray, np.ndarray]]:
    """The training and the test part as bytes, (n, 28, 28), and their labels."""
    return [
        (
            (part.images.numpy() * 255).round().astype(np.uint8).reshape(-1, 28, 28),
            part.labels.numpy().astype(np.uint8),
        )
        for part in (split.train, split.test)
    ]


def write_idx(folder: Path, prefix: str, images: np.ndarray, labels: np.ndarray) -> None:
    """Write the images, (n, height, width), and their labels."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{prefix}-images-idx3-ubyte").write_bytes(
        struct.pack(">4i", 0x803, *images.shape) + images.tobytes()
    )
    (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(
        struct.pack(">2i", 0x801, len(labels)) + labels.tobytes()
    )
