"""An engine on this machine: worker processes, each training one unit at a time."""

from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event

from bench.data import Split
from bench.engine import Engine, Job, Trained, UnitFailedError, Watcher
from bench.engine.worker import Worker, WorkerDiedError

ATTEMPTS = 2
"""A unit whose worker dies is tried once more: the kill may have meant another process."""


class LocalEngine(Engine):
    """As many worker processes as are asked for; a unit that fails, hangs or dies takes only its worker along."""

    def __init__(
        self, split: Split, watcher: Watcher, *, workers: int, threads: int, stalled_s: float
    ) -> None:
        """threads: of each worker; stalled_s: a unit that takes no step for so many seconds is ended."""
        self._watcher, self._closed = watcher, Event()
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
                return worker.train(job, self._watcher)
            except WorkerDiedError as error:
                died = str(error)
            if self._closed.is_set():
                break
        raise UnitFailedError(died)
