"""What `aebench unit` does: train one unit by hand and leave the outcome where the run takes it."""

from pathlib import Path

from bench.by_hand import the_same_data, train_here
from bench.commands import resolve_device
from bench.data import Split
from bench.engine import Job
from bench.errors import UsageError
from bench.files import claim
from bench.footing import check_footing
from bench.handed_in import FOLDER, checkpoint, hand_in, handed_in
from bench.job_file import JobFile, read_job
from bench.screen import say
from bench.store import read_run


def run_unit(path: Path, out: Path | None, own_file: Path | None, data_dir: Path | None) -> None:
    """Train the job in the file, unless that is done, from its checkpoint on if it was interrupted.

    out: where the outcome goes, else into the run's folder; own_file, data_dir: where the data lie, if not where
    they lay for the run. Raises BenchError where code, packages or data are not the run's.
    """
    file = read_job(path)
    unit = file.job.unit
    check_footing(file.job.plan, file.footing, "this machine")
    resolve_device(file.job.plan.device)
    folder = out or _run_folder(file) / FOLDER
    if handed_in(folder, unit) or (out is None and read_run(Path(file.run)).get(unit)):
        say(f"{path} is trained already")
        return
    split = _split(file, own_file, data_dir)
    claim(folder)
    half = checkpoint(folder, unit)
    job = Job(unit, file.job.plan, file.job.earlier, half)
    left = hand_in(folder, unit, train_here(job, split, file.threads))
    half.unlink(missing_ok=True)
    say(f"outcome {left}")


def _run_folder(file: JobFile) -> Path:
    folder = Path(file.run)
    if not (folder / "manifest.json").exists():
        raise UsageError(
            f"there is no run in {folder} on this machine; give --out FOLDER, and copy what is in it to "
            f"{folder / FOLDER} where the run is"
        )
    return folder


def _split(file: JobFile, own_file: Path | None, data_dir: Path | None) -> Split:
    """The run's data, where they lay for it if no other place is given; BenchError where those there are others."""
    named, source = file.source.own_file, file.source.data_dir
    own_file = own_file or (Path(named) if named else None)
    data_dir = data_dir or (Path(source) if source else None)
    return the_same_data(file.job.plan, file.data, own_file, data_dir)
