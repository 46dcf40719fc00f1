"""The yardsticks of a trained model: its reconstructions, its levels, a linear probe of its code."""

import math

import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn.functional import softplus

from bench.data.split import Images, Split
from bench.records.metrics import Epoch, Level, Reconstruction
from bench.records.records import Outcome, encode_images
from bench.training.population import Population
from variants import Trace, Variant
from variants.contract.losses import bce_with_logits

SATURATION_MARGIN = 0.01
"""An activation this close to 0 or 1 is saturated."""
DEAD_STD = 1e-3
"""A unit whose standard deviation over the images is below this is dead."""
PROBE_IMAGES = 10_000
"""So many training images are enough: all 55,000 take four times as long and add one to two points."""
EVALUATION_ROWS = 1_000
"""Images in one batch of a stacked evaluation: large products, small memory."""


def reconstruction_errors(x: Tensor, d0: Tensor, logits: Tensor) -> Reconstruction:
    """The errors of the reconstructions d0 = σ(logits) of the images x; each (images, pixels)."""
    mse = (d0 - x).square().mean(dtype=torch.float64).item()
    bce = (softplus(logits) - x * logits).mean(dtype=torch.float64).item()
    return Reconstruction(
        mse=mse,
        sse=mse * x.shape[1],
        bce_nats=bce * x.shape[1],
        psnr_db=-10 * math.log10(mse) if mse > 0 else math.inf,
    )


def level_yardsticks(number: int, e: Tensor, d: Tensor | None) -> Level:
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
        saturated=((e < SATURATION_MARGIN) | (e > 1 - SATURATION_MARGIN)).double().mean().item(),
        dead=(covariance.diagonal().sqrt() < DEAD_STD).double().mean().item(),
    )


def probe_accuracy(codes: Tensor, labels: Tensor, test_codes: Tensor, test_labels: Tensor) -> float:
    """Share of the test images whose class a logistic regression on the code tells.

    nan for codes of nan, and where there are fewer than two classes to tell apart.

    codes: (images, units) of the training images, their units standardised here; test_codes likewise;
    labels: (images,).
    """
    codes = codes.double()
    if not (codes.isfinite().all() and test_codes.isfinite().all()) or len(labels.unique()) < 2:
        return float("nan")
    mean, spread = codes.mean(dim=0), codes.std(dim=0).clamp(min=1e-6)
    learn, test = (((part - mean) / spread).float().numpy() for part in (codes, test_codes.double()))
    probe = LogisticRegression(solver="newton-cholesky", tol=1e-3)
    # The products are small; several threads of BLAS beside PyTorch's own take twice as long.
    with threadpool_limits(1):
        return float(probe.fit(learn, labels.numpy()).score(test, test_labels.numpy()))


@torch.no_grad()
def evaluate(population: Population, images: Tensor) -> list[Epoch]:
    """Each member's reconstruction errors on the images, (n, widths[0])."""
    found, weights = [], []
    for start in range(0, len(images), EVALUATION_ROWS):
        x = images[start : start + EVALUATION_ROWS]
        trace = population.trace(x)
        each = zip(trace.decoder[0], trace.logits, strict=True)
        found += [torch.stack([error for one in each for error in _errors(*one, x)])]
        share = len(x) / len(images)
        weights.append(torch.tensor([share, share * images.shape[1]], dtype=torch.float64))
    # Brought over at once: a GPU's queue runs empty each time that a number is asked for.
    together = torch.stack(found).cpu().double().view(len(found), -1, 2)
    errors = torch.zeros_like(together[0])
    for weight, of_batch in zip(weights, together, strict=True):
        errors += weight * of_batch
    return [Epoch(*of_member) for of_member in errors.tolist()]


@torch.no_grad()
def measure_outcome(model: Variant, split: Split) -> Outcome:
    """Every yardstick of a finished model on the test images; the probe learns on the training images."""
    test = model(split.test.images)
    codes = model(split.train.images[:PROBE_IMAGES]).encoder[-1]
    return Outcome(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        test=reconstruction_errors(split.test.images, test.decoder[0], test.logits),
        levels=tuple(_levels(test)),
        probe_accuracy=probe_accuracy(
            codes, split.train.labels[:PROBE_IMAGES], test.encoder[-1], split.test.labels
        ),
        digits=encode_images(model(ten_digits(split.test).images).decoder[0]),
    )


def ten_digits(images: Images) -> Images:
    """The first image of each class, in the order of the classes; at most ten. Without classes the first ten."""
    classes = sorted(set(images.labels.tolist()))[:10]
    if len(classes) < 2:
        return images[:10]
    first = torch.stack([(images.labels == one).nonzero()[0, 0] for one in classes])
    return Images(images.images[first], images.labels[first])


def _nmse(e: Tensor, d: Tensor, variance: float) -> float:
    return (d - e).square().mean().item() / variance if variance > 0 else math.inf


def _cka(centred: Tensor, covariance: Tensor, d: Tensor) -> float:
    """‖EᵀD‖² / (‖EᵀE‖ ‖DᵀD‖) of the centred activations; nan where one side does not vary."""
    other = d - d.mean(dim=0)
    within = len(d) * covariance.norm() * (other.mT @ other).norm()
    return _ratio((centred.mT @ other).square().sum().item(), within.item())


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else math.nan


def _errors(reconstructed: Tensor, logits: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """One member's mean squared error and cross-entropy a pixel on these images."""
    return torch.nn.functional.mse_loss(reconstructed, x), bce_with_logits(logits, x)


def _levels(trace: Trace) -> list[Level]:
    """The yardsticks of the levels 1 to L; the code, level L, has no decoder side."""
    decoder = [*trace.decoder[1:], None]
    return [
        level_yardsticks(number, e, d)
        for number, (e, d) in enumerate(zip(trace.encoder[1:], decoder, strict=True), 1)
    ]
