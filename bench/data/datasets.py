"""Data sets by name: fetched from the first source that has the real files, verified on every load, and cut."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.data.catalog import MNIST, Dataset, datasets_in_folder_of, find_dataset
from bench.data.split import Split, data_folder, split_parts
from bench.io.errors import BenchError
from bench.io.files import require_writable


def load_mnist(data_dir: Path | None = None, *, download: bool = True) -> Split:
    """The whole of MNIST from a data folder, fetched first if it is not there and `download`.

    Raises BenchError that names each altered file (it is never trained on), or says what to put where if
    files are missing and cannot be fetched.
    """
    if download and MNIST.missing(data_folder(data_dir)):
        fetch_dataset(MNIST.name, data_dir)
    return load_dataset(MNIST.name, data_dir)


def load_dataset(name: str, data_dir: Path | None = None) -> Split:
    """The whole of a data set; BenchError that names the files where some are missing, altered or damaged.

    The last twelfth of the training images is for validation: of MNIST's 60,000 the last 5,000.
    """
    dataset, folder = find_dataset(name), data_folder(data_dir)
    missing = _missing(dataset, folder)
    if missing:
        raise BenchError(f"missing: {', '.join(map(str, missing))}; run `aebench data --dataset {name}`")
    training, test, shape = dataset.read(dataset, folder)
    known = dataset.split_digest
    return split_parts(training, test, None if known else shape, str(dataset.raw(folder)), known)


def fetch_dataset(name: str, data_dir: Path | None = None) -> None:
    """Put what is missing of a data set into the data folder, from the first source whose files are the real ones.

    Raises BenchError where a file that is there is altered, or no source serves, with what to do by hand.
    """
    dataset, folder = find_dataset(name), data_folder(data_dir)
    _missing(dataset, folder)
    require_writable(folder)
    require_writable(dataset.raw(folder))
    failures = []
    for source in dataset.sources:
        with TemporaryDirectory(dir=folder, prefix=".fetch-") as temporary:
            try:
                source.fetch(dataset, Path(temporary))
                _admit(dataset, Path(temporary), folder)
                return
            except Exception as error:  # whatever ails one source, the next may do
                failures.append(f"{source.name}: {(str(error).strip() or repr(error)).splitlines()[-1]}")
    files = ", ".join(path.name for path in dataset.missing(folder))
    raise BenchError(
        f"{dataset.title} is not in {folder} and could not be fetched ({'; '.join(failures)}). Put the unpacked "
        f"files {files} into {dataset.raw(folder)}, or choose another folder with --data-dir or AEBENCH_DATA"
    )


def _missing(dataset: Dataset, folder: Path) -> list[Path]:
    """The files that are missing; BenchError that names those with any content but the real one."""
    found = dataset.states(folder)
    altered = [str(file.path) for file in found if file.state == "altered"]
    if altered:
        raise BenchError(
            f"not the real {dataset.title}, truncated or altered: {', '.join(altered)}; "
            f"delete it and run `aebench data --dataset {dataset.name}`"
        )
    return [file.path for file in found if file.state == "missing"]


def _admit(dataset: Dataset, fetched: Path, folder: Path) -> None:
    """Move the files that are missing, once all of the data set are seen to be the real ones.

    Of the others that came with them too.
    """
    wrong = [file.path.name for file in dataset.states(fetched) if file.state in ("missing", "altered")]
    if wrong:
        raise BenchError(f"unexpected content in {', '.join(wrong)}")
    for one in datasets_in_folder_of(dataset):
        for file in one.states(fetched):
            there = one.raw(folder) / file.path.name
            if file.state in ("ok", "there") and not there.is_file():
                file.path.replace(there)
