"""Row 1: kill -9 of the whole process group, at any moment."""

import random
from pathlib import Path

import pytest
from fault_matrix import Row
from whole import Start, Whole

ROW = "1 kill -9 of the process group at a random moment"
pytestmark = pytest.mark.long
KILLS = 20
KILLS_LONG = 100
KILLS_WITH_WORKERS = 3


@pytest.mark.parametrize("kills", [KILLS, pytest.param(KILLS_LONG, marks=pytest.mark.long)])
def test_run_killed_at_random_moments_ends_with_the_same_tables(
    start: Start, whole: Whole, row: Row, tmp_path: Path, kills: int
) -> None:
    _kill(start, whole, row, tmp_path, kills, whole.seconds, seed=kills)


def test_run_killed_with_its_workers_ends_with_the_same_tables(
    start: Start, whole: Whole, row: Row, tmp_path: Path
) -> None:
    _kill(start, whole, row, tmp_path, KILLS_WITH_WORKERS, 4 * whole.seconds, 1, "--workers", "2")


def _kill(
    start: Start, whole: Whole, row: Row, folder: Path, kills: int, longest: float, seed: int, *more: str
) -> None:
    """Kill runs, each resumed until it ends by itself, until so many are killed."""
    moments, killed, runs = random.Random(seed), 0, 0
    while killed < kills:
        runs += 1
        before = killed
        out = folder / f"run{runs}"
        while killed < kills:
            one = start(out, *more)
            code = one.ended(moments.uniform(0, longest))
            if code is not None:
                break
            one.kill()
            killed += 1
            row.inject()
            assert one.all_gone()
        assert start(out, *more).ended() == 0
        assert whole.same(out)
        row.survive(killed - before, whole.lost(out))
