"""A plan and the data it names: whether they are known, and the plan that fits what is there."""

import math
from dataclasses import replace
from pathlib import Path

import torch

from bench.data.catalog import check_known
from bench.data.npz_images import check_name
from bench.data.split import Images, Split
from bench.io.errors import UsageError
from bench.io.text import count
from bench.plan import PIXELS, Plan

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


def too_few_steps(plan: Plan, *, confirming: bool) -> str:
    """A line for a plan whose models take fewer steps than one epoch of MNIST has; empty for any other.

    confirming: whether models are confirmed after the tuning; the line names the options of that command.
    """
    asked = {"--epochs": plan.tune_epochs}
    if confirming:
        asked = {"--epochs": plan.epochs, "--tune-epochs": plan.tune_epochs}
    enough, each = (
        math.ceil(images / plan.batch_size) for images in (Plan().train_images, plan.train_images)
    )
    few = {flag: epochs for flag, epochs in asked.items() if epochs * each < enough}
    if not few:
        return ""
    given = " and ".join(
        f"{count(epochs * each, 'optimiser step')} ({flag} {epochs})" for flag, epochs in few.items()
    )
    return (
        f"{plan.train_images:,} training images give a model {given}; one epoch of MNIST gives it {enough}, so with "
        f"more {' and '.join(few)} it may learn more"
    )


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
