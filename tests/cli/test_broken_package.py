"""A broken package beside the bench costs runs of built-in variants nothing, and other commands a line."""

from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch
from aebench import Aebench
from made_runs import make_run

from bench.contestants import find_variant, get_variant
from bench.engine.provenance import check_environment, training_environment
from bench.io.errors import BenchError
from bench.plan import Plan
from bench.run.store import read_run
from bench.training.model_files import load_model, model_content
from variants.plain import Plain

SAID = "nowhere_at_all:Thing cannot be loaded (ModuleNotFoundError: No module named 'nowhere_at_all')"


class Foreign(Plain):
    name = "foreign"


@pytest.fixture(autouse=True)
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package declares a module that is not there."""
    _declare(monkeypatch, "nowhere_at_all:Thing")


@pytest.mark.parametrize("command", [["report"], ["status"], ["compare", "runs/a"]], ids=lambda each: each[0])
def test_commands_about_a_run_of_built_in_variants_work(
    aebench: Aebench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        make_run(Path("runs") / name, {"plain": [0.02, 0.03], "tied": [0.01, 0.02]})
    assert aebench(*command, "runs/b") == 0


@pytest.mark.parametrize(
    "command",
    [["list"], ["report", "run"], ["status", "run"], ["run", "--variants", "foreign"]],
    ids=lambda each: each[0],
)
def test_command_that_needs_outside_variants_ends_in_a_line_that_names_the_package(
    aebench: Aebench,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    _of_a_foreign_variant(monkeypatch, Path("run"))
    assert aebench(*command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("aebench: ")
    assert SAID in line


def test_model_of_an_outside_variant_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(model_content(Foreign((4, 2)), {}))
    with pytest.raises(BenchError, match="nowhere_at_all:Thing cannot be loaded"):
        load_model(path)


def test_model_of_a_built_in_variant_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(model_content(Plain((4, 2)), {}))
    assert load_model(path)(torch.zeros(1, 4)).logits.shape == (1, 4)


def test_machine_with_a_broken_package_trains_built_in_variants_and_refuses_others() -> None:
    plan = Plan(variants=("plain", "tied"))
    check_environment(plan, training_environment(plan), "here")
    with pytest.raises(
        BenchError, match=r"^here: an installed package's variant is broken: nowhere_at_all:Thing"
    ):
        check_environment(Plan(variants=("plain", "foreign")), training_environment(plan), "here")


def test_unknown_variant_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch, f"{__name__}:Foreign")
    assert find_variant("stranger") is None
    with pytest.raises(BenchError, match="variant 'stranger' is not installed"):
        get_variant("stranger")


def _of_a_foreign_variant(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A run that was made while all was well."""
    with monkeypatch.context() as patched:
        _declare(patched, f"{__name__}:Foreign")
        make_run(folder, {"plain": [0.02, 0.03], "foreign": [0.01, 0.02]})
    assert read_run(folder).plan.variants == ("plain", "foreign")


def _declare(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    home = import_module("variants.registry")
    entry = EntryPoint("x", value, home.GROUP)
    monkeypatch.setattr(home, "entry_points", lambda group: [entry] if group == home.GROUP else [])
