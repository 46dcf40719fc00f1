"""Row 3: a stored file is cut short or a bit of it turns; never a table that is silently another."""

from pathlib import Path
from shutil import copytree

import pytest
from damage import PLACES, damages
from fault_matrix import Row
from inline import Run
from whole import Whole

from bench.data.split import Split
from bench.io.errors import BenchError
from bench.plan import Plan
from bench.records.records import Member, Unit
from bench.training.checkpoint import Checkpoint
from bench.training.model_files import load_model, model_facts
from bench.training.train import train
from variants import registry

ROW = "3 stored file cut short, or one bit turned"
pytestmark = pytest.mark.long
EVERY = 8
"""Which of the damages to all files at once the short form takes."""
STORED = ("units/*.json", "models/*", "optuna.db")
"""All but the manifest, which alone says what the rest belongs to."""


def test_damaged_manifest_is_refused_by_name(whole: Whole, row: Row, run: Run, tmp_path: Path) -> None:
    out = copytree(whole.folder, tmp_path / "run")
    path = out / "manifest.json"
    for damaged in damages(path.read_bytes(), path.name):
        row.inject()
        path.write_bytes(damaged)
        code, said = run(out)
        if code == 0:
            # Only the last newline is gone, or an exponent's e is an E.
            assert whole.same(out)
        else:
            assert (code, "Traceback" in said) == (1, False)
            assert f"{path} is damaged" in said
        row.survive()


@pytest.mark.parametrize("step", [EVERY, pytest.param(1, marks=pytest.mark.long)])
def test_what_else_is_damaged_is_made_again(
    whole: Whole, row: Row, run: Run, tmp_path: Path, step: int
) -> None:
    out = copytree(whole.folder, tmp_path / "run")
    names = sorted(path for pattern in STORED for path in out.glob(pattern))
    assert len(names) == 12
    sound = {path: path.read_bytes() for path in names}
    models = {path: model_facts(path) for path in names if path.suffix == ".safetensors"}
    damaged = {path: damages(content, path.name) for path, content in sound.items()}
    for place in range(0, 2 * PLACES, step):
        row.inject(len(names))
        for path in names:
            path.write_bytes(damaged[path][place])
        assert run(out)[0] == 0
        assert whole.same(out)
        # The facts in a model's header stand in no order.
        assert {path: model_facts(path) for path in models} == models
        row.survive(len(names), whole.lost(out))


def test_damaged_model_is_never_loaded(whole: Whole, row: Row, tmp_path: Path) -> None:
    content = (whole.folder / "models" / "plain.safetensors").read_bytes()
    path = tmp_path / "plain.safetensors"
    for damaged in damages(content, "load"):
        row.inject()
        path.write_bytes(damaged)
        with pytest.raises(BenchError, match=r"plain\.safetensors"):
            load_model(path)
        row.survive()


def test_damaged_checkpoint_counts_as_none(plan: Plan, split: Split, row: Row, tmp_path: Path) -> None:
    unit = Unit(plan.identity, "plain", "confirm", (Member(1e-2, 0),), 1)
    path = tmp_path / "checkpoint.safetensors"
    train(unit, registry()["plain"], plan, split, checkpoint=Checkpoint(path, unit.id, seconds_between=0))
    for damaged in damages(path.read_bytes(), "checkpoint"):
        row.inject()
        path.write_bytes(damaged)
        assert Checkpoint(path, unit.id).load() is None
        row.survive()
