"""Verifying a run names every file that is changed, cut short, missing or foreign, and no other."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from finished_run import UNSEALED, cut, flip
from repository import ROOT

from bench.cli.status import run_verify
from bench.io.errors import BenchError, UsageError
from bench.io.files import read_json, write_json
from bench.run.store import read_run
from bench.run.verify import verify


def test_run_is_as_it_was_left(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = verify(copied)
    assert (found.faults, found.notes) == ((), ())
    run_verify(copied)
    assert capsys.readouterr().out.endswith(f"{found.files} files, all as the run left them\n")


@pytest.mark.parametrize("spoil", [cut, flip, Path.unlink], ids=["cut", "flipped", "deleted"])
def test_every_file_that_is_spoilt_is_named_alone(copied: Path, spoil: Callable[[Path], None]) -> None:
    paths = [path for path in copied.rglob("*") if path.is_file() and path.name not in UNSEALED]
    assert len(paths) > 30
    for path in paths:
        if spoil is Path.unlink and path.relative_to(copied).as_posix() in (
            "models/SHA256SUMS",
            "manifest.json",
        ):
            continue
        content = path.read_bytes()
        spoil(path)
        name = path.relative_to(copied).as_posix()
        assert [fault.split()[0] for fault in verify(copied).faults] == [name]
        path.write_bytes(content)
    assert not verify(copied).faults


@pytest.mark.parametrize("line", ["../x", "/etc/passwd", "a\\b", "", "report.md"])
def test_list_that_leads_elsewhere_or_names_a_file_twice_is_refused(copied: Path, line: str) -> None:
    path = copied / "SHA256SUMS"
    body = path.read_text().partition("\n")[2] + f"{'0' * 64}  {line}\n"
    path.write_text(f"# {sha256(body.encode()).hexdigest()} of the lines below\n{body}")
    (fault,) = verify(copied).faults
    assert fault.startswith(
        ("SHA256SUMS is not a list of digests (a line reads", "SHA256SUMS lists a file twice")
    )


def test_every_file_that_is_renamed_is_missing_and_a_stranger(copied: Path) -> None:
    paths = [path for path in copied.rglob("*") if path.is_file() and path.name not in UNSEALED]
    for path in paths:
        if path.name in ("SHA256SUMS", "manifest.json"):
            continue
        other = path.with_name(f"{path.stem}-1{path.suffix}")
        path.rename(other)
        faults = [fault.partition(" ")[::2] for fault in verify(copied).faults]
        names = [one.relative_to(copied).as_posix() for one in (path, other)]
        assert sorted(faults) == sorted(zip(names, ("is missing", "is not part of a run"), strict=True))
        other.rename(path)


def test_records_under_each_others_names_are_both_named(copied: Path) -> None:
    one, other = sorted((copied / "units").glob("[0-9a-f]" * 64 + ".json"))[:2]
    contents = one.read_bytes(), other.read_bytes()
    other.write_bytes(contents[0])
    one.write_bytes(contents[1])
    faults = verify(copied).faults
    assert [fault.split()[0] for fault in faults] == [f"units/{path.name}" for path in (one, other)]
    assert all("the one of the file's name" in fault for fault in faults)


def test_foreign_files_links_and_leftovers_are_told_apart(copied: Path, tmp_path: Path) -> None:
    (copied / "notes.txt").write_text("mine")
    (copied / "tables" / "extra.csv").write_text("a,b\n")
    (copied / "units" / f"{'0' * 64}.json").symlink_to(tmp_path)
    (copied / "units" / f".{'0' * 64}.json.123.tmp").write_bytes(b"half")
    found = verify(copied)
    assert found.faults == (
        "notes.txt is not part of a run",
        "tables/extra.csv is not part of a run",
        f"units/{'0' * 64}.json is not a regular file",
    )
    (note,) = found.notes
    assert note.startswith(f"units/.{'0' * 64}.json.123.tmp is left over from a write that was cut short")


@pytest.mark.parametrize("name", ["SHA256SUMS", "models/SHA256SUMS", "report.md", "units/audit.json"])
@pytest.mark.parametrize(
    "put", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "endless"]
)
def test_what_has_no_end_is_named_and_not_read(copied: Path, name: str, put: Callable[[Path], None]) -> None:
    (copied / name).unlink()
    put(copied / name)
    assert verify(copied).faults == (f"{name} is not a regular file",)


def test_record_forged_with_a_right_digest_is_named(copied: Path) -> None:
    unit, _ = next(pair for pair in read_run(copied).units() if pair[0].stage == "confirm")
    path = copied / "units" / f"{unit.id}.json"
    content = read_json(path)
    content["records"][0]["outcome"]["test"]["mse"] *= 0.9
    write_json(path, content)
    (fault,) = verify(copied).faults
    assert fault.startswith(f"units/{unit.id}.json has changed since the report was made; delete it")


def test_record_of_another_plan_is_named(copied: Path) -> None:
    unit, records = next(iter(read_run(copied).units()))
    other = replace(unit, plan="0" * 64)
    read_run(copied).put(other, records)
    assert verify(copied).faults == (f"units/{other.id}.json holds a unit of another plan; move it away",)


def test_damage_is_exit_code_1_and_no_run_exit_code_2(copied: Path, tmp_path: Path) -> None:
    (copied / "report.md").unlink()
    with pytest.raises(BenchError, match=r"not as the run left it: 1 file in ") as failed:
        run_verify(copied)
    assert failed.value.exit_code == 1
    with pytest.raises(UsageError, match="no run in"):
        verify(tmp_path)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_sha256sum_reads_the_list(copied: Path) -> None:
    for folder in (copied, copied / "models"):
        subprocess.run(["sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, check=True)


@pytest.mark.parametrize("name", ["reference", "reference-quick"])
def test_committed_run_is_as_it_was_left(name: str) -> None:
    assert verify(ROOT / "results" / name).faults == ()
