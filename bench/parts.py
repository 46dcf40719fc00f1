"""A data set other than MNIST cut into its three parts, with a digest of what they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from bench.data import Images, Split
from bench.errors import UsageError

LEAST = 10
"""So few images make a part."""
VALIDATION = 12
"""The last one in so many of the training images are for validation, as 5,000 of MNIST's 60,000."""


@dataclass(frozen=True)
class ShapedSplit(Split):
    """A split whose images were rectangles, which their rows of pixels do not tell."""

    shape: tuple[int, int] | None = None
    """Height and width; None where only the number of pixels is known."""


def cut(training: Images, test: Images, shape: tuple[int, int] | None, origin: str) -> ShapedSplit:
    """Training, validation and test images in their order; UsageError where a part is too small or all alike."""
    kept = len(training) - len(training) // VALIDATION
    parts = {"training": training[:kept], "validation": training[kept:], "test": test}
    for name, images in parts.items():
        if len(images) < LEAST:
            raise UsageError(
                f"{origin} has {len(images)} {name} images, but each part needs at least {LEAST} "
                f"(validation is the last twelfth of what is not for the test); give more images"
            )
    if (training.images == training.images[0]).all():
        raise UsageError(
            f"{origin} has the same training image throughout, from which nothing can be learned"
        )
    return ShapedSplit(parts["training"], parts["validation"], parts["test"], digest(parts), shape)


def digest(parts: Mapping[str, Images]) -> str:
    """SHA-256 over each part's name and the shapes, types and bytes of its tensors, hex."""
    found = sha256()
    for name, images in parts.items():
        for tensor in (images.images, images.labels):
            found.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
            found.update(tensor.contiguous().numpy().data)
    return found.hexdigest()


def shape_of(split: Split) -> tuple[int, int] | None:
    """Height and width of the images where the split knows them."""
    return split.shape if isinstance(split, ShapedSplit) else None
