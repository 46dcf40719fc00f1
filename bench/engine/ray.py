"""An engine on a Ray cluster: every unit a task on whichever node has room; the study and all files stay here.

A cluster is joined or started with a token, and without usage statistics.
"""

import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from threading import Event, Lock
from typing import Any

from bench.data.split import Split
from bench.engine.protocol import Engine, Trained, UnitFailedError, UnitFailure
from bench.engine.provenance import TrainingEnvironment, training_environment
from bench.engine.worker_process import train_unit
from bench.io.errors import BenchError, UsageError
from bench.io.text import quantity
from bench.records.jobs import Job, Progress, Tell, finished_progress

RAY_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray warns, at every start, of what this will be by default.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
SECONDS_TO_KNOCK = 10.0
"""At a cluster's door."""
MAX_REASON_LENGTH = 300
"""Characters of an error of Ray's that are shown."""
ATTEMPTS = 3
"""A unit that is lost with its worker or node is given to others; one that takes each of them along is not."""
MAX_AT_ONCE = 512
"""Units handed to the cluster at once; each has a thread here that waits for it."""
SECONDS_TO_END = 2.0
"""What closing waits for tasks that were cancelled."""
NODE_LOSS_ERRORS = {
    "OutOfMemoryError": "its node ran out of memory, so Ray ended its worker",
    "NodeDiedError": "its node was lost",
    "LocalRayletDiedError": "its node was lost",
    "WorkerCrashedError": "its worker process was killed or crashed, or its node was lost",
    "ObjectLostError": "its records were lost with a node",
    "OwnerDiedError": "its records were lost with a node",
}
"""How a task can be lost, by Ray's names."""


def check_installed() -> None:
    """UsageError where the extra is not installed."""
    if find_spec("ray") is None:
        raise UsageError(
            "the Ray engine needs ray, which is not installed: pip install --editable '.[cluster]' in the clone"
        )


def join_cluster(address: str | None, cores: int) -> Any:
    """The module `ray`, connected to the cluster at the address; None: one of its own with so many cores.

    Raises BenchError where there is no cluster, or one that does not let us in.
    """
    check_installed()
    if address not in (None, "auto"):
        _knock(address)
    # Ray reads its settings when it is imported.
    os.environ |= {name: os.environ.get(name, value) for name, value in RAY_ENVIRONMENT.items()}
    _see_to_token(address)
    import ray

    where: dict[str, Any] = {"address": address} if address else {"address": "local", "num_cpus": cores}
    if address is None:
        where["include_dashboard"] = False
    try:
        with _our_sigterm():
            ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
    except ray.exceptions.AuthenticationError as error:
        raise UsageError(
            f"the Ray cluster at {address} asks for its token: put what `ray get-auth-token` says on its head "
            "into ~/.ray/auth_token here, or set RAY_AUTH_TOKEN; for a cluster without one set "
            "RAY_AUTH_MODE=disabled"
        ) from error
    except Exception as error:  # Ray raises whatever its parts do
        raise BenchError(
            f"cannot use Ray at {address or 'this machine'}: {first_line(error)}; see whether it runs "
            "(`ray status`) and has this machine's token (`ray get-auth-token`), or leave out --address"
        ) from error
    return ray


def first_line(error: BaseException) -> str:
    """The error's first line of text, shortened, or its name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:MAX_REASON_LENGTH]


def units_at_once(ray: Any, threads: int, *, gpu: bool) -> int:
    """How many units the cluster has room for now; UsageError where no node has room for one."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    rooms = [int(node.get("CPU", 0)) // threads for node in nodes]
    if gpu:
        rooms = [min(room, int(node.get("GPU", 0))) for room, node in zip(rooms, nodes, strict=True)]
    if not sum(rooms):
        most = max((int(node.get("CPU", 0)) for node in nodes), default=0)
        wanted = quantity(threads, "core") + (" and a GPU" if gpu else "")
        raise UsageError(
            f"a unit takes {wanted} but no node of the cluster has that (at most {quantity(most, 'core')}); "
            "choose fewer --threads"
        )
    return sum(rooms)


class RayEngine(Engine):
    """Tasks of a cluster that is there, or of one on this machine that ends with the engine."""

    def __init__(
        self, split: Split, tell: Tell, *,
        address: str | None, workers: int, threads: int, stalled_s: float, gpu: bool,
    ) -> None:  # fmt: skip
        """address: of the cluster, None to start one for so many workers; gpu: one for each unit; the others
        as LocalEngine has them.

        Raises BenchError where the cluster cannot be used.
        """
        self._ray = join_cluster(address, workers * threads)
        try:
            self.workers = units_at_once(self._ray, threads, gpu=gpu)
            self._split = self._ray.put(split)
        except BaseException:
            self._ray.shutdown()
            raise
        self._tell, self._threads, self._stalled_s, self._gpus = tell, threads, stalled_s, int(gpu)
        # Tried again by us, not by Ray: it would never give up a unit that runs out of memory.
        self._task = self._ray.remote(max_retries=0)(train_unit)
        self._slots = ThreadPoolExecutor(MAX_AT_ONCE, thread_name_prefix="task")
        self._lock, self._closed = Lock(), Event()
        self._tasks: dict[Any, Future[Any]] = {}

    def submit(self, job: Job) -> Future[Trained]:
        """The job waits in the cluster for a node with room, without its checkpoint, a path on this machine."""
        return self._slots.submit(self._train, replace(job, checkpoint=None), training_environment(job.plan))

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

    def _train(self, job: Job, wanted: TrainingEnvironment) -> Trained:
        lost = ""
        for _ in range(ATTEMPTS):
            self._tell(Progress(job.unit))
            try:
                answer = self._start(job, wanted).result()
            except self._ray.exceptions.RayTaskError as error:
                raise UnitFailedError(_reason(error)) from error
            except self._ray.exceptions.RayError as error:
                lost = _how_lost(error)
            else:
                if isinstance(answer, UnitFailure):
                    raise UnitFailedError(answer.reason)
                self._tell(finished_progress(job.unit, answer.records))
                return answer
        raise UnitFailedError(f"{lost}, {ATTEMPTS} times")

    def _start(self, job: Job, wanted: TrainingEnvironment) -> "Future[Trained | UnitFailure]":
        """The outcome of a new task; it counts as running until it has one."""
        with self._lock:
            if self._closed.is_set():
                raise UnitFailedError("the engine was closed")
            task = self._task.options(num_cpus=self._threads, num_gpus=self._gpus).remote(
                job, self._split, wanted, self._threads, self._stalled_s
            )
            outcome: Future[Trained | UnitFailure] = task.future()
            self._tasks[task] = outcome
        outcome.add_done_callback(lambda _: self._tasks.pop(task, None))
        return outcome


def _knock(address: str) -> None:
    """Find out at once whether anybody is there; Ray takes minutes for it."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--address must be auto or HOST:PORT but got {address}")
    try:
        socket.create_connection((host, int(port)), timeout=SECONDS_TO_KNOCK).close()
    except (OSError, OverflowError) as error:
        raise BenchError(
            f"no Ray cluster answers at {address} ({error}); `ray start --head` starts one, or leave out --address"
        ) from error


def _see_to_token(address: str | None) -> None:
    """Ask for a token everywhere; a cluster of our own gets a new one, which only it and we know."""
    if address is None:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    else:
        os.environ.setdefault("RAY_AUTH_MODE", "token")


@contextmanager
def _our_sigterm() -> Iterator[None]:
    """Ray takes SIGTERM for itself; what it means to this process stays as it was."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _reason(error: Any) -> str:
    """Why a task could not even try its unit: Ray wraps what was raised."""
    if "No module named" in str(error):
        missing = str(error).partition("No module named ")[2].split("\n")[0].strip(" .'\"")
        return f"a node of the cluster has no module {missing}: install the same aebench there as here"
    cause = error.cause
    return f"{type(cause).__name__}: {first_line(cause)}"


def _how_lost(error: Exception) -> str:
    names = [kind.__name__ for kind in type(error).__mro__]
    return next((NODE_LOSS_ERRORS[name] for name in names if name in NODE_LOSS_ERRORS), first_line(error))
