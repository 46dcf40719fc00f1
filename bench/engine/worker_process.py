"""What a worker process does: takes jobs from its connection until that ends."""

import faulthandler
import math
import multiprocessing
import os
import pickle
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from bench.data.split import Split
from bench.engine.protocol import Failed, UnitFailedError
from bench.engine.work import limited, work
from bench.records.jobs import Job, Progress

SECONDS_BETWEEN = 0.2
"""Between two messages on the way through an epoch."""


def serve(connection: Connection, threads: int, stalled_s: float) -> None:
    """Take the split, then jobs, and answer each; ends with the run that it serves.

    threads: PyTorch's; stalled_s: the process ends itself where a unit takes no step for so long.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with limited(threads), suppress(EOFError, OSError):
        split: Split = pickle.loads(connection.recv_bytes())
        while True:
            job: Job = pickle.loads(connection.recv_bytes())
            connection.send_bytes(pickle.dumps(_outcome(job, split, connection, stalled_s)))


def _outcome(job: Job, split: Split, connection: Connection, stalled_s: float) -> object:
    try:
        return work(job, split, _Messenger(connection, stalled_s))
    except UnitFailedError as error:
        return Failed(str(error))
    finally:
        faulthandler.cancel_dump_traceback_later()


def _end_with_parent() -> None:
    """However the run ends, by kill -9 as well, no worker goes on alone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Messenger:
    """Sends on what it is told, not too often, and puts off the end of a process that stalls."""

    def __init__(self, connection: Connection, stalled_s: float) -> None:
        self._connection, self._stalled_s = connection, stalled_s
        self._sent, self._epoch = -math.inf, 0

    def __call__(self, progress: Progress) -> None:
        if progress.epoch == self._epoch and time.monotonic() - self._sent < SECONDS_BETWEEN:
            return
        # In C, so that it works where Python's own threads get no turn; says where the process hung.
        faulthandler.dump_traceback_later(self._stalled_s, exit=True)
        self._connection.send_bytes(pickle.dumps(progress))
        self._sent, self._epoch = time.monotonic(), progress.epoch
