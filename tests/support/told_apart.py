"""A small data set of whose images each says by its first pixel which one it is, and of which part."""

from dataclasses import replace
from typing import NoReturn

import torch
from torch import Tensor

from bench.data.split import Images, Split

WIDTHS = (12, 6, 3)
COUNTS = {"train": 23, "valid": 11, "test": 13}
"""No two alike, none a multiple of the batch."""
BATCH = 5
"""Five batches an epoch, the last of 3 images."""
STEP = 1 / 256
"""From one image's first pixel to the next one's: exact in float32."""


def told_apart() -> Split:
    """Two classes of dark stripes in noise; images are numbered through the training, validation and test part."""
    total = sum(COUNTS.values())
    labels = torch.arange(total) % 2
    stripes = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).repeat(1, WIDTHS[0] // 2)
    noise = torch.rand(total, WIDTHS[0], generator=torch.Generator().manual_seed(7))
    images = 0.4 * stripes[labels] + 0.1 * noise
    images[:, 0] = (torch.arange(total) + 1) * STEP
    whole, parts, start = Images(images, labels), {}, 0
    for name, count in COUNTS.items():
        parts[name] = whole[start : start + count]
        start += count
    return Split(**parts, digest="told apart")


def numbers(images: Tensor) -> list[int]:
    """Which images these are, from 0; an image that is in no part is -1."""
    found = images[..., 0].flatten().double() / STEP - 1
    return [int(one) if one == one.round() else -1 for one in found]


def part(name: str) -> list[int]:
    """The numbers of the part's images."""
    names = list(COUNTS)
    start = sum(COUNTS[one] for one in names[: names.index(name)])
    return [*range(start, start + COUNTS[name])]


class Untouchable:
    """Stands for a part of a split that nobody may look at."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} of an untouchable part was asked for")

    def __getitem__(self, rows: object) -> NoReturn:
        raise AssertionError(f"{rows} of an untouchable part were asked for")

    def __len__(self) -> NoReturn:
        raise AssertionError("the length of an untouchable part was asked for")


def white(images: Images) -> Images:
    """Images that a model does the worse at the more it has learnt of dark ones: a new one makes all grey."""
    return replace(images, images=torch.ones_like(images.images))
