"""Units that were trained by hand are taken from the run's folder; the others go on to the engine behind."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from bench.engine import Engine, Job, Trained, Watcher
from bench.errors import BenchError
from bench.handed_in import handed_in


class TakingEngine(Engine):
    """Takes outcomes before it has anything trained."""

    def __init__(self, engine: Engine, folder: Path, watcher: Watcher, say: Callable[[str], None]) -> None:
        """folder: where outcomes lie; say: is told of a damaged one, whose unit is trained again."""
        self._engine, self._folder, self._watcher, self._say = engine, folder, watcher, say
        self.workers = engine.workers

    def submit(self, job: Job) -> Future[Trained]:
        """The job's outcome from the folder, else from the engine."""
        try:
            trained = handed_in(self._folder, job.unit)
        except BenchError as error:
            self._say(f"trained again: {error}")
            trained = None
        if trained is None:
            return self._engine.submit(job)
        self._watcher.begin(job.unit)
        best = min(record.valid_mse for record in trained.records)
        self._watcher.epoch(job.unit, job.unit.epochs, best)
        future: Future[Trained] = Future()
        future.set_result(trained)
        return future

    def close(self) -> None:
        """Close the engine behind."""
        self._engine.close()
