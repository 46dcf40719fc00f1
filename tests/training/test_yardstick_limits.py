"""Where the yardsticks' limits lie, and that sums over many pixels keep their digits."""

import math

import numpy as np
import pytest
import torch

from bench.training.evaluate import level_yardsticks, reconstruction_errors


def test_activation_is_saturated_below_1_percent_and_above_99() -> None:
    e = torch.tensor(
        [[0.0099, 0.01, 0.0101, 0.012, 0.5, 0.988, 0.9899, 0.99, 0.9901, 1.0]], dtype=torch.float64
    )
    assert level_yardsticks(1, e.mT, None).saturated == pytest.approx(3 / 10)


def test_unit_is_dead_below_a_standard_deviation_of_a_thousandth() -> None:
    """Of two values a unit's standard deviation is half of their distance."""
    spread = torch.tensor([0.0, 0.9e-3, 0.99e-3, 1.01e-3, 1.4e-3, 0.2], dtype=torch.float64)
    assert level_yardsticks(1, torch.stack([0.5 - spread, 0.5 + spread]), None).dead == pytest.approx(3 / 6)


def test_variance_is_over_the_images_and_a_mean_over_the_units() -> None:
    e = torch.tensor([[0.0, 0.3], [0.4, 0.3], [0.8, 0.3], [0.4, 0.3]])
    assert level_yardsticks(1, e, None).variance == pytest.approx(0.08 / 2)


def test_errors_summed_over_the_pixels_are_those_of_an_image() -> None:
    """Three images of five pixels: neither sum is over the images."""
    x, d0 = torch.zeros(3, 5), torch.full((3, 5), 0.5)
    found = reconstruction_errors(x, d0, torch.logit(d0))
    assert (found.mse, found.sse) == (0.25, 1.25)
    assert found.bce_nats == pytest.approx(5 * math.log(2), rel=1e-6)


def test_perfect_reconstruction_has_no_noise() -> None:
    x = torch.full((2, 3), 0.5)
    found = reconstruction_errors(x, x, torch.zeros(2, 3))
    assert (found.mse, found.psnr_db) == (0, math.inf)


def test_mean_over_many_pixels_is_summed_in_double_precision() -> None:
    generator = torch.Generator().manual_seed(0)
    x, logits = (torch.rand(2_000, 97, generator=generator) for _ in range(2))
    d0 = logits.sigmoid()
    found = reconstruction_errors(x, d0, logits)
    squares = (d0 - x).square().numpy().astype(np.float64)
    assert found.mse == pytest.approx(squares.mean(), rel=1e-12)
    nats = (torch.nn.functional.softplus(logits) - x * logits).numpy().astype(np.float64)
    assert found.bce_nats == pytest.approx(nats.mean() * 97, rel=1e-12)
