"""Which image is seen by whom, and when: the parts of a split are told apart by the value of a pixel."""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import chain, product
from pathlib import Path

import pytest
import torch
from ablating import ablate
from told_apart import BATCH, COUNTS, WIDTHS, Untouchable, numbers, part, told_apart, white
from torch import Tensor
from workflows import follow

from bench.data.split import Split
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.records import Member, Record, Stage, Unit, to_json
from bench.run.progress import Display
from bench.run.store import read_run
from bench.seeds import derive_seed
from bench.training.model_files import load_model
from bench.training.population import Population
from bench.training.train import Prune, Result, keep_all, train
from bench.tuning.study import new_study
from bench.tuning.trials import Trial, best_trial
from bench.tuning.tune import pruner_for, tune
from variants import Trace, Variant, registry

PLAN = Plan(
    variants=("plain", "tied"), widths=WIDTHS, batch_size=BATCH, trials=4, tune_epochs=2, tune_seeds=2,
    epochs=2, seeds=3, one_lr_seeds=1, claim_seeds=0, sampler="grid", lr_low=1e-4, lr_high=1.0,
    train_images=COUNTS["train"], valid_images=COUNTS["valid"], test_images=COUNTS["test"],
)  # fmt: skip
PLAIN = registry()["plain"]
MEMBERS = (Member(1e-2, 1), Member(1e-3, 1), Member(1e-2, 2))

Event = tuple[str, int, list[int]]
"""What looked, who (a member's position), at which images."""


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What populations, and models taken out of them, look at from here on, in its order."""
    events: list[Event] = []

    class Watched(Population):
        def step(self, images: Tensor, index: Tensor) -> None:
            for k, rows in enumerate(index):
                events.append(("step", k, numbers(images[rows])))
            super().step(images, index)

        def trace(self, x: Tensor) -> Trace:
            events.extend(("trace", k, numbers(x)) for k in range(len(self)))
            return super().trace(x)

        def member(self, row: int) -> Variant:
            model = super().member(row)
            model.register_forward_pre_hook(lambda _, inputs: events.append(("model", row, numbers(*inputs))))
            return model

    monkeypatch.setattr("bench.training.train.Population", Watched)
    return events


@pytest.mark.parametrize("stage", ["tune", "confirm", "one_lr", "claim"])
def test_training_sees_each_training_image_once_an_epoch_and_no_other(
    seen: list[Event], stage: Stage
) -> None:
    _train(stage)
    for k in range(len(MEMBERS)):
        steps = [images for what, who, images in seen if (what, who) == ("step", k)]
        assert [len(images) for images in steps] == [5, 5, 5, 5, 3] * PLAN.epochs
        for epoch in range(PLAN.epochs):
            of_epoch = steps[5 * epoch : 5 * (epoch + 1)]
            assert sorted(chain(*of_epoch)) == part("train")


def test_order_is_of_the_seed_and_changes_with_the_epoch(seen: list[Event]) -> None:
    _train("confirm")
    first, alike, other = (
        [images for what, who, images in seen if (what, who) == ("step", k)] for k in range(3)
    )
    assert first == alike
    orders = [[*chain(*steps[place : place + 5])] for steps in (first, other) for place in (0, 5)]
    generators = [torch.Generator().manual_seed(derive_seed("order", *of)) for of in product((1, 2), (1, 2))]
    assert orders == [torch.randperm(COUNTS["train"], generator=one).tolist() for one in generators]
    assert len({tuple(order) for order in orders}) == 4


@pytest.mark.parametrize("stage", ["tune", "confirm", "one_lr", "claim"])
def test_each_epoch_ends_with_the_validation_images_and_no_other(seen: list[Event], stage: Stage) -> None:
    _train(stage)
    epoch = ["step"] * 5 * len(MEMBERS) + ["trace"] * len(MEMBERS)
    assert [what for what, _, _ in seen if what != "model"] == epoch * PLAN.epochs
    assert all(images == part("valid") for what, _, images in seen if what == "trace")


@pytest.mark.parametrize("stage", ["confirm", "claim"])
def test_test_images_are_read_once_by_a_finished_model(seen: list[Event], stage: Stage) -> None:
    members = (*MEMBERS, Member(math.inf, 3))
    records = _train(stage, members, _ends_second).records
    assert [record.status for record in records] == ["ok", "pruned", "ok", "diverged"]
    first = next(place for place, (what, _, _) in enumerate(seen) if what == "model")
    assert {what for what, _, _ in seen[:first]} == {"step", "trace"}
    after = [event for event in seen[first:] if event[2]]
    digits = part("test")[:2]
    expected = [(k, sorted(images)) for k in (0, 1) for images in (part("test"), part("train"), digits)]
    assert [(k, sorted(images)) for _, k, images in after] == expected
    assert {what for what, _, _ in after} == {"model"}


@pytest.mark.parametrize("stage", ["tune", "one_lr"])
def test_stage_that_is_not_tested_looks_at_no_test_image(stage: Stage) -> None:
    split = replace(told_apart(), test=Untouchable())  # type: ignore[arg-type]
    result = _train(stage, split=split)
    assert [record.outcome for record in result.records] == [None] * len(MEMBERS)
    assert result.best is None
    assert to_json(result.records) == to_json(_train(stage).records)


@pytest.mark.parametrize("pruner", ["none", "median"])
def test_tuning_looks_at_no_test_image(pruner: str) -> None:
    plan = replace(PLAN, pruner=pruner, population=4)
    hidden = replace(told_apart(), test=Untouchable())  # type: ignore[arg-type]
    trials = _tune(plan, hidden)
    assert len(trials) == plan.trials
    assert trials == _tune(plan, told_apart())


def test_value_of_a_trial_is_the_plain_loops_validation_error() -> None:
    split = told_apart()
    trials = _tune(replace(PLAN, trials=3, tune_seeds=3), split)
    errors = {}
    for trial in trials:
        of_seeds = sorted(_plain_loop(trial.lr, 5_000 + place, split) for place in range(3))
        errors[trial.lr] = of_seeds[1]
        assert trial.value == pytest.approx(of_seeds[1], rel=1e-4)
    chosen = best_trial(trials)
    assert chosen is not None
    assert chosen.lr == min(errors, key=errors.__getitem__)


def test_choice_of_the_rate_follows_the_validation_images() -> None:
    """Where they are white the rate that learns least of dark ones is best."""
    split = told_apart()
    usual, other = (
        best_trial(_tune(PLAN, replace(split, valid=valid))) for valid in (split.valid, white(split.valid))
    )
    assert usual is not None
    assert other is not None
    assert usual.lr > 10 * other.lr


def test_run_with_other_test_images_tunes_trains_and_keeps_the_same(display: Display, tmp_path: Path) -> None:
    """With white test images the worst models would be the best, did anything look at them."""
    split = told_apart()
    folders = [tmp_path / "usual", tmp_path / "white"]
    for folder, test in zip(folders, (split.test, white(split.test)), strict=True):
        assert ablate(PLAN, folder, replace(split, test=test), display)
    usual, other = (read_run(folder).units() for folder in folders)
    assert len(usual) == len(other) == 5
    for (unit, records), (its, others) in zip(_by_id(usual), _by_id(other), strict=True):
        assert unit == its
        assert [record.history for record in records] == [record.history for record in others]
    for name in PLAN.variants:
        models = [load_model(folder / "models" / f"{name}.safetensors") for folder in folders]
        assert all(map(torch.equal, *(model.parameters() for model in models)))


def _ends_second(epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
    del valid_mse
    return [1] if epoch == 1 else []


def _train(
    stage: Stage,
    members: tuple[Member, ...] = MEMBERS,
    prune: Prune = keep_all,
    split: Split | None = None,
) -> Result:
    trials = tuple(range(len(members))) if stage == "tune" else ()
    unit = Unit("plan", "plain", stage, members, PLAN.epochs, trials)
    return train(unit, PLAIN, PLAN, split or told_apart(), prune=prune)


def _tune(plan: Plan, split: Split) -> list[Trial]:
    """Tune plain as a run does, each unit trained here."""
    earlier: list[tuple[Unit, tuple[Record, ...]]] = []

    def answer(unit: Unit) -> tuple[Record, ...]:
        prune = pruner_for(Job(unit, plan, tuple(earlier)))
        records = train(unit, PLAIN, plan, split, prune=prune).records
        earlier.append((unit, records))
        return records

    return follow(tune(PLAIN, plan, new_study(plan, "plain")), answer)


def _plain_loop(lr: float, seed: int, split: Split) -> float:
    """The validation error of a model trained by hand for the plan's tuning epochs."""
    model = PLAIN(WIDTHS, torch.Generator().manual_seed(derive_seed("weights", seed)))
    adam = torch.optim.Adam(model.parameters(), lr=lr, eps=PLAN.adam_eps)
    for epoch in range(1, PLAN.tune_epochs + 1):
        generator = torch.Generator().manual_seed(derive_seed("order", seed, epoch))
        for rows in torch.randperm(len(split.train), generator=generator).split(BATCH):
            adam.zero_grad()
            model.objective(model(split.train.images[rows])).backward()
            adam.step()
    with torch.no_grad():
        x = split.valid.images
        return (model(x).decoder[0] - x).square().mean().item()


def _by_id(finished: list[tuple[Unit, tuple[Record, ...]]]) -> list[tuple[Unit, tuple[Record, ...]]]:
    return sorted(finished, key=lambda pair: pair[0].id)
