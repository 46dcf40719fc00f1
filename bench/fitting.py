"""A plan and the data it names: whether they are known, and the plan that fits what is there."""

import math
from dataclasses import replace
from pathlib import Path

import torch

from bench.data import Images, Split
from bench.dataset_files import check_known
from bench.errors import UsageError
from bench.own_data import check_name
from bench.plan import PIXELS, Plan
from bench.wording import count

LEAST_UNITS = 2
"""Of a level whose width follows from the number of pixels."""


def check_source(plan: Plan, own_file: Path | None) -> None:
    """UsageError for a data set or a file that cannot be, and for widths that MNIST's images do not have."""
    if own_file is not None:
        check_name(own_file)
        return
    check_known(plan.dataset)
    if plan.dataset == "mnist" and plan.widths[0] != PIXELS:
        raise UsageError(f"widths must start at {PIXELS}, the pixels of an image, but got {plan.widths[0]}")


def fitted(plan: Plan, split: Split, *, widths_given: bool) -> Plan:
    """The plan with no more images than there are, and widths that begin with the pixels of one.

    Widths that were not given follow the number of pixels; UsageError where given ones do not.
    """
    pixels = split.train.images.shape[1]
    widths = plan.widths if widths_given else scaled(plan.widths, pixels)
    if widths[0] != pixels:
        raise UsageError(
            f"widths must start at {pixels}, the pixels of an image of {plan.dataset}, but got {widths[0]}"
        )
    return replace(
        plan,
        widths=widths,
        train_images=min(plan.train_images, len(split.train)),
        valid_images=min(plan.valid_images, len(split.valid)),
        test_images=min(plan.test_images, len(split.test)),
    )


def too_few_steps(plan: Plan) -> str:
    """A line for a plan whose models take fewer steps than one epoch of MNIST has; empty for any other."""
    steps, enough = _steps(plan, plan.epochs), _steps(Plan(), 1)
    if steps >= enough:
        return ""
    return (
        f"{plan.train_images:,} training images make {steps:,} optimiser steps in {count(plan.epochs, 'epoch')}, and "
        f"one epoch of MNIST has {enough}: more --epochs and --tune-epochs give the models time to learn"
    )


def _steps(plan: Plan, epochs: int) -> int:
    return epochs * math.ceil(plan.train_images / plan.batch_size)


def scaled(widths: tuple[int, ...], pixels: int) -> tuple[int, ...]:
    """The widths in proportion for images of so many pixels, e.g. 64 to (64, 33, 16, 8, 4)."""
    inner = (max(LEAST_UNITS, round(width * pixels / widths[0])) for width in widths[1:])
    return (pixels, *inner)


def spread(split: Split, plan: Plan) -> Split:
    """As many images of each part as a fitted plan uses, evenly spread: a file may be in the order of its classes."""
    return replace(
        split,
        train=_spread(split.train, plan.train_images),
        valid=_spread(split.valid, plan.valid_images),
        test=_spread(split.test, plan.test_images),
    )


def _spread(images: Images, count: int) -> Images:
    if count == len(images):
        return images
    rows = torch.arange(count) * len(images) // count
    return Images(images.images[rows], images.labels[rows])
