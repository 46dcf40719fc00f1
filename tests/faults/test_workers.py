"""Row 12: so many workers, or none."""

from pathlib import Path

import pytest
from fault_matrix import Row
from whole import Start, Whole

ROW = "12 one, two or three workers instead of none"
pytestmark = pytest.mark.long


@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_any_number_of_workers_gives_the_same_bytes(
    start: Start, whole: Whole, row: Row, tmp_path: Path, workers: str
) -> None:
    row.inject()
    assert start(tmp_path / "run", "--workers", workers).ended() == 0
    assert whole.same(tmp_path / "run")
    row.survive(lost=whole.lost(tmp_path / "run"))
