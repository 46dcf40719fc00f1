"""Which model is kept as the best, and which images the probe learns from and is scored on."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from ablating import ablate
from told_apart import BATCH, COUNTS, WIDTHS, told_apart, white

from bench.data.split import Images, Split
from bench.engine import work
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.records import Member, Record, Unit, to_json
from bench.run.progress import Display
from bench.run.store import read_run
from bench.training.evaluate import measure_outcome
from bench.training.model_files import load_model, model_facts
from bench.training.train import Prune, Result, keep_all, train
from variants import Variant, registry

PLAN = Plan(
    variants=("plain",), widths=WIDTHS, batch_size=BATCH, trials=1, tune_epochs=1, epochs=3, seeds=6,
    one_lr_seeds=0, claim_seeds=0, sampler="grid", lr_low=1e-2, lr_high=1e-1, population=2,
    train_images=COUNTS["train"], valid_images=COUNTS["valid"], test_images=COUNTS["test"],
)  # fmt: skip
PLAIN = registry()["plain"]
MEMBERS = (Member(1e-4, 0), Member(1e-2, 0), Member(3e-2, 0), Member(1e-3, 0))
"""The third fits dark images best; the first learns least of them and stays grey."""


def test_best_of_a_unit_is_the_one_with_the_lowest_validation_error() -> None:
    split = told_apart()
    result = _train(MEMBERS, replace(split, test=white(split.test)))
    assert result.best is not None
    assert _lowest_valid(result.records) == 2
    assert _lowest_test(result.records) == 0
    assert _mse(result.best, split.valid) == pytest.approx(result.records[2].valid_mse, rel=1e-5)


def test_best_of_a_unit_is_none_that_is_only_good_at_the_test_or_the_training_images() -> None:
    split = told_apart()
    result = _train(MEMBERS, replace(split, valid=white(split.valid)))
    assert result.best is not None
    assert _lowest_valid(result.records) == 0
    assert _lowest_test(result.records) == 2
    assert _mse(result.best, white(split.valid)) == pytest.approx(result.records[0].valid_mse, rel=1e-5)


def test_best_of_a_unit_is_a_member_that_finished() -> None:
    """White validation images: the one that ended after an epoch had the lowest error."""
    split = told_apart()
    result = _train((*MEMBERS, Member(math.inf, 0)), replace(split, valid=white(split.valid)), _ends_first)
    assert [record.status for record in result.records] == ["pruned", "ok", "ok", "ok", "diverged"]
    last = {row: record.history[-1].valid_mse for row, record in enumerate(result.records)}
    assert min(last, key=last.__getitem__) == 0
    assert result.best is not None
    assert _mse(result.best, white(split.valid)) == pytest.approx(result.records[3].valid_mse, rel=1e-5)


def test_best_of_a_unit_is_that_of_the_last_epoch() -> None:
    """On its way from grey to dark a fast member passes the validation images, a slow one ends there."""
    split = told_apart()
    dim = replace(split.valid, images=torch.full_like(split.valid.images, 0.35))
    result = _train((Member(1e-2, 0), Member(2e-2, 0)), replace(split, valid=dim))
    slow, fast = ([after.valid_mse for after in record.history] for record in result.records)
    assert min(fast) < min(slow) == slow[-1] < fast[-1]
    assert result.best is not None
    assert _mse(result.best, dim) == pytest.approx(slow[-1], rel=1e-5)


def test_model_that_a_run_keeps_is_that_of_the_lowest_validation_error_of_all_units(
    display: Display, tmp_path: Path
) -> None:
    split = told_apart()
    orders = set()
    for name, valid, test in (
        ("usual", split.valid, split.test),
        ("white valid", white(split.valid), split.test),
        ("white test", split.valid, white(split.test)),
    ):
        folder, parts = tmp_path / name, replace(split, valid=valid, test=test)
        assert ablate(PLAN, folder, parts, display)
        units = [pair for pair in read_run(folder).units() if pair[0].stage == "confirm"]
        assert [len(unit.members) for unit, _ in units] == [2, 2, 2]
        records = [record for _, found in units for record in found]
        winner = records[_lowest_valid(records)]
        orders.add((winner.seed, winner is records[_lowest_test(records)]))
        path = folder / "models/plain.safetensors"
        facts = model_facts(path)
        assert (facts["seed"], facts["valid_mse"]) == (str(winner.seed), repr(winner.valid_mse))
        assert _mse(load_model(path), valid) == pytest.approx(winner.valid_mse, rel=1e-5)
        assert winner.outcome is not None
        assert _mse(load_model(path), test) == pytest.approx(winner.outcome.test.mse, rel=1e-5)
    # The test would not tell validation from test, nor one unit from another, were these alike.
    assert len({seed for seed, _ in orders}) > 1
    assert False in {alike for _, alike in orders}


@pytest.mark.parametrize("turned", ["valid", "test"])
def test_unit_that_is_trained_in_halves_has_the_records_and_the_best_of_the_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, turned: str
) -> None:
    split = told_apart()
    split = replace(split, **{turned: white(getattr(split, turned))})
    job = Job(Unit("plan", "plain", "confirm", MEMBERS, PLAN.epochs), PLAN)
    whole = work.execute(job, split, lambda _: None)
    seen: list[int] = []

    def small_memory(unit: Unit, *rest: object) -> Result:
        seen.append(len(unit.members))
        if len(unit.members) > 1:
            raise torch.OutOfMemoryError
        return train(unit, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("bench.engine.work.train", small_memory)
    halves = work.execute(job, split, lambda _: None)
    assert seen == [4, 2, 1, 1, 2, 1, 1]
    for one, other in zip(halves.records, whole.records, strict=True):
        assert (one.lr, one.seed, one.status) == (other.lr, other.seed, other.status)
        assert one.valid_mse == pytest.approx(other.valid_mse, rel=1e-5)
    for one in (halves, whole):
        assert one.model is not None
        path = tmp_path / "model.safetensors"
        path.write_bytes(one.model)
        best = one.records[0 if turned == "valid" else 2]
        assert float(model_facts(path)["lr"]) == best.lr
        assert _mse(load_model(path), split.valid) == pytest.approx(best.valid_mse, rel=1e-5)


def test_probe_learns_from_training_codes_and_is_scored_on_test_codes() -> None:
    """The test part's classes are the other way round: a probe of the training images is wrong on each."""
    split = _bright_or_dark()
    assert measure_outcome(_reader(), split).probe_accuracy == 0
    right = replace(split, test=replace(split.test, labels=1 - split.test.labels))
    assert measure_outcome(_reader(), right).probe_accuracy == 1
    quarter = split.test.labels.clone()
    quarter[: len(quarter) // 4] = 1 - quarter[: len(quarter) // 4]
    mixed = replace(split, test=replace(split.test, labels=quarter))
    assert measure_outcome(_reader(), mixed).probe_accuracy == 0.25


def test_probe_learns_from_the_first_training_images_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those after the first are labelled the other way round, and are more."""
    split = _bright_or_dark()
    labels = split.train.labels.clone()
    labels[16:] = 1 - labels[16:]
    turned = replace(split, train=replace(split.train, labels=labels))
    assert measure_outcome(_reader(), turned).probe_accuracy == 1
    monkeypatch.setattr("bench.training.evaluate.PROBE_IMAGES", 16)
    assert measure_outcome(_reader(), turned).probe_accuracy == 0


def test_yardsticks_of_a_finished_model_are_those_of_the_test_images() -> None:
    """Every level's activation is the same for all test images where these are all the same."""
    split, model = told_apart(), PLAIN(WIDTHS, torch.Generator().manual_seed(0))
    still = replace(split, test=white(split.test))
    found, other = (measure_outcome(model, one) for one in (split, still))
    assert found.test.mse == pytest.approx(_mse(model, split.test), rel=1e-5)
    assert other.test.mse == pytest.approx(_mse(model, still.test), rel=1e-5)
    assert all(level.variance > 1e-6 for level in found.levels)
    assert all(level.variance < 1e-12 for level in other.levels)
    elsewhere = replace(split, train=white(split.train), valid=white(split.valid))
    assert to_json(measure_outcome(model, elsewhere).levels) == to_json(found.levels)


def _ends_first(epoch: int, valid_mse: object) -> list[int]:
    del valid_mse
    return [0] if epoch == 1 else []


def _train(members: tuple[Member, ...], split: Split, prune: Prune = keep_all) -> Result:
    unit = Unit("plan", "plain", "confirm", members, PLAN.epochs)
    return train(unit, PLAIN, PLAN, split, prune=prune)


def _lowest_valid(records: tuple[Record, ...] | list[Record]) -> int:
    return min(range(len(records)), key=lambda row: records[row].valid_mse)


def _lowest_test(records: tuple[Record, ...] | list[Record]) -> int:
    tested = [record.outcome.test.mse if record.outcome else math.inf for record in records]
    return tested.index(min(tested))


@torch.no_grad()
def _mse(model: Variant, images: Images) -> float:
    return (model(images.images).decoder[0] - images.images).square().mean().item()


def _bright_or_dark() -> Split:
    """Images of one brightness; bright ones are of class 1 in training, of class 0 in the test part."""
    labels = torch.arange(48) % 2
    images = (0.2 + 0.6 * labels[:, None]).repeat(1, WIDTHS[0])
    return Split(
        Images(images, labels), Images(images[:10], labels[:10] * 0), Images(images[:16], 1 - labels[:16]), ""
    )


def _reader() -> Variant:
    """A model whose code follows the brightness."""
    model = PLAIN(WIDTHS, torch.Generator().manual_seed(0))
    for name, value in model.named_parameters():
        if name.startswith("encoder") and name.endswith("weight"):
            value.detach().fill_(1 / value.shape[1])
    return model
