"""A job as a file, to be trained by hand: all that decides its numbers, and what they must be trained with."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.checked import checked, require
from bench.engine import Job
from bench.errors import BenchError, UsageError
from bench.files import read_json, write_json
from bench.footing import Footing
from bench.plan import Plan
from bench.record_rules import check_finished
from bench.records import Finished, records_from_json, to_json, unit_from_json


@dataclass(frozen=True)
class Source:
    """Where the run's data lie; None for where this machine keeps them."""

    own_file: str | None = None
    data_dir: str | None = None


@dataclass(frozen=True)
class JobFile:
    """A job, the run's folder that it is for, and what to train it with."""

    job: Job
    run: str
    data: str
    """The digest of the data set."""
    source: Source
    threads: int
    footing: Footing


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
    except (KeyError, ValueError, UsageError) as error:
        raise BenchError(
            f"{path} holds no job of this version of aebench ({error}); emit it again"
        ) from error


def _job_file(values: dict[str, Any]) -> JobFile:
    unit, plan = unit_from_json(values["unit"]), Plan.from_json(values["plan"])
    require(isinstance(values["earlier"], list), "earlier", "a list", values["earlier"])
    job = Job(unit, plan, tuple(map(_finished, values["earlier"])))
    require(unit.variant in plan.variants, "unit.variant", "one of the plan's", unit.variant)
    for name in ("run", "data"):
        require(isinstance(values[name], str), name, "text", values[name])
    threads = values["threads"]
    require(type(threads) is int and threads > 0, "threads", "a whole number of at least 1", threads)
    return JobFile(
        job=job,
        run=values["run"],
        data=values["data"],
        source=checked(Source, values["source"], "source"),
        threads=threads,
        footing=checked(Footing, values["footing"], "footing"),
    )


def _finished(values: Any) -> Finished:
    require(isinstance(values, dict), "earlier", "a list of objects", values)
    unit, records = unit_from_json(values["unit"]), records_from_json(values["records"])
    check_finished(unit.id, unit, records)
    return unit, records
