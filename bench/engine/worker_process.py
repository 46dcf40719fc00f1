"""What a worker does, in a process of this machine or of a Ray cluster: units, each watched for its steps."""

import faulthandler
import math
import multiprocessing
import os
import pickle
import platform
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType

from bench.data.split import Split
from bench.engine.inline import InlineEngine
from bench.engine.protocol import Trained, UnitFailedError, UnitFailure
from bench.engine.provenance import TrainingEnvironment, check_environment
from bench.engine.work import execute, thread_limit
from bench.io.errors import BenchError
from bench.records.jobs import Job, Progress, Tell

SECONDS_BETWEEN = 0.2
"""Between two events that are passed on, or two looks at how far the unit is."""
SECONDS_TO_ANSWER = 1.0
"""From the answer for a unit that hangs to the end of its process."""
SECONDS_OF_GRACE = 10.0
"""A worker of Ray's in which not even Python's threads get a turn ends itself so much later."""


class StallGuard:
    """Ends this process where it is told nothing for too long; passes on what it is told, not too often."""

    def __init__(self, stalled_s: float, tell: Tell = lambda _: None) -> None:
        self._stalled_s, self._tell = stalled_s, tell
        self._passed, self._epoch = -math.inf, 0
        self.last = time.monotonic()

    def __enter__(self) -> "StallGuard":
        self._arm()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        faulthandler.cancel_dump_traceback_later()

    def __call__(self, now: Progress) -> None:
        """What `Tell` is."""
        self.last = time.monotonic()
        if now.epoch == self._epoch and self.last - self._passed < SECONDS_BETWEEN:
            return
        self._arm()
        self._tell(now)
        self._passed, self._epoch = time.monotonic(), now.epoch

    def _arm(self) -> None:
        # In C, so that it works where Python's own threads get no turn; says where the process hung.
        faulthandler.dump_traceback_later(self._stalled_s, exit=True)


def serve(connection: Connection, threads: int, stalled_s: float) -> None:
    """Take the split, then jobs, and answer each; ends with the run that it serves.

    threads: PyTorch's; stalled_s: the process ends itself where a unit takes no step for so long.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with thread_limit(threads), suppress(EOFError, OSError):
        split: Split = pickle.loads(connection.recv_bytes())
        while True:
            job: Job = pickle.loads(connection.recv_bytes())
            connection.send_bytes(pickle.dumps(_outcome(job, split, connection, stalled_s)))


def train_unit(
    job: Job, split: Split, wanted: TrainingEnvironment, threads: int, stalled_s: float
) -> Trained | UnitFailure:
    """A Ray task: train the job's unit; an answer, not an exception, where that fails for a reason of its own.

    wanted: what the run was begun with, other code is refused; threads: PyTorch's; stalled_s: a unit that takes no
    step for so many seconds fails.
    """
    try:
        check_environment(job.plan, wanted, f"the node {platform.node()}")
        return _in_a_thread(job, split, threads, stalled_s)
    except BenchError as error:
        return UnitFailure(str(error))


def _outcome(job: Job, split: Split, connection: Connection, stalled_s: float) -> Trained | UnitFailure:
    try:
        with StallGuard(stalled_s, lambda now: connection.send_bytes(pickle.dumps(now))) as guard:
            return execute(job, split, guard)
    except UnitFailedError as error:
        return UnitFailure(str(error))


def _end_with_parent() -> None:
    """However the run ends, by kill -9 as well, no worker goes on alone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_a_thread(job: Job, split: Split, threads: int, stalled_s: float) -> Trained:
    """Train in a thread beside this one, which looks whether there are steps."""
    with StallGuard(stalled_s + SECONDS_OF_GRACE) as guard:
        engine = InlineEngine(split, guard, threads)
        future = engine.submit(job)
        stalled = False
        try:
            while time.monotonic() - guard.last < stalled_s:
                with suppress(TimeoutError):
                    return future.result(timeout=SECONDS_BETWEEN)
            stalled = True
        finally:
            # Ray uses a worker again, and no thread of this unit may stay in it; one that hangs cannot be waited for.
            if not stalled:
                engine.close()
    # Nothing else ends a thread that hangs; the answer goes first, or the unit would be tried again.
    faulthandler.dump_traceback()
    threading.Timer(SECONDS_TO_ANSWER, os._exit, (1,)).start()
    raise UnitFailedError(f"it took no step for {stalled_s:g} seconds")
