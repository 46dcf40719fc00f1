"""Verifying a run names every file that is changed, cut short, missing or foreign, and no other."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from rich.console import Console

from bench import ablation
from bench.data import Split
from bench.display import Display
from bench.errors import BenchError, UsageError
from bench.files import read_json, write_json
from bench.plan import Plan
from bench.publish import publish
from bench.store import read_run
from bench.verify import verify
from bench.verify_command import run_verify

PLAN = Plan(
    variants=("plain", "tied"), widths=(784, 12, 6), batch_size=64, trials=2, tune_epochs=1, epochs=1,
    seeds=2, train_images=600, valid_images=100, test_images=200,
)  # fmt: skip
UNSEALED = (".lock", "optuna.db", "timings.csv")
"""Nothing stands or falls with them."""


@pytest.fixture(scope="module")
def finished(split: Split, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run with its report."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    ablation.run(PLAN, folder, split, Display(Console(quiet=True)))
    publish(folder)
    return folder


@pytest.fixture
def run(finished: Path, folder: Path) -> Path:
    """A copy of it to spoil."""
    shutil.copytree(finished, folder)
    return folder


def test_run_is_as_it_was_left(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = verify(run)
    assert (found.faults, found.notes) == ((), ())
    run_verify(run)
    assert capsys.readouterr().out.endswith(f"{found.files} files, all as the run left them\n")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("spoil", [_cut, _flip, Path.unlink], ids=["cut", "flipped", "deleted"])
def test_every_file_that_is_spoilt_is_named_alone(run: Path, spoil: Callable[[Path], None]) -> None:
    paths = [path for path in run.rglob("*") if path.is_file() and path.name not in UNSEALED]
    assert len(paths) > 30
    for path in paths:
        if spoil is Path.unlink and path.name in ("SHA256SUMS", "manifest.json"):
            continue
        content = path.read_bytes()
        spoil(path)
        name = path.relative_to(run).as_posix()
        assert [fault.split()[0] for fault in verify(run).faults] == [name]
        path.write_bytes(content)
    assert not verify(run).faults


@pytest.mark.parametrize("line", ["../x", "/etc/passwd", "a\\b", "", "report.md"])
def test_list_that_leads_elsewhere_or_names_a_file_twice_is_refused(run: Path, line: str) -> None:
    path = run / "SHA256SUMS"
    body = path.read_text().partition("\n")[2] + f"{'0' * 64}  {line}\n"
    path.write_text(f"# {sha256(body.encode()).hexdigest()} of the lines below\n{body}")
    (fault,) = verify(run).faults
    assert fault.startswith(
        ("SHA256SUMS is no list of digests (a line reads", "SHA256SUMS lists a file twice")
    )


def test_foreign_files_links_and_leftovers_are_told_apart(run: Path, tmp_path: Path) -> None:
    (run / "notes.txt").write_text("mine")
    (run / "tables" / "extra.csv").write_text("a,b\n")
    (run / "units" / f"{'0' * 64}.json").symlink_to(tmp_path)
    (run / "units" / f".{'0' * 64}.json.123.tmp").write_bytes(b"half")
    found = verify(run)
    assert found.faults == (
        "notes.txt is nothing that a run leaves",
        "tables/extra.csv was not there when the report was made",
        f"units/{'0' * 64}.json is no plain file",
    )
    assert found.notes == (f"units/.{'0' * 64}.json.123.tmp is left over from a write that was cut short",)


def test_record_forged_with_a_right_digest_is_named(run: Path) -> None:
    unit, _ = next(pair for pair in read_run(run).units() if pair[0].stage == "confirm")
    path = run / "units" / f"{unit.id}.json"
    content = read_json(path)
    content["records"][0]["outcome"]["test"]["mse"] *= 0.9
    write_json(path, content)
    assert verify(run).faults == (f"units/{unit.id}.json is not as it was when the report was made",)


def test_record_of_another_plan_is_named(run: Path) -> None:
    unit, records = next(iter(read_run(run).units()))
    other = replace(unit, plan="0" * 64)
    read_run(run).put(other, records)
    assert verify(run).faults == (f"units/{other.id}.json holds a unit of another plan; move it away",)


def test_records_that_came_after_the_report_are_no_fault(run: Path) -> None:
    unit, records = next(iter(read_run(run).units()))
    read_run(run).put(replace(unit, epochs=unit.epochs + 1), records)
    found = verify(run)
    assert found.faults == ()
    assert found.notes == ("1 records are not in the report yet; `aebench report` takes them in",)


def test_run_without_report_is_verified_by_its_records(run: Path) -> None:
    for path in (run / "SHA256SUMS", run / "models" / "SHA256SUMS"):
        path.unlink()
    found = verify(run)
    assert found.faults == ()
    assert "no report was made yet" in found.notes[0]
    _flip(next((run / "units").glob("*.json")))
    assert len(verify(run).faults) == 1


def test_models_that_were_left_out_are_no_fault(run: Path) -> None:
    shutil.rmtree(run / "models")
    assert verify(run).faults == ()


def test_damage_is_exit_code_1_and_no_run_exit_code_2(run: Path, tmp_path: Path) -> None:
    (run / "report.md").unlink()
    with pytest.raises(BenchError, match=r"1 of the files in .* is not as the run left it") as failed:
        run_verify(run)
    assert failed.value.exit_code == 1
    with pytest.raises(UsageError, match="no run in"):
        verify(tmp_path)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_sha256sum_reads_the_list(run: Path) -> None:
    for folder in (run, run / "models"):
        subprocess.run(["sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, check=True)


def test_committed_run_is_as_it_was_left() -> None:
    assert verify(Path(__file__).parents[1] / "results" / "reference-quick").faults == ()
