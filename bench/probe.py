"""A linear probe: how much of an image's class can be read off its code."""

from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import Tensor

LEARNS_FROM = 10_000
"""So many training images are enough: all 55,000 take four times as long and add one to two points."""


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
