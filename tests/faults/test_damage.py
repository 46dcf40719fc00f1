"""Row 3: a stored file is cut short or a bit of it turns; never a table that is silently another."""

from pathlib import Path
from shutil import copytree

import pytest
from conftest import Whole
from damage import PLACES, damages
from inline import Run
from matrix import Row

from bench.checkpoint import Checkpoint
from bench.data import Split
from bench.errors import BenchError
from bench.models import load_model
from bench.plan import Plan
from bench.population import Member
from bench.records import Unit
from bench.store import NO_UNITS
from bench.train import Observer, train
from variants import registry

ROW = "3 stored file cut short, or one bit turned"
EVERY = 8
"""Which of the damages to all files at once the short form takes."""
NAMED = ("manifest.json", *(f"units/{name}.json" for name in NO_UNITS))
"""What a run does not make anew by itself."""


@pytest.mark.parametrize("name", NAMED)
def test_damage_to_what_only_a_person_may_remove_is_refused_by_name(
    whole: Whole, row: Row, run: Run, tmp_path: Path, name: str
) -> None:
    out = copytree(whole.folder, tmp_path / "run")
    content = (out / name).read_bytes()
    for damaged in damages(content, name):
        row.inject()
        (out / name).write_bytes(damaged)
        code, said = run(out)
        if code == 0:
            # A trailing newline is gone, or an exponent's e is an E.
            assert whole.same(out)
        else:
            assert code == 1
            assert f"{out / name} is damaged" in said
            assert "Traceback" not in said
        row.survive()


@pytest.mark.parametrize("step", [EVERY, pytest.param(1, marks=pytest.mark.long)])
def test_damaged_units_models_and_studies_are_made_again(
    whole: Whole, row: Row, run: Run, tmp_path: Path, step: int
) -> None:
    names = [
        path.relative_to(whole.folder)
        for pattern in ("units/*.json", "models/*", "optuna.db")
        for path in sorted(whole.folder.glob(pattern))
        if str(path.relative_to(whole.folder)) not in NAMED
    ]
    assert len(names) == 10
    out = copytree(whole.folder, tmp_path / "run")
    sound = {name: (out / name).read_bytes() for name in names}
    damaged = {name: damages(content, str(name)) for name, content in sound.items()}
    for place in range(0, 2 * PLACES, step):
        row.inject(len(names))
        for name in names:
            (out / name).write_bytes(damaged[name][place])
        assert run(out)[0] == 0
        assert whole.same(out)
        assert all((out / name).read_bytes() == sound[name] for name in names if name.suffix != ".db")
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
    train(unit, registry()["plain"], plan, split, Observer(), Checkpoint(path, unit.id, seconds_between=0))
    for damaged in damages(path.read_bytes(), "checkpoint"):
        row.inject()
        path.write_bytes(damaged)
        assert Checkpoint(path, unit.id).load() is None
        row.survive()
