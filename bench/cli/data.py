"""What `aebench data` does, and the images that other commands train on."""

from dataclasses import replace
from pathlib import Path

from bench.data.catalog import Dataset, find_dataset
from bench.data.datasets import fetch_dataset, load_dataset
from bench.data.fit_plan import check_widths, fit_to_data, plan_part, too_few_steps
from bench.data.npz_images import load_archive
from bench.data.split import Split, data_folder
from bench.io.console import say, show_table
from bench.plan import Plan


def with_data(
    plan: Plan, own_file: Path | None, data_dir: Path | None, *, widths_given: bool = True
) -> tuple[Plan, Split]:
    """The plan fitted to its data, and as much of them as it uses; a data set that is not there is fetched.

    own_file: one's own images, in place of the data set that the plan names.
    """
    if own_file is not None:
        plan, split, first = replace(plan, dataset=own_file.name), load_archive(own_file), False
    else:
        dataset = _dataset(plan, widths_given)
        fetch_missing(dataset, data_dir)
        split, first = load_dataset(dataset.name, data_dir), dataset.first
    plan = fit_to_data(plan, split, widths_given=widths_given)
    return plan, plan_part(split, plan, first=first)


def without_fetching(plan: Plan, own_file: Path | None, data_dir: Path | None, *, widths_given: bool) -> Plan:
    """The plan as it would be trained, fitted to its data where they are there."""
    if own_file is None and _dataset(plan, widths_given).missing(data_folder(data_dir)):
        return plan
    return with_data(plan, own_file, data_dir, widths_given=widths_given)[0]


def fetch_missing(dataset: Dataset, data_dir: Path | None) -> None:
    """Fetch the data set if files of it are missing, and say so."""
    folder = data_folder(data_dir)
    if dataset.missing(folder):
        say(f"fetching {dataset.title} into {folder} ...")
        fetch_dataset(dataset.name, data_dir)


def tell_few_steps(plan: Plan, *, confirming: bool) -> None:
    """Print a line where data other than MNIST give the plan's models few steps; see `too_few_steps`."""
    line = "" if plan.dataset == "mnist" else too_few_steps(plan, confirming=confirming)
    if line:
        say(line)


def show_data(name: str, data_dir: Path | None) -> None:
    """Print which files of a data set are there and whether they are the real ones, fetch what is missing, count."""
    dataset, folder = find_dataset(name), data_folder(data_dir)
    if dataset.missing(folder):
        _show_files(dataset, folder)
        fetch_missing(dataset, data_dir)
    _show_files(dataset, folder)
    split = load_dataset(name, data_dir)
    counts = map(len, (split.train, split.valid, split.test))
    say("{:,} training, {:,} validation, {:,} test images".format(*counts))


def _dataset(plan: Plan, widths_given: bool) -> Dataset:
    """The data set that the plan names; UsageError where its images do not have the widths given."""
    dataset = find_dataset(plan.dataset)
    if widths_given:
        check_widths(plan, dataset.pixels)
    return dataset


def _show_files(dataset: Dataset, folder: Path) -> None:
    say(f"{dataset.raw(folder)}:")
    rows = [[file.path.name, f"{file.size:,}", file.state] for file in dataset.states(folder)]
    show_table(["file", "bytes", "state"], rows)
