"""A plan and the data it names: whether they are known, and the plan that fits what is there."""

import math
from dataclasses import replace
from pathlib import Path

import torch

from bench.data.catalog import find_dataset
from bench.data.npz_images import check_archive_name
from bench.data.split import Images, Split
from bench.io.errors import UsageError
from bench.io.text import quantity
from bench.plan import Plan

MIN_UNITS = 2
"""Of a level whose width follows from the number of pixels."""


def check_source(plan: Plan, own_file: Path | None) -> None:
    """UsageError for a data set or a file that cannot be."""
    if own_file is not None:
        check_archive_name(own_file)
    else:
        find_dataset(plan.dataset)


def check_widths(plan: Plan, pixels: int) -> None:
    """UsageError for widths that images of so many pixels do not have."""
    if plan.widths[0] != pixels:
        raise UsageError(
            f"widths must start at {pixels}, the pixels of an image of {plan.dataset}, but got {plan.widths[0]}"
        )


def fit_to_data(plan: Plan, split: Split, *, widths_given: bool) -> Plan:
    """The plan with no more images than there are, and widths that begin with the pixels of one.

    Widths that were not given follow the number of pixels; UsageError where given ones do not.
    """
    pixels = split.train.images.shape[1]
    if not widths_given:
        plan = replace(plan, widths=scale_widths(plan.widths, pixels))
    check_widths(plan, pixels)
    return replace(
        plan,
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
        f"{quantity(epochs * each, 'optimiser step')} ({flag} {epochs})" for flag, epochs in few.items()
    )
    return (
        f"{plan.train_images:,} training images give a model {given}; one epoch of MNIST gives it {enough}, so with "
        f"more {' and '.join(few)} it may learn more"
    )


def scale_widths(widths: tuple[int, ...], pixels: int) -> tuple[int, ...]:
    """The widths in proportion for images of so many pixels, e.g. 64 to (64, 33, 16, 8, 4)."""
    inner = (max(MIN_UNITS, round(width * pixels / widths[0])) for width in widths[1:])
    return (pixels, *inner)


def plan_part(split: Split, plan: Plan, *, first: bool = False) -> Split:
    """As many images of each part as the plan uses; UsageError where there are fewer.

    first: whether they are the first ones, else evenly spread, for a file may be in the order of its classes.
    """
    return replace(
        split,
        train=_rows(split.train, "train_images", plan.train_images, first),
        valid=_rows(split.valid, "valid_images", plan.valid_images, first),
        test=_rows(split.test, "test_images", plan.test_images, first),
    )


def _rows(images: Images, name: str, count: int, first: bool) -> Images:
    there = len(images)
    if count > there:
        raise UsageError(f"{name} must be at most {there} but got {count}")
    if count == there:
        return images
    return images[:count] if first else images[torch.arange(count) * there // count]
