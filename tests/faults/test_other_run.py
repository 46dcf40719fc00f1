"""Row 9: plan, code, package or data are others by the time a run is resumed."""

from pathlib import Path
from shutil import copy, copytree

import numpy as np
import pytest
from fault_matrix import Row
from inline import Run, remembering
from whole import Whole

from bench.run import manifest

ROW = "9 plan, code, package or data changed before the resume"
pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--epochs", "1"), "epochs: 2 there, 1 asked for"),
        (("--widths", "64,8"), "widths: [64, 16, 8] there, [64, 8] asked for"),
        (("--lr-high", "0.05"), "lr_high: 0.03 there, 0.05 asked for"),
    ],
)
def test_other_plan_is_refused_with_the_difference(
    whole: Whole, row: Row, run: Run, tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    _refused(whole, row, run, tmp_path, named, *options)


@pytest.mark.parametrize(
    ("fact", "value", "named"),
    [
        ("code_digest", "0" * 64, "code: "),
        ("versions", {"torch": "1.0", "optuna": "1.0", "numpy": "1.0", "scikit-learn": "1.0"}, "torch: "),
    ],
)
def test_other_code_or_package_is_refused_with_the_difference(
    whole: Whole, row: Row, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fact: str,
    value: object, named: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(manifest, fact, lambda *_: value)
    _refused(whole, row, run, tmp_path, named)


def test_other_images_under_the_same_name_are_refused(
    whole: Whole, row: Row, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(copy(data, tmp_path))
    arrays = dict(np.load(other))
    arrays["images"][0, 0, 0] += 1
    np.savez(other, **arrays)
    _refused(whole, row, remembering(monkeypatch, other), tmp_path, "data: ")


def _refused(whole: Whole, row: Row, run: Run, tmp_path: Path, named: str, *options: str) -> None:
    """The run is refused by the name of the difference, and not a byte of the folder is another."""
    out = copytree(whole.folder, tmp_path / "run")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    row.inject()
    code, said = run(out, *options)
    assert code == 2
    assert f"{out} holds another run ({named}" in said
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    row.survive()
