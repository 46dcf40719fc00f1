"""An engine on this machine: worker processes, each training one unit at a time."""

import multiprocessing
import pickle
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Event, Lock

from bench.data.split import Split
from bench.engine.protocol import Engine, Trained, UnitFailedError, UnitFailure
from bench.engine.worker_process import serve
from bench.records.jobs import Job, Tell

ATTEMPTS = 2
"""A unit whose worker dies is tried once more: the kill may have meant another process."""


class WorkerDiedError(Exception):
    """The process ended in the midst of a unit; the message says how."""


class Worker:
    """A process of its own, so that what a unit does to it, it does to no other unit."""

    def __init__(self, split: Split, threads: int, stalled_s: float) -> None:
        """See LocalEngine; the process starts with the first unit."""
        self._split, self._threads, self._stalled_s = split, threads, stalled_s
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._lock = Lock()
        self._killed = False
        self._heard = 0.0

    def train(self, job: Job, tell: Tell) -> Trained:
        """The job's outcome; UnitFailedError where it has none, WorkerDiedError where the process did not survive."""
        try:
            connection = self._started()
            connection.send_bytes(pickle.dumps(job))
            while True:
                message = pickle.loads(connection.recv_bytes())
                self._heard = time.monotonic()
                if isinstance(message, Trained):
                    return message
                if isinstance(message, UnitFailure):
                    raise UnitFailedError(message.reason)
                tell(message)
        except (EOFError, OSError):
            raise self._end() from None

    def kill(self) -> None:
        """End the process at once and for good."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def _started(self) -> Connection:
        """The connection to the process, which is started if there is none."""
        if self._connection is None or self._process is None or not self._process.is_alive():
            self._connection = self._start()
            self._connection.send_bytes(pickle.dumps(self._split))
        self._heard = time.monotonic()
        return self._connection

    def _start(self) -> Connection:
        # Not forked: a fork of a process with threads, or with CUDA begun, may hang.
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        # Ctrl-C reaches the whole process group; what comes of it is for the run to say. The tracker first:
        # its own start unblocks the signal again.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        with self._lock:
            if self._killed:
                raise EOFError
            self._process = context.Process(
                target=serve, args=(there, self._threads, self._stalled_s), daemon=True
            )
            self._process.start()
        there.close()
        return here

    def _end(self) -> UnitFailedError | WorkerDiedError:
        """Wait for the dead process and say how it ended."""
        process, self._connection = self._process, None
        if process is None:
            return WorkerDiedError("its worker was never started")
        process.join()
        code = process.exitcode or 0
        if code > 0 and time.monotonic() - self._heard >= self._stalled_s:
            return UnitFailedError(f"it took no step for {self._stalled_s:g} seconds")
        if code == -signal.SIGKILL:
            return WorkerDiedError(
                "its worker process was killed (signal 9), as the system does when memory runs out"
            )
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return WorkerDiedError(f"its worker process ended with {how}")


class LocalEngine(Engine):
    """As many worker processes as are asked for; a unit that fails, hangs or dies takes only its worker along."""

    def __init__(self, split: Split, tell: Tell, *, workers: int, threads: int, stalled_s: float) -> None:
        """threads: of each worker; stalled_s: a unit that takes no step for so many seconds is ended."""
        self._tell, self._closed = tell, Event()
        self.workers = workers
        self._workers: SimpleQueue[Worker] = SimpleQueue()
        self._all = [Worker(split, threads, stalled_s) for _ in range(workers)]
        for worker in self._all:
            self._workers.put(worker)
        self._slots = ThreadPoolExecutor(workers, thread_name_prefix="worker")

    def submit(self, job: Job) -> Future[Trained]:
        """The job goes to the first free worker."""
        return self._slots.submit(self._train, job)

    def close(self) -> None:
        """Kill the workers: what they leave behind is a checkpoint at most."""
        self._closed.set()
        for worker in self._all:
            worker.kill()
        self._slots.shutdown(cancel_futures=True)

    def _train(self, job: Job) -> Trained:
        worker = self._workers.get()
        try:
            return self._attempt(job, worker)
        finally:
            self._workers.put(worker)

    def _attempt(self, job: Job, worker: Worker) -> Trained:
        died = ""
        for _ in range(ATTEMPTS):
            try:
                return worker.train(job, self._tell)
            except WorkerDiedError as error:
                died = str(error)
            if self._closed.is_set():
                break
        raise UnitFailedError(died)
