"""Row 8: the Optuna database is gone, empty or garbage."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copytree

import pytest
from fault_matrix import Row
from inline import Run
from whole import Whole

ROW = "8 Optuna database deleted, emptied or garbage"
pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    "harm",
    [
        Path.unlink,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(random.Random(8).randbytes(100_000)),
        lambda path: path.with_name("optuna.db-journal").write_bytes(b"a journal of another file"),
    ],
    ids=["deleted", "emptied", "garbage", "journal"],
)
def test_study_is_made_again_from_the_records(
    whole: Whole, row: Row, run: Run, tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    out = copytree(whole.folder, tmp_path / "run")
    row.inject()
    harm(out / "optuna.db")
    assert run(out)[0] == 0
    assert whole.same(out)
    with closing(sqlite3.connect(out / "optuna.db")) as found:
        assert found.execute("select state, count(*) from trials group by state").fetchall() == [
            ("COMPLETE", 4)
        ]
    row.survive(lost=whole.lost(out))


def test_folder_in_the_study_s_place_is_named(whole: Whole, row: Row, run: Run, tmp_path: Path) -> None:
    out = copytree(whole.folder, tmp_path / "run")
    row.inject()
    (out / "optuna.db").unlink()
    (out / "optuna.db").mkdir()
    code, said = run(out)
    assert code == 1
    assert f"cannot write {out / 'optuna.db'}: Is a directory" in said
    row.survive(lost=whole.lost(out))
