"""What `aebench data` does, and the images that other commands train on."""

from dataclasses import replace
from pathlib import Path

from bench.data import mnist
from bench.data.catalog import OTHERS, check_known
from bench.data.datasets import fetch, load
from bench.data.fit_plan import fitted, spread, too_few_steps
from bench.data.npz_images import load_own
from bench.data.split import Split, data_folder, subset
from bench.io.console import say, show_table
from bench.io.errors import BenchError
from bench.plan import Plan


def with_data(
    plan: Plan, own_file: Path | None, data_dir: Path | None, *, widths_given: bool, fetching: bool
) -> tuple[Plan, Split | None]:
    """The plan fitted to its data, and as much of them as it uses.

    None for MNIST, which every plan fits, and where files are missing and are not to be fetched.
    """
    if own_file is not None:
        plan, split = replace(plan, dataset=own_file.name), load_own(own_file)
    elif plan.dataset == "mnist" or (OTHERS[plan.dataset].missing(data_folder(data_dir)) and not fetching):
        return plan, None
    else:
        fetch_missing(plan.dataset, data_dir)
        split = load(plan.dataset, data_dir)
    plan = fitted(plan, split, widths_given=widths_given)
    return plan, spread(split, plan)


def tell_few_steps(plan: Plan, *, confirming: bool) -> None:
    """Print a line where data other than MNIST give the plan's models few steps; see `too_few_steps`."""
    line = "" if plan.dataset == "mnist" else too_few_steps(plan, confirming=confirming)
    if line:
        say(line)


def show_dataset(name: str, data_dir: Path | None) -> None:
    """Print which files of a data set other than MNIST are there, fetch what is missing, count the images."""
    check_known(name)
    if OTHERS[name].missing(data_folder(data_dir)):
        _show_files(name, data_dir)
        fetch_missing(name, data_dir)
    _show_files(name, data_dir)
    split = load(name, data_dir)
    counts = (len(part) for part in (split.train, split.valid, split.test))
    say("{:,} training, {:,} validation, {:,} test images".format(*counts))


def fetch_missing(name: str, data_dir: Path | None) -> None:
    """Fetch the data set, MNIST or another, if files of it are missing, and say so."""
    folder = data_folder(data_dir)
    if name == "mnist":
        if mnist.missing(data_dir):
            say(f"fetching MNIST into {folder} ...")
            mnist.load_mnist(data_dir)
    elif OTHERS[name].missing(folder):
        say(f"fetching {name} into {folder} ...")
        fetch(name, data_dir)


def _show_files(name: str, data_dir: Path | None) -> None:
    dataset, folder = OTHERS[name], data_folder(data_dir)
    missing = dataset.missing(folder)
    rows = [
        [path.name, "0", "missing"] if path in missing else [path.name, f"{path.stat().st_size:,}", "there"]
        for path in dataset.files(folder)
    ]
    say(f"{dataset.raw_folder(folder)}:")
    show_table(["file", "bytes", "state"], rows)


def load_split(plan: Plan, data_dir: Path | None) -> Split:
    """MNIST, as much of it as the plan uses; fetched if it is not there."""
    fetch_missing("mnist", data_dir)
    split = mnist.load_mnist(data_dir)
    return subset(split, plan.train_images, plan.valid_images, plan.test_images)


def show_data(data_dir: Path | None) -> None:
    """Print which files are there; fetch what is missing."""
    fetch_missing("mnist", data_dir)
    files = mnist.describe(data_dir)
    show_table(["file", "bytes", "state"], [[str(file.path), f"{file.size:,}", file.state] for file in files])
    altered = [str(file.path) for file in files if file.state == "altered"]
    if altered:
        raise BenchError(f"not the real MNIST: {', '.join(altered)}; delete it and run `aebench data` again")
    split = mnist.load_mnist(data_dir, download=False)
    counts = (len(part.labels) for part in (split.train, split.valid, split.test))
    say("{:,} training, {:,} validation, {:,} test images".format(*counts))
