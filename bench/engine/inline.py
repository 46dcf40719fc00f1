"""An engine in this process: one unit after the other, for debuggers and for tests."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from bench.data.split import Split
from bench.engine.protocol import Engine, Trained
from bench.engine.work import execute, thread_limit
from bench.records.jobs import Job, Progress, Tell


class InlineEngine(Engine):
    """Trains in a thread of this process, so that the main one stays free for Ctrl-C."""

    def __init__(self, split: Split, tell: Tell, threads: int | None = None) -> None:
        """threads: PyTorch's, None to leave them as they are."""
        self._split, self._tell, self._threads = split, tell, threads
        self._closed = Event()
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
        with thread_limit(self._threads):
            return execute(job, self._split, self._pass_on)

    def _pass_on(self, progress: Progress) -> None:
        if self._closed.is_set():
            raise _StoppedError
        self._tell(progress)


class _StoppedError(BaseException):
    """The engine was closed: no failure of the unit, so no Exception."""
