"""Images and the three parts of a data set: training, validation, test."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from platformdirs import user_cache_path
from torch import Tensor

from bench.io.errors import UsageError

MIN_PART_IMAGES = 10
"""So few images make a part."""
VALIDATION_DIVISOR = 12
"""The last one in so many of the training images are for validation, as 5,000 of MNIST's 60,000."""


@dataclass(frozen=True)
class Images:
    """Images as rows of pixels, (n, pixels) float32 in [0, 1], and their classes, (n,) int64."""

    images: Tensor
    labels: Tensor
    """All the same where classes are unknown."""

    def __getitem__(self, rows: slice | Tensor) -> "Images":
        """These images; of a slice the memory is shared."""
        return Images(self.images[rows], self.labels[rows])

    def __len__(self) -> int:
        """How many images."""
        return len(self.labels)


@dataclass(frozen=True)
class Split:
    """A data set in its three parts."""

    train: Images
    valid: Images
    test: Images
    digest: str
    """SHA-256 over the images or over the raw files that they come from."""
    shape: tuple[int, int] | None = None
    """Height and width, which rows of pixels do not tell; None where they are not known."""


def data_folder(data_dir: Path | None = None) -> Path:
    """The folder asked for, else `AEBENCH_DATA`, else this platform's cache folder for aebench."""
    if data_dir is not None:
        return data_dir
    named = os.environ.get("AEBENCH_DATA")
    return Path(named) if named else user_cache_path("aebench")


def split_parts(
    training: Images,
    test: Images,
    shape: tuple[int, int] | None,
    origin: str,
    known_digest: str | None = None,
) -> Split:
    """Training, validation and test images in their order; UsageError where a part is too small or all alike.

    known_digest: the split's where it is not to be taken over the images.
    """
    kept = len(training) - len(training) // VALIDATION_DIVISOR
    parts = {"training": training[:kept], "validation": training[kept:], "test": test}
    for name, images in parts.items():
        if len(images) < MIN_PART_IMAGES:
            raise UsageError(
                f"{origin} has {len(images)} {name} images, but each part needs at least {MIN_PART_IMAGES} "
                f"(validation is the last twelfth of what is not for the test); give more images"
            )
    if (training.images == training.images[0]).all():
        raise UsageError(
            f"{origin} has the same training image throughout, from which nothing can be learned"
        )
    return Split(
        parts["training"], parts["validation"], parts["test"], known_digest or split_digest(parts), shape
    )


def split_digest(parts: Mapping[str, Images]) -> str:
    """SHA-256 over each part's name and the shapes, types and bytes of its tensors, hex."""
    found = sha256()
    for name, images in parts.items():
        for tensor in (images.images, images.labels):
            found.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
            found.update(tensor.contiguous().numpy().data)
    return found.hexdigest()
