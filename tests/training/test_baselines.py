"""The reference lines are what they are called."""

import math

import pytest
import torch

from bench.data.split import Split
from bench.training.baselines import measure_baselines


def test_pca_is_the_projection_on_the_leading_singular_vectors(split: Split) -> None:
    train, test = split.train.images, split.test.images
    _, pca = measure_baselines(train, split.valid.images, test, components=20, digits=test[:3])
    mean = train.double().mean(dim=0)
    axes = torch.linalg.svd(train.double() - mean, full_matrices=False).Vh[:20]
    projected = mean + (test.double() - mean) @ axes.mT @ axes
    assert pca.test.mse == pytest.approx((projected - test).square().mean().item(), rel=1e-4)
    assert torch.allclose(pca.digits.double(), projected[:3], atol=1e-4)
    assert math.isnan(pca.test.bce_nats)


def test_mean_image_has_the_variance_as_its_error(split: Split) -> None:
    train = split.train.images
    mean_image, _ = measure_baselines(train, train, train, components=2, digits=train[:2])
    assert mean_image.name == "mean_image"
    assert mean_image.test.mse == pytest.approx(train.var(dim=0, correction=0).mean().item(), rel=1e-5)
    assert mean_image.valid_mse == mean_image.test.mse
    assert torch.equal(mean_image.digits[0], mean_image.digits[1])


def test_as_many_components_as_directions_leave_no_error(split: Split) -> None:
    few = split.train.images[:5]
    _, pca = measure_baselines(few, few, few, components=50, digits=few)
    assert pca.test.mse < 1e-12
