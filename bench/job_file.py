"""A job as a file, to be trained by hand: all that decides its numbers, and what they must be trained with."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.checked import checked, require, require_fields
from bench.engine import Job
from bench.errors import BenchError, UsageError
from bench.files import read_json, write_json
from bench.footing import Footing
from bench.plan import Plan
from bench.record_rules import check_finished, check_unit
from bench.records import Finished, records_from_json, to_json, unit_from_json

FIELDS = ("unit", "plan", "earlier", "run", "data", "source", "threads", "footing")
MOST_THREADS = 65_536


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
    except (ValueError, UsageError) as error:
        raise BenchError(
            f"{path} holds no job of this version of aebench ({error}); emit it again"
        ) from error


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
    few = type(threads) is int and 0 < threads <= MOST_THREADS
    require(few, "threads", f"a whole number of 1 to {MOST_THREADS:,}", threads)
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
    require_fields(values, "earlier", "unit", "records")
    unit, records = unit_from_json(values["unit"]), records_from_json(values["records"])
    check_finished(unit.id, unit, records)
    return unit, records
