"""Row 5: Ctrl-C and SIGTERM end a run soon, whole, and with all its processes."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fault_matrix import Row
from harness import PATIENCE_S, Running, records
from whole import Start, Whole, whole_run

ROW = "5 Ctrl-C once and twice, SIGTERM to the run and to its group"
pytestmark = pytest.mark.long
LONG_ENOUGH = ("--epochs", "40")
WITHIN_S = 10.0
"""A tenth of it where nothing else uses the machine."""


def _once(one: Running) -> None:
    one.signal_group(signal.SIGINT)


def _twice(one: Running) -> None:
    one.signal_group(signal.SIGINT)
    time.sleep(0.05)
    one.signal_group(signal.SIGINT)


def _told(one: Running) -> None:
    os.kill(one.pid, signal.SIGTERM)


def _all_told(one: Running) -> None:
    one.signal_group(signal.SIGTERM)


@pytest.fixture(scope="module")
def longer(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """An uninterrupted run that leaves time to interrupt it."""
    return whole_run(data, tmp_path_factory.mktemp("longer"), *LONG_ENOUGH)


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    ("end", "code"), [(_once, 130), (_twice, 130), (_told, 143), (_all_told, 143)],
    ids=["ctrl-c", "ctrl-c twice", "SIGTERM", "SIGTERM to all"],
)  # fmt: skip
def test_signal_ends_the_run_soon_and_whole(
    start: Start,
    longer: Whole,
    row: Row,
    tmp_path: Path,
    end: Callable[[Running], None],
    code: int,
    workers: str,
) -> None:
    out = tmp_path / "run"
    one = start(out, *LONG_ENOUGH, "--workers", workers)
    _wait_for_a_unit(one, out)
    row.inject()
    end(one)
    began = time.monotonic()
    assert one.ended(PATIENCE_S) == code, one.words()
    assert time.monotonic() - began < WITHIN_S
    assert one.all_gone()
    assert "go on with: aebench run" in one.words()
    assert "Traceback" not in one.words()
    assert records(out).items() < records(longer.folder).items()
    with closing(sqlite3.connect(out / "optuna.db")) as found:
        assert found.execute("select count(*) from trials where state = 'RUNNING'").fetchone() == (0,)
    assert start(out, *LONG_ENOUGH).ended() == 0
    assert longer.same(out)
    row.survive(lost=longer.lost(out))


def _wait_for_a_unit(one: Running, out: Path) -> None:
    """Until a unit is finished, and others are being trained."""
    until = time.monotonic() + PATIENCE_S
    while len(records(out)) < 3 and time.monotonic() < until:
        assert one.ended(0.05) is None
