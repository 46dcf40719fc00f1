"""The bench's yardsticks applied to trained models, in few large batches."""

import torch
from torch import Tensor

from bench.data import Images, Split
from bench.metrics import Level, level, reconstruction
from bench.pixels import to_text
from bench.population import Population
from bench.probe import LEARNS_FROM, probe_accuracy
from bench.records import Epoch, Outcome
from variants import Trace, Variant
from variants.losses import bce_with_logits

ROWS = 1_000
"""Images in one batch of a stacked evaluation: large products, small memory."""


@torch.no_grad()
def evaluate(population: Population, images: Tensor) -> list[Epoch]:
    """Each member's reconstruction errors on the images, (n, widths[0])."""
    mse = torch.zeros(len(population), dtype=torch.float64)
    bce = torch.zeros(len(population), dtype=torch.float64)
    for start in range(0, len(images), ROWS):
        x = images[start : start + ROWS]
        trace = population.trace(x)
        share = len(x) / len(images)
        for k, (reconstructed, logits) in enumerate(zip(trace.decoder[0], trace.logits, strict=True)):
            mse[k] += share * torch.nn.functional.mse_loss(reconstructed, x).item()
            bce[k] += share * images.shape[1] * bce_with_logits(logits, x).item()
    return [Epoch(*errors) for errors in zip(mse.tolist(), bce.tolist(), strict=True)]


@torch.no_grad()
def outcome(model: Variant, split: Split) -> Outcome:
    """Every yardstick of a finished model on the test images; the probe learns on the training images."""
    test = model(split.test.images)
    codes = model(split.train.images[:LEARNS_FROM]).encoder[-1]
    return Outcome(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        test=reconstruction(split.test.images, test.decoder[0], test.logits),
        levels=tuple(_levels(test)),
        probe_accuracy=probe_accuracy(
            codes, split.train.labels[:LEARNS_FROM], test.encoder[-1], split.test.labels
        ),
        digits=to_text(model(ten_digits(split.test).images).decoder[0]),
    )


def ten_digits(images: Images) -> Images:
    """The first image of each class, in the order of the classes; at most ten. Without classes the first ten."""
    classes = sorted(set(images.labels.tolist()))[:10]
    if len(classes) < 2:
        return images[:10]
    first = torch.stack([(images.labels == one).nonzero()[0, 0] for one in classes])
    return Images(images.images[first], images.labels[first])


def _levels(trace: Trace) -> list[Level]:
    """The yardsticks of the levels 1 to L; the code, level L, has no decoder side."""
    decoder = [*trace.decoder[1:], None]
    return [
        level(number, e, d) for number, (e, d) in enumerate(zip(trace.encoder[1:], decoder, strict=True), 1)
    ]
