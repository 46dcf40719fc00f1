"""A run's folder keeps what is put there, and says what is wrong with it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_records import MANIFEST, MINE, RECORD, UNIT

from bench.data.split import Split
from bench.io.errors import BenchError, UsageError
from bench.io.files import read_json, require_writable, write_atomic, write_json
from bench.plan import Plan
from bench.run.lock import open_run
from bench.run.progress import Display
from bench.run.session import open_session
from bench.run.store import read_run

RECORDS = tuple(
    replace(RECORD, lr=member.lr, seed=member.seed, extra=member.extra, outcome=None)
    for member in UNIT.members
)


def test_records_come_back(folder: Path) -> None:
    with open_run(folder, MANIFEST) as run:
        assert run.get(UNIT) is None
        run.put(MINE, RECORDS)
    again = read_run(folder)
    assert again.get(MINE) == RECORDS
    assert again.units() == [(MINE, RECORDS)]
    assert again.plan == Plan()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"plan": Plan(trials=5).as_json()}, "trials: 6 there, 5 asked for"),
        ({"plan": Plan(seeds=9, batch_size=64).as_json()}, "batch_size: 128 there, 64 asked for"),
        ({"data": "other"}, "data: data there, other now"),
        ({"versions": {**MANIFEST["versions"], "torch": "2.0"}}, "torch: .* there, 2.0 now"),
        ({"code": "0123456789abcdef"}, "code: .* there, 0123456789ab now"),
    ],
)
def test_folder_of_another_run_is_refused_with_the_difference(
    folder: Path, change: dict[str, object], named: str
) -> None:
    with open_run(folder, MANIFEST):
        pass
    with pytest.raises(UsageError, match=named), open_run(folder, MANIFEST | change):
        pass


def test_another_machine_does_not_stand_in_the_way(folder: Path) -> None:
    with open_run(folder, MANIFEST):
        pass
    with open_run(folder, MANIFEST | {"machine": {}}) as run:
        assert run.manifest == MANIFEST


def test_records_without_their_manifest_are_not_mixed_with_others(folder: Path) -> None:
    with open_run(folder, MANIFEST) as run:
        run.put(UNIT, RECORDS)
    (folder / "manifest.json").unlink()
    with pytest.raises(UsageError, match="holds records but no manifest"), open_run(folder, MANIFEST):
        pass


def test_unit_of_another_plan_is_left_out(folder: Path) -> None:
    with open_run(folder, MANIFEST) as run:
        run.put(replace(UNIT, plan="another"), RECORDS)
        assert run.units() == []


def test_sound_units_are_read_past_damaged_ones_which_are_named(folder: Path) -> None:
    cut, foreign = (replace(MINE, epochs=epochs) for epochs in (7, 8))
    with open_run(folder, MANIFEST) as run:
        for unit in (MINE, cut, foreign):
            run.put(unit, RECORDS)
    (folder / "units" / f"{cut.id}.json").write_bytes(b"{")
    write_json(folder / "units" / f"{foreign.id}.json", {"unit": {}, "records": []})
    units, damaged = run.sound_units()
    assert units == [(MINE, RECORDS)]
    assert sum(f"{cut.id}.json is damaged" in str(line) for line in damaged) == 1
    assert sum(f"{foreign.id}.json does not hold what" in str(line) for line in damaged) == 1
    assert len(damaged) == 2
    (folder / "units" / f"{foreign.id}.json").unlink()
    with pytest.raises(BenchError, match=f"{cut.id}.json is damaged"):
        run.units()


def test_second_runner_is_refused_within_a_second_and_told_who_is_there(folder: Path) -> None:
    with open_run(folder, MANIFEST):
        began = time.monotonic()
        with (
            pytest.raises(
                BenchError, match=rf"another aebench is working in .*process {os.getpid()} on .*, since 2"
            ),
            open_run(folder, MANIFEST),
        ):
            pass
        assert time.monotonic() - began < 1
    assert not (folder / "holder.json").exists()


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"pid": "\x1b[2J"}'])
def test_second_runner_is_refused_whatever_the_sign_says(folder: Path, content: bytes | None) -> None:
    with open_run(folder, MANIFEST):
        sign = folder / "holder.json"
        sign.unlink()
        if content is not None:
            sign.write_bytes(content)
        with pytest.raises(BenchError, match="a process that left no name"), open_run(folder, MANIFEST):
            pass


def test_run_that_goes_on_reads_its_manifest_once(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_session(plan, folder, split, display, audited=False):
        pass
    read: list[Path] = []

    def remember(path: Path) -> dict[str, Any]:
        read.append(path)
        return read_json(path)

    monkeypatch.setattr("bench.run.store.read_json", remember)
    more = replace(plan, seeds=plan.seeds + 1)
    with open_session(more, folder, split, display, audited=False) as session:
        assert session.plan == replace(more, grown_from=plan)
    assert [path.name for path in read] == ["manifest.json", "baselines.json"]


def test_dead_holder_does_not_block(folder: Path) -> None:
    hold = (
        "import sys, time; from pathlib import Path; from filelock import FileLock\n"
        "from bench.run.lock import write_holder\n"
        "folder = Path(sys.argv[1]); folder.mkdir()\n"
        "lock = FileLock(folder / '.lock'); lock.acquire(); write_holder(folder)\n"
        "print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", hold, folder], stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(BenchError, match=f"process {other.pid} on"), open_run(folder, MANIFEST):
                pass
        finally:
            other.kill()
    with open_run(folder, MANIFEST) as run:
        assert run.plan == Plan()


def test_folder_that_cannot_be_written_is_found_out_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchError, match=r"cannot write to .*file/run: .*; choose another folder"):
        require_writable(tmp_path / "file" / "run")


def test_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run in"):
        read_run(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"a": 1, "digest": "0"}', b"\xff\xfe"])
def test_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "unit.json"
    path.write_bytes(content)
    with pytest.raises(BenchError, match=r"unit\.json is damaged"):
        read_json(path)


def test_changed_number_is_found(tmp_path: Path) -> None:
    path = tmp_path / "unit.json"
    write_json(path, {"valid_mse": 0.0671})
    path.write_text(path.read_text().replace("0.0671", "0.0571"))
    with pytest.raises(BenchError, match="its digest does not match"):
        read_json(path)


def test_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"old")
    monkeypatch.setattr("os.fsync", _full)
    with pytest.raises(BenchError, match=r"cannot write .*file: disk full"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_is_readable_and_ends_in_a_newline(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"b": 1, "a": [1, 2]})
    text = (tmp_path / "x.json").read_text()
    assert text.endswith("}\n")
    assert list(json.loads(text)) == ["a", "b", "digest"]


def _full(descriptor: int) -> None:
    raise OSError(f"disk full at {descriptor}")
