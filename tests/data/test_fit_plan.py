"""A plan is fitted to what the data hold, and its command leads back to it."""

from dataclasses import replace

import pytest

from bench.cli.data import tell_few_steps
from bench.data.fit_plan import plan_part, scale_widths, too_few_steps
from bench.data.split import Split
from bench.io.errors import UsageError
from bench.plan import Plan
from bench.presets import PRESETS
from bench.run.rerun_command import rerun_command


def test_widths_keep_their_proportions() -> None:
    assert scale_widths(Plan().widths, 784) == Plan().widths
    assert scale_widths(Plan().widths, 64) == (64, 33, 16, 8, 4)
    assert scale_widths(Plan().widths, 4) == (4, 2, 2, 2, 2)


def test_part_of_a_sorted_file_holds_all_classes(split: Split) -> None:
    order = split.test.labels.argsort()
    ordered = replace(split, test=type(split.test)(split.test.images[order], split.test.labels[order]))
    plan = Plan(train_images=600, valid_images=100, test_images=50)
    some = plan_part(ordered, plan)
    assert some.train is split.train
    assert len(some.test) == 50
    assert some.test.labels.unique().tolist() == list(range(10))
    assert some.test.images.equal(ordered.test.images[::4])


def test_part_takes_the_first_images_if_asked_and_refuses_too_many(split: Split) -> None:
    plan = Plan(train_images=50, valid_images=20, test_images=10)
    some = plan_part(split, plan, first=True)
    assert (len(some.train), len(some.valid), len(some.test)) == (50, 20, 10)
    assert some.train.labels.equal(split.train.labels[:50])
    for first in (True, False):
        with pytest.raises(UsageError, match="valid_images must be at most 100 but got 101"):
            plan_part(split, replace(plan, valid_images=101), first=first)


@pytest.mark.parametrize("name", list(PRESETS))
def test_command_leads_back_to_the_preset_whose_images_were_cut(name: str) -> None:
    few = replace(
        PRESETS[name], dataset="my images.npz", train_images=1374, valid_images=124, test_images=299
    )
    assert rerun_command(few) == f"aebench run --preset={name} '--data=my images.npz'"
    assert (
        rerun_command(replace(PRESETS[name], dataset="kmnist"))
        == f"aebench run --preset={name} --dataset=kmnist"
    )


def test_command_does_not_name_a_preset_that_would_use_more_images() -> None:
    smoke, quick = PRESETS["smoke"], PRESETS["quick"]
    alike = replace(quick, dataset="my.npz", train_images=5_000, valid_images=500, test_images=1_000)
    assert rerun_command(alike).startswith("aebench run --preset=smoke ")
    assert rerun_command(replace(smoke, dataset="my.npz", train_images=5_001)).startswith(
        "aebench run --preset=quick "
    )


def test_too_few_steps_are_pointed_out() -> None:
    plan = replace(PRESETS["quick"], train_images=1_281, batch_size=128, epochs=39, tune_epochs=40)
    assert too_few_steps(plan, confirming=True) == (
        "1,281 training images give a model 429 optimiser steps (--epochs 39); one epoch of MNIST gives it 430, so "
        "with more --epochs it may learn more"
    )
    assert too_few_steps(plan, confirming=False) == ""
    short = replace(plan, epochs=40, tune_epochs=1)
    for confirming, flag in ((True, "--tune-epochs"), (False, "--epochs")):
        text = too_few_steps(short, confirming=confirming)
        assert f"a model 11 optimiser steps ({flag} 1); one" in text
        assert f"with more {flag} it" in text
    both = too_few_steps(replace(plan, tune_epochs=1), confirming=True)
    assert "429 optimiser steps (--epochs 39) and 11 optimiser steps (--tune-epochs 1); one" in both


def test_enough_steps_are_those_of_the_plans_own_batches() -> None:
    plan = replace(PRESETS["quick"], train_images=1_280, batch_size=64, epochs=42, tune_epochs=43)
    assert "one epoch of MNIST gives it 860" in too_few_steps(plan, confirming=True)
    assert too_few_steps(PRESETS["quick"], confirming=True) == ""


def test_few_steps_are_told_of_data_other_than_mnist(capsys: pytest.CaptureFixture[str]) -> None:
    small = replace(PRESETS["smoke"], train_images=10)
    tell_few_steps(small, confirming=True)
    assert capsys.readouterr().out == ""
    tell_few_steps(replace(small, dataset="my.npz"), confirming=False)
    assert capsys.readouterr().out.startswith("10 training images give a model ")
