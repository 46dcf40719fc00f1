"""What a worker of a Ray cluster does: one unit, as a function of what it is given."""

import faulthandler
import os
import platform
import time
from contextlib import suppress
from threading import Timer

from bench.data.split import Split
from bench.engine.inline import InlineEngine
from bench.engine.protocol import Failed, Trained, UnitFailedError
from bench.engine.provenance import Footing, check_footing
from bench.io.errors import BenchError
from bench.records.jobs import Job, Progress

SECONDS_BETWEEN = 0.2
"""Between two looks at how far the unit is."""
SECONDS_TO_ANSWER = 1.0
"""From the answer for a unit that hangs to the end of its process."""
SECONDS_OF_GRACE = 10.0
"""A process in which not even Python's threads get a turn ends itself so much later."""


def train_unit(job: Job, split: Split, wanted: Footing, threads: int, stalled_s: float) -> Trained | Failed:
    """Train the job's unit; an answer, not an exception, where that fails for a reason of its own.

    wanted: the footing of the run, other code is refused; threads: PyTorch's; stalled_s: a unit that takes no
    step for so many seconds fails.
    """
    try:
        check_footing(job.plan, wanted, f"the node {platform.node()}")
        return _watched(job, split, threads, stalled_s)
    except BenchError as error:
        return Failed(str(error))


def _watched(job: Job, split: Split, threads: int, stalled_s: float) -> Trained:
    """Train in a thread beside this one, which looks whether there are steps."""
    steps = _Steps(stalled_s)
    engine = InlineEngine(split, steps, threads)
    future = engine.submit(job)
    stalled = False
    try:
        while time.monotonic() - steps.last < stalled_s:
            with suppress(TimeoutError):
                return future.result(timeout=SECONDS_BETWEEN)
        stalled = True
    finally:
        # Ray uses a worker again, and no thread of this unit may stay in it; one that hangs cannot be waited for.
        if not stalled:
            engine.close()
        faulthandler.cancel_dump_traceback_later()
    # Nothing else ends a thread that hangs; the answer goes first, or the unit would be tried again.
    faulthandler.dump_traceback()
    Timer(SECONDS_TO_ANSWER, os._exit, (1,)).start()
    raise UnitFailedError(f"it took no step for {stalled_s:g} seconds")


class _Steps:
    """When the last step was taken."""

    def __init__(self, stalled_s: float) -> None:
        self.last = self._armed = time.monotonic()
        self._stalled_s = stalled_s
        self._arm()

    def __call__(self, progress: Progress) -> None:
        del progress
        self.last = time.monotonic()
        if self.last - self._armed >= SECONDS_BETWEEN:
            self._arm()

    def _arm(self) -> None:
        # In C, so that it works where Python's own threads get no turn.
        faulthandler.dump_traceback_later(self._stalled_s + SECONDS_OF_GRACE, exit=True)
        self._armed = time.monotonic()
