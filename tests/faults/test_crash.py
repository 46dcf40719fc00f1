"""Row 2: the process ends exactly before or after a write, an fsync or a rename."""

from functools import partial
from pathlib import Path
from shutil import copytree

import pytest
from crash import CODE, POINTS, crash_once_everywhere
from fault_matrix import Row
from harness import records
from whole import Start, Whole

ROW = "2 crash before and after every write, fsync and rename"
pytestmark = pytest.mark.long
STORE = ("manifest.json", "units", "models")


def test_crash_at_any_point_of_the_store_loses_nothing(
    start: Start, whole: Whole, row: Row, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    points = _crash(start, whole, row, tmp_path / "run", STORE)
    written = {path for path in whole.folder.rglob("*") if path.suffix in (".json", ".safetensors")}
    assert len(points) == POINTS * len(written)


@pytest.mark.long
def test_crash_at_any_point_of_the_tables_loses_nothing(
    start: Start, whole: Whole, row: Row, tmp_path: Path
) -> None:
    copytree(whole.folder, tmp_path / "run")
    points = _crash(start, whole, row, tmp_path / "run", ("tables",))
    assert len(points) == POINTS * len(whole.tables)


def _crash(start: Start, whole: Whole, row: Row, base: Path, inside: tuple[str, ...]) -> list[str]:
    """Crash once at every point, each crash leaving whole records only; resume, and compare at the end.

    A crash past the renaming leaves a file that is not written again: points beyond it are met in another folder.
    """
    done, expected = base.parent / "done", records(whole.folder)
    done.touch()
    before = -1
    while before < (before := len(done.read_text().splitlines())):
        out = copytree(base, base.with_name(f"run{before}"))
        while (code := start(out, fault=partial(crash_once_everywhere, done, inside)).ended()) == CODE:
            assert records(out).items() <= expected.items()
        assert code == 0
        assert whole.same(out)
        injected = len(done.read_text().splitlines()) - before
        row.inject(injected)
        row.survive(injected, whole.lost(out))
    return done.read_text().splitlines()
