"""The yardsticks on arrays whose answers can be done by hand, or by another formula."""

import math

import pytest
import torch
from torch.nn import functional

from bench.records.metrics import escape_epoch, escaped
from bench.training.evaluate import level_yardsticks, probe_accuracy, reconstruction_errors


def test_reconstruction_of_two_images_of_two_pixels() -> None:
    x = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    d0 = torch.tensor([[0.5, 0.5], [0.75, 0.5]])
    found = reconstruction_errors(x, d0, torch.logit(d0))
    assert found.mse == pytest.approx((0.25 + 0.25 + 0.0625 + 0.25) / 4, rel=1e-7)
    assert found.sse == pytest.approx(2 * found.mse, rel=1e-12)
    nats = (3 * math.log(2) - math.log(0.75)) / 2
    assert found.bce_nats == pytest.approx(nats, rel=1e-6)
    assert found.psnr_db == pytest.approx(10 * math.log10(1 / found.mse), rel=1e-12)


def test_reconstruction_agrees_with_torch_on_many_images() -> None:
    x, logits = _some(500, 30).clamp(0, 1).float(), _some(500, 30, seed=1).float()
    found = reconstruction_errors(x, logits.sigmoid(), logits)
    assert found.mse == pytest.approx(functional.mse_loss(logits.sigmoid(), x).item(), rel=1e-6)
    expected = functional.binary_cross_entropy_with_logits(logits, x).item() * 30
    assert found.bce_nats == pytest.approx(expected, rel=1e-6)


def test_level_of_two_images_of_two_units() -> None:
    e = torch.tensor([[0.0, 0.5], [1.0, 0.5]])
    d = torch.tensor([[0.25, 0.5], [0.75, 0.5]])
    found = level_yardsticks(2, e, d)
    assert found.level == 2
    assert found.variance == pytest.approx(0.125)
    assert found.nmse == pytest.approx((2 * 0.0625 / 4) / 0.125)
    assert found.r2 == pytest.approx(1 - found.nmse)
    assert found.cka == pytest.approx(1)
    assert found.participation_ratio == pytest.approx(1)
    assert (found.saturated, found.dead) == (0.5, 0.5)


def test_mean_activation_has_nmse_1() -> None:
    e = _some(200, 6)
    assert level_yardsticks(1, e, e.mean(dim=0).expand_as(e)).nmse == pytest.approx(1)


def test_cka_does_not_see_rotation_and_scale_but_nmse_does() -> None:
    e = _some(200, 6)
    rotation = torch.linalg.qr(_some(6, 6, seed=2)).Q
    found = level_yardsticks(1, e, 3 * e @ rotation + 1)
    assert found.cka == pytest.approx(1)
    assert found.nmse > 1


def test_cka_is_the_normalised_hilbert_schmidt_criterion() -> None:
    e, d = _some(40, 6), _some(40, 6, seed=3)
    centring = torch.eye(40, dtype=torch.float64) - 1 / 40
    grams = [centring @ part @ part.mT @ centring for part in (e, d)]
    expected = (grams[0] * grams[1]).sum() / (grams[0].norm() * grams[1].norm())
    assert level_yardsticks(1, e, d).cka == pytest.approx(expected.item())


def test_participation_ratio_counts_equal_directions() -> None:
    corners = torch.tensor([[a, b, c, 0.5] for a in (0.0, 1) for b in (0.0, 1) for c in (0.0, 1)])
    assert level_yardsticks(1, corners, None).participation_ratio == pytest.approx(3)


def test_constant_activations_have_no_match_error() -> None:
    e = torch.full((10, 3), 0.25)
    found = level_yardsticks(1, e, e)
    assert found.nmse == math.inf
    assert found.dead == 1
    assert math.isnan(found.cka)
    assert math.isnan(found.participation_ratio)


def test_code_has_no_decoder_side() -> None:
    found = level_yardsticks(4, _some(20, 5), None)
    assert math.isnan(found.nmse)
    assert math.isnan(found.cka)
    assert found.variance > 0


def test_escape_is_below_95_percent_of_the_mean_image() -> None:
    assert escaped(0.0949, 0.1)
    assert not escaped(0.095, 0.1)
    assert not escaped(math.nan, 0.1)
    assert escape_epoch([0.1, 0.097, 0.09, 0.2], 0.1) == 3
    assert escape_epoch([0.1, math.nan], 0.1) is None


def test_probe_reads_classes_off_a_code_that_separates_them() -> None:
    labels = torch.arange(300) % 3
    codes = functional.one_hot(labels, 3).double() + 0.05 * _some(300, 3)
    assert probe_accuracy(codes[:200], labels[:200], codes[200:], labels[200:]) == 1


@pytest.mark.parametrize("noise", [0.0, 1e-9])
def test_probe_on_a_constant_code_tells_no_more_than_the_commonest_class(noise: float) -> None:
    labels = (torch.arange(300) % 10).clamp(max=3)
    codes = 0.5 + noise * _some(300, 4)
    assert probe_accuracy(codes, labels, codes * 0 + 0.5, labels) == pytest.approx(0.7)


def test_probe_has_no_answer_for_nan() -> None:
    codes = torch.full((20, 2), math.nan)
    assert math.isnan(probe_accuracy(codes, torch.arange(20), codes, torch.arange(20)))


def _some(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
