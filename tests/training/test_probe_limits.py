"""The probe standardises by the training codes alone, and has no answer where there is none."""

import math

import pytest
import torch
from sklearn.linear_model import LogisticRegression

from bench.training.evaluate import probe_accuracy

LABELS = torch.arange(60) % 3


def _codes(seed: int) -> torch.Tensor:
    """Units of very different size, in the second of which lies the class, roughly."""
    noise = torch.randn(60, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.tensor([100.0, 1e-3, 1.0]) * noise + torch.tensor([5.0, 3e-3, 0.0]) * LABELS[:, None]


@pytest.mark.parametrize("lost", [math.nan, math.inf])
@pytest.mark.parametrize("place", [(0, 0), (59, 2)])
def test_one_code_that_is_no_number_leaves_no_accuracy(lost: float, place: tuple[int, int]) -> None:
    harmed = _codes(0)
    harmed[place] = lost
    assert math.isnan(probe_accuracy(harmed, LABELS, _codes(1), LABELS))
    assert math.isnan(probe_accuracy(_codes(1), LABELS, harmed, LABELS))


def test_one_class_is_none_to_tell_and_two_are() -> None:
    assert math.isnan(probe_accuracy(_codes(0), LABELS * 0, _codes(1), LABELS * 0))
    two = LABELS.clamp(max=1)
    assert probe_accuracy(_codes(0), two, _codes(0), two) > 0.5


def test_accuracy_is_that_of_a_regression_on_units_standardised_by_the_training_codes() -> None:
    """The test codes lie elsewhere: standardised by their own mean they would be told better."""
    train, test = _codes(0), _codes(1) + torch.tensor([0.0, 3e-3, 0.0])
    mean, spread = train.mean(dim=0), train.std(dim=0)
    probe = LogisticRegression(max_iter=1_000).fit(((train - mean) / spread).numpy(), LABELS.numpy())
    expected = probe.score(((test - mean) / spread).numpy(), LABELS.numpy())
    assert probe_accuracy(train, LABELS, test, LABELS) == pytest.approx(expected)
    own = probe.score(((test - test.mean(dim=0)) / test.std(dim=0)).numpy(), LABELS.numpy())
    assert abs(own - expected) > 0.1
