"""Row 10: folders of awkward names, and a clock that goes back."""

import itertools
import time
from pathlib import Path

import pytest
from fault_matrix import Row
from inline import Run
from whole import Whole

from bench.tuning.study import MAX_PATH_LENGTH

ROW = "10 awkward folder names; clock set back"
pytestmark = pytest.mark.long
LONGEST_NAME = 255
LONG_PATH = 480
NAMES = {
    "spaces": "my last run",
    "letters": "Läufe/прогон/跑",
    "dash": "-run",
    "longest name": "n" * LONGEST_NAME,
    "marks": "50% a?b=c#d;e&f",
    "pattern": "[a]*{b}",
    "quotes": 'it\'s "so"',
    "line": "two\nlines",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_folder_of_any_name_holds_the_same_run(
    whole: Whole, row: Row, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    row.inject()
    for _ in range(2):
        code, said = run(name)
        assert (code, "Traceback" in said) == (0, False)
        assert whole.same(Path(name))
    assert (Path(name) / "optuna.db").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [Path(name).parts[0]]
    row.survive(lost=whole.lost(Path(name)))


def test_long_path_holds_the_same_run_and_a_longer_one_is_refused(
    whole: Whole, row: Row, run: Run, tmp_path: Path
) -> None:
    longest = tmp_path
    while len(str(longest)) < LONG_PATH:
        longest /= "f" * min(100, max(1, LONG_PATH - len(str(longest)) - 1))
    row.inject(2)
    assert run(longest)[0] == 0
    assert whole.same(longest)
    row.survive(lost=whole.lost(longest))
    code, said = run(longest / ("f" * 20))
    assert code == 1
    assert f"SQLite takes a path of at most {MAX_PATH_LENGTH} bytes; choose another" in said
    row.survive()


def test_clock_set_back_changes_nothing(
    whole: Whole, row: Row, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = itertools.count()
    row.inject()
    with monkeypatch.context() as patched:
        now = time.time()
        patched.setattr(time, "time", lambda: now - 3600 * next(hours))
        for _ in range(2):
            assert run(tmp_path / "run")[0] == 0
    assert next(hours) > 2
    assert whole.same(tmp_path / "run")
    row.survive(lost=whole.lost(tmp_path / "run"))
