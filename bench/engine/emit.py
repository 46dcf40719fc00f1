"""An engine that trains nothing: it writes each unit that can be trained now into a file of its own."""

import re
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from bench.data import Split
from bench.engine import Engine, Job, Trained, Watcher
from bench.errors import BenchError, UsageError
from bench.files import claim
from bench.footing import footing
from bench.job_file import JobFile, Source, read_job, write_job

NUMBERED = re.compile(r"[0-9]{4}|[1-9][0-9]{4,}")
"""Names of job files without `.json`: numbers of four digits, or of as many as it takes, for Slurm to count."""


@dataclass(frozen=True)
class Emission:
    """The choice to write jobs into a folder, for the run in another."""

    folder: Path
    run: Path
    source: Source
    threads: int

    def open(self, split: Split, watcher: Watcher) -> Engine:
        """The engine; job files of an earlier stage are removed, UsageError where one of them is something else."""
        del watcher
        claim(self.folder)
        for stale in emitted(self.folder):
            stale.unlink()
        return EmitEngine(self, split.digest)


class EmitEngine(Engine):
    """Numbers jobs from 1."""

    def __init__(self, emission: Emission, data: str) -> None:
        """data: the digest of the run's data set."""
        self._emission, self._data = emission, data
        self._count = 0
        self.workers = 1

    def submit(self, job: Job) -> Future[Trained]:
        """Write the job; its future is cancelled: whoever needs the unit waits for another start of the run."""
        self._count += 1
        one = self._emission
        file = JobFile(job, str(one.run.absolute()), self._data, one.source, one.threads, footing(job.plan))
        write_job(one.folder / f"{self._count:04}.json", file)
        future: Future[Trained] = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future

    def close(self) -> None:
        """Nothing runs."""


def emitted(folder: Path) -> list[Path]:
    """The job files in the folder, by number; UsageError for a file of such a name that holds no job."""
    found = [path for path in folder.glob("*.json") if NUMBERED.fullmatch(path.stem)]
    for path in sorted(found):
        try:
            read_job(path)
        except BenchError as error:
            raise UsageError(
                f"{path} has the name of a job file but holds no job of this version of aebench; move it away, "
                "or name another folder with --emit"
            ) from error
    return sorted(found, key=lambda path: int(path.stem))
