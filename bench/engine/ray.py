"""An engine on a Ray cluster: every unit a task on whichever node has room; the study and all files stay here."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event, Lock
from typing import Any

from bench.data import Split
from bench.engine import Engine, Job, Trained, UnitFailedError, Watcher
from bench.engine.messages import Failed
from bench.engine.ray_cluster import first_line, join, units_at_once
from bench.engine.ray_task import train_unit
from bench.footing import Footing, footing

ATTEMPTS = 3
"""A unit that is lost with its worker or node is given to others; one that takes each of them along is not."""
MOST_AT_ONCE = 512
"""Units handed to the cluster at once; each has a thread here that waits for it."""
SECONDS_TO_END = 2.0
"""What closing waits for tasks that were cancelled."""
LOST = {
    "OutOfMemoryError": "its node ran out of memory, so Ray ended its worker",
    "NodeDiedError": "its node was lost",
    "LocalRayletDiedError": "its node was lost",
    "WorkerCrashedError": "its worker process was killed or crashed, or its node was lost",
    "ObjectLostError": "its records were lost with a node",
    "OwnerDiedError": "its records were lost with a node",
}
"""How a task can be lost, by Ray's names."""


class RayEngine(Engine):
    """Tasks of a cluster that is there, or of one on this machine that ends with the engine."""

    def __init__(
        self, split: Split, watcher: Watcher, *,
        address: str | None, workers: int, threads: int, stalled_s: float, gpu: bool,
    ) -> None:  # fmt: skip
        """address: of the cluster, None to start one for so many workers; gpu: one for each unit; the others
        as LocalEngine has them.

        Raises BenchError where the cluster cannot be used.
        """
        self._ray = join(address, workers * threads)
        try:
            self.workers = units_at_once(self._ray, threads, gpu=gpu)
            self._split = self._ray.put(split)
        except BaseException:
            self._ray.shutdown()
            raise
        self._watcher, self._threads, self._stalled_s, self._gpus = watcher, threads, stalled_s, int(gpu)
        # Tried again by us, not by Ray: it would never give up a unit that runs out of memory.
        self._task = self._ray.remote(max_retries=0)(train_unit)
        self._slots = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="task")
        self._lock, self._closed = Lock(), Event()
        self._tasks: dict[Any, Future[Any]] = {}

    def submit(self, job: Job) -> Future[Trained]:
        """The job waits in the cluster for a node with room, without its checkpoint, a path on this machine."""
        return self._slots.submit(self._train, replace(job, checkpoint=None), footing(job.plan))

    def close(self) -> None:
        """Cancel what is running and leave the cluster."""
        with self._lock:
            self._closed.set()
            tasks = dict(self._tasks)
        for task in tasks:
            self._ray.cancel(task, force=True)
        self._slots.shutdown(wait=False, cancel_futures=True)
        wait(tasks.values(), timeout=SECONDS_TO_END)
        self._ray.shutdown()

    def _train(self, job: Job, wanted: Footing) -> Trained:
        lost = ""
        for _ in range(ATTEMPTS):
            self._watcher.begin(job.unit)
            try:
                answer = self._start(job, wanted).result()
            except self._ray.exceptions.RayTaskError as error:
                raise UnitFailedError(_reason(error)) from error
            except self._ray.exceptions.RayError as error:
                lost = _how_lost(error)
            else:
                if isinstance(answer, Failed):
                    raise UnitFailedError(answer.reason)
                best = min(record.valid_mse for record in answer.records)
                self._watcher.epoch(job.unit, job.unit.epochs, best)
                return answer
        raise UnitFailedError(f"{lost}, {ATTEMPTS} times")

    def _start(self, job: Job, wanted: Footing) -> "Future[Trained | Failed]":
        """The outcome of a new task; it counts as running until it has one."""
        with self._lock:
            if self._closed.is_set():
                raise UnitFailedError("the engine was closed")
            task = self._task.options(num_cpus=self._threads, num_gpus=self._gpus).remote(
                job, self._split, wanted, self._threads, self._stalled_s
            )
            outcome: Future[Trained | Failed] = task.future()
            self._tasks[task] = outcome
        outcome.add_done_callback(lambda _: self._tasks.pop(task, None))
        return outcome


def _reason(error: Any) -> str:
    """Why a task could not even try its unit: Ray wraps what was raised."""
    if "No module named" in str(error):
        missing = str(error).partition("No module named ")[2].split("\n")[0].strip(" .'\"")
        return f"a node of the cluster has no module {missing}: install the same aebench there as here"
    cause = error.cause
    return f"{type(cause).__name__}: {first_line(cause)}"


def _how_lost(error: Exception) -> str:
    names = [kind.__name__ for kind in type(error).__mro__]
    return next((LOST[name] for name in names if name in LOST), first_line(error))
