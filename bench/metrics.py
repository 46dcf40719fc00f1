"""The bench's own yardsticks, the same for every variant; a variant never scores itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

SATURATED = 0.01
"""An activation this close to 0 or 1 is saturated."""
DEAD = 1e-3
"""A unit whose standard deviation over the images is below this is dead."""
ESCAPED = 0.95
"""A model has left the plateau at the mean image when its error is below this share of the mean image's."""


@dataclass(frozen=True)
class Reconstruction:
    """How close reconstructions come to their images."""

    mse: float
    """Mean squared error per pixel."""
    sse: float
    """Squared error summed over the pixels, per image."""
    bce_nats: float
    """Binary cross-entropy summed over the pixels, per image, in nats."""
    psnr_db: float
    """Peak signal-to-noise ratio of the mean squared error, 10 log10(1 / mse), in decibels."""


@dataclass(frozen=True)
class Level:
    """How well a level's two sides correspond, and how alive its encoder side is; nan where undefined."""

    level: int
    """1 to L; level L is the code, which has no decoder side."""
    nmse: float
    """Match error mean (d - e)² / var(e); 1: no better than the mean activation, inf where var(e) is 0."""
    r2: float
    """1 - nmse."""
    cka: float
    """Linear CKA of e and d (Kornblith et al. 2019): 1 means equal up to rotation and scale."""
    variance: float
    """Of an activation over the images, averaged over the units."""
    participation_ratio: float
    """Effective rank of the activations' covariance C, tr(C)² / tr(C²)."""
    saturated: float
    """Share of activations below 0.01 or above 0.99."""
    dead: float
    """Share of units with a standard deviation below 1e-3."""


def reconstruction(x: Tensor, d0: Tensor, logits: Tensor) -> Reconstruction:
    """The errors of the reconstructions d0 = σ(logits) of the images x; each (images, pixels)."""
    mse = (d0 - x).square().mean(dtype=torch.float64).item()
    bce = (softplus(logits) - x * logits).mean(dtype=torch.float64).item()
    return Reconstruction(
        mse=mse,
        sse=mse * x.shape[1],
        bce_nats=bce * x.shape[1],
        psnr_db=-10 * math.log10(mse) if mse > 0 else math.inf,
    )


def level(number: int, e: Tensor, d: Tensor | None) -> Level:
    """The yardsticks of one level; e, d: (images, widths[number]), d None at the code."""
    e = e.double()
    centred = e - e.mean(dim=0)
    covariance = centred.mT @ centred / len(e)
    variance = covariance.diagonal().mean().item()
    nmse, cka = math.nan, math.nan
    if d is not None:
        nmse, cka = _nmse(e, d.double(), variance), _cka(centred, covariance, d.double())
    return Level(
        level=number,
        nmse=nmse,
        r2=1 - nmse,
        cka=cka,
        variance=variance,
        participation_ratio=_ratio(covariance.trace().item() ** 2, covariance.square().sum().item()),
        saturated=((e < SATURATED) | (e > 1 - SATURATED)).double().mean().item(),
        dead=(covariance.diagonal().sqrt() < DEAD).double().mean().item(),
    )


def escaped(mse: float, mean_image_mse: float) -> bool:
    """Whether a model does better than 0.95 of the mean image's error, on the same images; not if nan."""
    return mse < ESCAPED * mean_image_mse


def escape_epoch(valid_mse: Sequence[float], mean_image_mse: float) -> int | None:
    """The first epoch, from 1, after which the model had escaped; None if it never did."""
    return next((n for n, mse in enumerate(valid_mse, 1) if escaped(mse, mean_image_mse)), None)


def _nmse(e: Tensor, d: Tensor, variance: float) -> float:
    return (d - e).square().mean().item() / variance if variance > 0 else math.inf


def _cka(centred: Tensor, covariance: Tensor, d: Tensor) -> float:
    """‖EᵀD‖² / (‖EᵀE‖ ‖DᵀD‖) of the centred activations; nan where one side does not vary."""
    other = d - d.mean(dim=0)
    within = len(d) * covariance.norm() * (other.mT @ other).norm()
    return _ratio((centred.mT @ other).square().sum().item(), within.item())


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else math.nan
