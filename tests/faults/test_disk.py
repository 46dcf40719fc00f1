"""Row 4: the disk is full, or the folder may not be written."""

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shutil import copytree

import pytest
from disk import as_nobody, files_of_at_most, open_to_nobody
from fault_matrix import Row
from harness import Running, records
from whole import Start, Whole

ROW = "4 disk full; folder that may not be written"
pytestmark = pytest.mark.long
LARGEST_FILES = (600, 2_000, 3_500, 30_000)
"""Bytes: too few for the manifest, for the reference lines, for a confirmed unit, for the study."""
DISKS = ("16k", "48k", "140k", "180k")


@pytest.mark.parametrize("size", LARGEST_FILES)
def test_file_that_cannot_grow_is_one_line_and_the_run_goes_on_later(
    start: Start, whole: Whole, row: Row, tmp_path: Path, size: int
) -> None:
    row.inject()
    _fails_in_one_line(start(tmp_path / "run", fault=partial(files_of_at_most, size)))
    _goes_on(start, whole, row, tmp_path / "run")


@pytest.mark.parametrize("size", DISKS)
def test_full_disk_is_one_line_and_the_run_goes_on_later(
    start: Start, whole: Whole, row: Row, disk: Path, size: str
) -> None:
    row.inject()
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)
    _fails_in_one_line(start(disk / "run"))
    subprocess.run(["mount", "-o", "remount,size=16m", disk], check=True)
    _goes_on(start, whole, row, disk / "run")


def test_disk_that_is_mounted_to_be_read_only_is_one_line(
    start: Start, whole: Whole, row: Row, disk: Path
) -> None:
    row.inject()
    subprocess.run(["mount", "-o", "remount,size=16m", disk], check=True)
    copytree(whole.folder, disk / "run")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    _fails_in_one_line(start(disk / "run"))
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    _goes_on(start, whole, row, disk / "run")


def test_disk_that_becomes_read_only_midway_is_one_line(
    start: Start, whole: Whole, row: Row, disk: Path
) -> None:
    out = disk / "run"
    subprocess.run(["mount", "-o", "remount,size=16m", disk], check=True)
    one = start(out)
    while len(records(out)) < 3:
        assert one.ended(0.01) is None
    if subprocess.run(["mount", "-o", "remount,ro", disk], capture_output=True).returncode:
        pytest.skip("this system makes no disk read-only while a file on it is open")
    row.inject()
    _fails_in_one_line(one)
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    _goes_on(start, whole, row, out)


@pytest.mark.parametrize("locked", [".", "units", "tables", "models"])
def test_folder_that_may_not_be_written_is_one_line(
    start: Start, whole: Whole, row: Row, data: Path, tmp_path: Path, locked: str
) -> None:
    row.inject()
    out = copytree(whole.folder, tmp_path / "run")
    lost = next(path for path in (out / "units").iterdir() if '"confirm"' in path.read_text())
    lost.unlink()
    for path in (out / "models").iterdir():
        path.unlink()
    for path in [out, *out.rglob("*")]:
        path.chmod(0o777)
    (out / locked).chmod(0o555)
    open_to_nobody(data.parent)
    open_to_nobody(tmp_path)
    (out.parent / "said0").touch(0o666)
    _fails_in_one_line(start(out, fault=as_nobody))
    (out / locked).chmod(0o777)
    _goes_on(start, whole, row, out)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.getuid()
        or subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True).returncode
    ):
        pytest.skip("no file system may be mounted here")
    yield folder
    # Lazily: a process of the run may take a moment more to be gone.
    subprocess.run(["umount", "--lazy", folder], check=True)


def _fails_in_one_line(one: Running) -> None:
    assert one.ended() == 1
    said = one.words()
    assert "Traceback" not in said
    assert [line.startswith("aebench: cannot ") for line in said.splitlines()][-1:] == [True]
    assert said.count("aebench: ") == 1


def _goes_on(start: Start, whole: Whole, row: Row, out: Path) -> None:
    """What was there is whole, and the next run ends as it would have."""
    assert records(out).items() <= records(whole.folder).items()
    assert start(out).ended() == 0
    assert whole.same(out)
    row.survive(lost=whole.lost(out))
