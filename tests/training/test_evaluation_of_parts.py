"""Evaluation in batches is that of all images at once, and the digits shown are the first of their classes."""

import pytest
import torch
from told_apart import WIDTHS, numbers, told_apart

from bench.data.split import Images
from bench.records.records import Member
from bench.training.evaluate import evaluate, ten_digits
from bench.training.population import Population
from variants import registry


@pytest.mark.parametrize("rows", [1, 7, 22, 23, 24])
def test_errors_do_not_depend_on_the_size_of_a_batch(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """23 images; a mean of the batches' means would weigh those of the last one too much."""
    images = told_apart().train.images
    images[-2:] = 1
    population = Population(registry()["plain"], WIDTHS, [Member(0.1, 0), Member(0.1, 1)])
    monkeypatch.setattr("bench.training.evaluate.EVALUATION_ROWS", rows)
    for k, found in enumerate(evaluate(population, images)):
        d0 = population.member(k)(images).decoder[0].double()
        x = images.double()
        assert found.valid_mse == pytest.approx(((d0 - x) ** 2).mean().item(), rel=1e-6)
        nats = -(x * d0.log() + (1 - x) * (1 - d0).log()).sum(dim=1).mean().item()
        assert found.valid_bce_nats == pytest.approx(nats, rel=1e-6)


def test_digits_are_the_first_of_each_class_and_at_most_ten() -> None:
    whole = told_apart()
    images = torch.cat([whole.train.images, whole.valid.images])
    labels = torch.tensor([5, 5, 2, 9, *range(20, 32), *[2] * 18])
    found = ten_digits(Images(images, labels))
    assert found.labels.tolist() == [2, 5, 9, *range(20, 27)]
    assert numbers(found.images) == [2, 0, 3, *range(4, 11)]


def test_without_classes_the_digits_are_the_first_ten_images() -> None:
    whole = told_apart().train
    found = ten_digits(Images(whole.images, torch.zeros(len(whole), dtype=torch.int64)))
    assert numbers(found.images) == [*range(10)]
    two = ten_digits(whole)
    assert (numbers(two.images), two.labels.tolist()) == ([0, 1], [0, 1])
