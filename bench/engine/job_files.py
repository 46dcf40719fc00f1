"""Jobs as files, to be trained by `aebench unit`, on Slurm for instance; and the engine that writes them."""

import re
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.engine.protocol import Engine, Trained
from bench.engine.provenance import TrainingEnvironment, training_environment
from bench.io.errors import BenchError, UsageError
from bench.io.files import read_json, require_writable, write_json
from bench.io.validation import require, require_fields, validated
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.records import FinishedUnit, records_from_json, to_json, unit_from_json
from bench.records.rules import check_finished, check_unit

FIELDS = ("unit", "plan", "earlier", "run", "data", "source", "threads", "footing")
MAX_THREADS = 65_536
JOB_FILE_NAME = re.compile(r"[0-9]{4}|[1-9][0-9]{4,}")
"""Names of job files without `.json`: numbers of four digits, or of as many as it takes, for Slurm to count."""


@dataclass(frozen=True)
class DataSource:
    """Where the run's data lie; None for where this machine keeps them."""

    own_file: str | None = None
    data_dir: str | None = None

    @classmethod
    def at(cls, own_file: Path | None, data_dir: Path | None) -> "DataSource":
        """The same wherever a job is trained from on this machine."""
        return cls(*(str(path.absolute()) if path else None for path in (own_file, data_dir)))


@dataclass(frozen=True)
class JobFile:
    """A job, the run's folder that it is for, and what to train it with."""

    job: Job
    run: str
    data: str
    """The digest of the data set."""
    source: DataSource
    threads: int
    footing: TrainingEnvironment


def write_job(path: Path, file: JobFile) -> None:
    """Write the job for `read_job`, without its checkpoint."""
    job = file.job
    values = {
        "unit": to_json(job.unit),
        "plan": job.plan.as_json(),
        "earlier": [{"unit": to_json(unit), "records": to_json(records)} for unit, records in job.earlier],
        "run": file.run,
        "data": file.data,
        "source": asdict(file.source),
        "threads": file.threads,
        "footing": asdict(file.footing),
    }
    write_json(path, values)


def read_job(path: Path) -> JobFile:
    """The job in the file; UsageError where there is no file, BenchError where it is damaged or something else."""
    if not path.is_file():
        raise UsageError(f"no job in {path}; `aebench run --emit FOLDER` writes job files into FOLDER")
    values = read_json(path)
    try:
        return _job_file(values)
    except (ValueError, UsageError) as error:
        raise BenchError(
            f"{path} holds no job of this version of aebench ({error}); emit it again"
        ) from error


class EmitEngine(Engine):
    """Writes jobs instead of training them, numbered from 1."""

    def __init__(self, folder: Path, run: Path, source: DataSource, data: str, threads: int) -> None:
        """Job files of an earlier stage are removed; UsageError where one of them is something else.

        folder: of the job files; run: the run's own; data: the digest of its data set; threads: to train each job
        with.
        """
        require_writable(folder)
        for stale in job_files(folder):
            stale.unlink()
        self._folder, self._run, self._source = folder, str(run.absolute()), source
        self._data, self._threads = data, threads
        self._count = 0
        self.workers = 1

    def submit(self, job: Job) -> Future[Trained]:
        """Write the job; its future is cancelled: whoever needs the unit waits for another start of the run."""
        self._count += 1
        file = JobFile(
            job, self._run, self._data, self._source, self._threads, training_environment(job.plan)
        )
        write_job(self._folder / f"{self._count:04}.json", file)
        future: Future[Trained] = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future

    def close(self) -> None:
        """Nothing runs."""


def job_files(folder: Path) -> list[Path]:
    """The job files in the folder, by number; UsageError for a file of such a name that holds no job."""
    found = [path for path in folder.glob("*.json") if JOB_FILE_NAME.fullmatch(path.stem)]
    for path in sorted(found):
        try:
            read_job(path)
        except BenchError as error:
            raise UsageError(
                f"{path} has the name of a job file but holds no job of this version of aebench; move it away, "
                "or name another folder with --emit"
            ) from error
    return sorted(found, key=lambda path: int(path.stem))


def _job_file(values: dict[str, Any]) -> JobFile:
    require_fields(values, "the file", *FIELDS)
    unit, plan = unit_from_json(values["unit"]), Plan.from_json(values["plan"])
    check_unit(unit)
    require(isinstance(values["earlier"], list), "earlier", "a list", values["earlier"])
    job = Job(unit, plan, tuple(map(_finished, values["earlier"])))
    require(unit.variant in plan.variants, "unit.variant", "one of the plan's", unit.variant)
    require(unit.plan in {one.identity for one in plan.lineage}, "unit.plan", "the plan's id", unit.plan)
    for name in ("run", "data"):
        require(isinstance(values[name], str), name, "text", values[name])
    threads = values["threads"]
    few = type(threads) is int and 0 < threads <= MAX_THREADS
    require(few, "threads", f"a whole number of 1 to {MAX_THREADS:,}", threads)
    return JobFile(
        job=job,
        run=values["run"],
        data=values["data"],
        source=validated(DataSource, values["source"], "source"),
        threads=threads,
        footing=validated(TrainingEnvironment, values["footing"], "footing"),
    )


def _finished(values: Any) -> FinishedUnit:
    require(isinstance(values, dict), "earlier", "a list of objects", values)
    require_fields(values, "earlier", "unit", "records")
    unit, records = unit_from_json(values["unit"]), records_from_json(values["records"])
    check_finished(unit.id, unit, records)
    return unit, records
