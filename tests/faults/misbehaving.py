"""Variants of an outside package that each do harm in a way of their own, until they are mended.

Mended by a file, not by an edit: other code would be another run. They harm only the process that trains them.
"""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import torch
from torch import Tensor

from variants import Trace, Untied
from variants.contract.losses import bce_with_logits

STATE = "MISBEHAVING_STATE"
"""Names the folder of the file that mends, in the environment."""
HOURS_S = 10_000.0
TOO_MANY = 10**15


class Misbehaving(Untied):
    """`plain`, but for what it does on the way."""

    summary = "does harm"

    def objective(self, trace: Trace) -> Tensor:
        """Plain's, if it comes to that."""
        state = Path(os.environ[STATE])
        if not (state / "mended").exists():
            self.harm(state)
        return bce_with_logits(trace.logits, trace.encoder[0])

    def harm(self, state: Path) -> None:
        """Nothing yet."""


class Raises(Misbehaving):
    """Wrong whatever it is asked."""

    name = "raises"

    def harm(self, state: Path) -> None:
        """Raise what takes more than one line to say."""
        raise RuntimeError(f"no loss\nfor {state.name}")


class Allocates(Misbehaving):
    """Asks PyTorch for more memory than there is."""

    name = "allocates"

    def harm(self, state: Path) -> None:
        """A petabyte."""
        del state
        torch.zeros(TOO_MANY, dtype=torch.uint8)


class Grows(Misbehaving):
    """Asks Python for more memory than there is."""

    name = "grows"

    def harm(self, state: Path) -> None:
        """A petabyte."""
        del state
        bytearray(TOO_MANY)


class Hangs(Misbehaving):
    """Goes on for ever."""

    name = "hangs"

    def harm(self, state: Path) -> None:
        """Sleep, where it is trained."""
        del state
        if in_worker():
            time.sleep(HOURS_S)


class KilledOnce(Misbehaving):
    """Meets the system at a bad moment."""

    name = "killed_once"

    def harm(self, state: Path) -> None:
        """kill -9 of its own process, once in a run."""
        if in_worker() and not (state / "killed").exists():
            (state / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)


class KilledAlways(Misbehaving):
    """Is killed each time, as by a system whose memory runs out."""

    name = "killed_always"

    def harm(self, state: Path) -> None:
        """kill -9 of its own process."""
        del state
        if in_worker():
            os.kill(os.getpid(), signal.SIGKILL)


class Diverges(Misbehaving):
    """Has a loss that is no number."""

    name = "diverges"

    def objective(self, trace: Trace) -> Tensor:
        """NaN, in value and gradient."""
        return (trace.logits * float("nan")).mean()


def in_worker() -> bool:
    """Whether this is an engine's worker process, and not the run's own, where gradients are audited."""
    return multiprocessing.current_process().name.startswith("SpawnProcess")
