"""What a worker process does: takes jobs from its connection until that ends."""

import faulthandler
import multiprocessing
import os
import pickle
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from bench.data.split import Split
from bench.engine.protocol import Begun, Failed, Stepped, UnitFailedError, Watcher
from bench.engine.work import limited, work
from bench.records.jobs import Job
from bench.records.records import Unit

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
    watcher = _Messenger(connection, stalled_s)
    try:
        return work(job, split, watcher)
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


class _Messenger(Watcher):
    """Sends on what it is told, not too often, and puts off the end of a process that stalls."""

    def __init__(self, connection: Connection, stalled_s: float) -> None:
        self._connection, self._stalled_s = connection, stalled_s
        self._sent, self._waiting = time.monotonic(), 0.0

    def begin(self, unit: Unit) -> None:
        del unit
        self._send(Begun())

    def advance(self, unit: Unit, model_epochs: float) -> None:
        del unit
        self._waiting += model_epochs
        if time.monotonic() - self._sent >= SECONDS_BETWEEN:
            self._send(Stepped(self._waiting))

    def epoch(self, unit: Unit, epoch: int, valid_mse: float) -> None:
        del unit
        self._send(Stepped(self._waiting, epoch, valid_mse))

    def _send(self, message: object) -> None:
        # In C, so that it works where Python's own threads get no turn; says where the process hung.
        faulthandler.dump_traceback_later(self._stalled_s, exit=True)
        self._connection.send_bytes(pickle.dumps(message))
        self._sent, self._waiting = time.monotonic(), 0.0
