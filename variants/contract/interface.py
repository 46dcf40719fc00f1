"""The whole contract of a contestant: one model, its forward pass level by level, and its objective."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


class Trace(NamedTuple):
    """One forward pass, level by level; level l has widths[l] units."""

    encoder: tuple[Tensor, ...]
    """e_0 = x, e_1, ..., e_L = code; each (batch, widths[l]), in [0, 1]."""
    decoder: tuple[Tensor, ...]
    """d_0 = reconstruction, d_1, ..., d_{L-1}; each (batch, widths[l]), in [0, 1]."""
    logits: Tensor
    """d_0 before its sigmoid, (batch, widths[0])."""


class Variant(nn.Module, ABC):
    """One autoencoder, an ordinary module that can also be trained, saved and loaded by hand.

    So that many can be trained stacked as one, a variant does nothing in place on activations, calls no
    `.item()`, branches on no values and draws no random numbers in `forward` or `objective`.
    """

    name: ClassVar[str]
    """What tables, figures and commands call it: lower-case letters, digits and underscores."""
    summary: ClassVar[str]
    """What differs from `plain`, in one line."""
    control: ClassVar[bool] = False
    """Whether it is there to tell causes apart and not as a contestant."""
    steps: ClassVar[Mapping[str, str]] = {}
    """Variants that it differs from by one change only: name to that change, for the table of attribution."""
    space: ClassVar[Mapping[str, "BaseDistribution"]] = {}
    """Hyperparameters beyond the learning rate, if any: name to numeric Optuna distribution. Each is a 0-dim
    buffer holding its default, which the tuner fills before training."""

    def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:  # noqa: ARG002
        """Build for `widths`, from the image's pixels to the code's units, e.g. (784, 400, 200, 100, 50).

        Every random number comes from `generator`, the encoder's first and from the image inwards: then the
        same seed gives the same encoder in every variant. The encoder's weights are Glorot-uniform and named
        `encoder.<l - 1>.weight`, (widths[l], widths[l - 1]). Raises ValueError for fewer than two widths or
        one below 1.
        """
        if len(widths) < 2 or min(widths) < 1:
            raise ValueError(f"widths must be at least two positive integers but got {tuple(widths)}")
        super().__init__()
        self.widths = tuple(widths)

    @abstractmethod
    def forward(self, x: Tensor) -> Trace:
        """Encode and decode x, (batch, widths[0]) in [0, 1]."""

    @abstractmethod
    def objective(self, trace: Trace) -> Tensor:
        """The loss that training minimises, 0-dim: means over units and images, levels added."""

    def level_losses(self, trace: Trace) -> tuple[Tensor, ...]:
        """The terms of the objective, level 0 first, each 0-dim; one term where there is no inner loss."""
        return (self.objective(trace),)
