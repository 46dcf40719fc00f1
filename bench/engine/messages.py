"""What a worker process says of its unit before the outcome."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Begun:
    """The unit is being trained."""


@dataclass(frozen=True)
class Stepped:
    """So much more is trained; after the end of an epoch also which one, and the least validation error."""

    model_epochs: float
    epoch: int = 0
    valid_mse: float = float("inf")


@dataclass(frozen=True)
class Failed:
    """The unit could not be trained, for this reason."""

    reason: str
