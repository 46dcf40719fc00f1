"""An engine in this process: one unit after the other, for debuggers and for tests."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from bench.data.split import Split
from bench.engine.protocol import Engine, Trained, Watcher
from bench.engine.work import limited, work
from bench.records.jobs import Job
from bench.records.records import Unit


class InlineEngine(Engine):
    """Trains in a thread of this process, so that the main one stays free for Ctrl-C."""

    def __init__(self, split: Split, watcher: Watcher, threads: int | None = None) -> None:
        """watcher: is told how far each unit is; threads: PyTorch's, None to leave them as they are."""
        self._split, self._closed = split, Event()
        self._watcher = _Stopping(watcher, self._closed)
        self._threads = threads
        self.workers = 1
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="unit")

    def submit(self, job: Job) -> Future[Trained]:
        """The job is trained after those submitted before."""
        return self._queue.submit(self._train, job)

    def close(self) -> None:
        """End the running unit at its next step."""
        self._closed.set()
        self._queue.shutdown(cancel_futures=True)

    def _train(self, job: Job) -> Trained:
        with limited(self._threads):
            return work(job, self._split, self._watcher)


class _StoppedError(BaseException):
    """The engine was closed: no failure of the unit, so no Exception."""


class _Stopping(Watcher):
    """Passes on what it is told, until the engine is closed."""

    def __init__(self, watcher: Watcher, closed: Event) -> None:
        self._watcher, self._closed = watcher, closed

    def begin(self, unit: Unit) -> None:
        self._watcher.begin(unit)

    def advance(self, unit: Unit, model_epochs: float) -> None:
        if self._closed.is_set():
            raise _StoppedError
        self._watcher.advance(unit, model_epochs)

    def epoch(self, unit: Unit, epoch: int, valid_mse: float) -> None:
        self._watcher.epoch(unit, epoch, valid_mse)
