"""Reference lines that no gradient trained: the mean image, and PCA with as many components as the code."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from sklearn.decomposition import PCA
from torch import Tensor

from bench.records.metrics import Reconstruction
from bench.training.evaluate import reconstruction_errors


@dataclass(frozen=True)
class Baseline:
    """A reference line: errors on validation and test images, and its reconstructions of some digits."""

    name: str
    valid_mse: float
    test: Reconstruction
    digits: Tensor


def measure_baselines(
    train: Tensor, valid: Tensor, test: Tensor, *, components: int, digits: Tensor
) -> list[Baseline]:
    """`mean_image` and `pca`, learnt from the training images; each set of images is (n, pixels).

    PCA's reconstructions may leave [0, 1], so it has no cross-entropy (nan). The mean image's is taken with
    probabilities kept 1e-7 from 0 and 1, as Keras does: some pixels are dark in every training image.
    """
    mean = train.mean(dim=0)
    project = _pca(train, components)
    return [
        _line("mean_image", lambda x: mean.expand_as(x), valid, test, digits),
        _without_bce(_line("pca", project, valid, test, digits)),
    ]


def _pca(train: Tensor, components: int) -> Callable[[Tensor], Tensor]:
    """The projection onto the leading principal components and back."""
    rank = min(components, *train.shape)
    fitted = PCA(rank, svd_solver="covariance_eigh").fit(train.numpy())
    mean, axes = torch.from_numpy(fitted.mean_), torch.from_numpy(fitted.components_)
    return lambda x: mean + (x - mean) @ axes.mT @ axes


def _line(
    name: str, project: Callable[[Tensor], Tensor], valid: Tensor, test: Tensor, digits: Tensor
) -> Baseline:
    on_valid, on_test = (_errors(x, project(x)) for x in (valid, test))
    return Baseline(name, on_valid.mse, on_test, project(digits).clone())


def _errors(x: Tensor, projected: Tensor) -> Reconstruction:
    return reconstruction_errors(x, projected, torch.logit(projected, eps=1e-7))


def _without_bce(line: Baseline) -> Baseline:
    return replace(line, test=replace(line.test, bce_nats=math.nan))
