"""What may be watched and decided while a unit trains."""

from collections.abc import Collection, Mapping

from bench.clock import Clock


class Observer:
    """What may be watched and decided while a unit trains; this one decides nothing."""

    def __init__(self, clock: Clock | None = None) -> None:
        """clock: where the time of training and evaluation is added."""
        self.clock = clock or Clock()

    def advance(self, model_epochs: float) -> None:
        """This much more training is done, counted in epochs of one model."""

    def prune(self, epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
        """The members to end after this epoch (from 1), given those still training; here none."""
        del epoch, valid_mse
        return ()
