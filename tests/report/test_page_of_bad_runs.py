"""A report is built from whatever a run left, and says what is missing."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ablating import ablate
from finished_run import FinishedRuns
from rich.console import Console

from bench.data.split import Split
from bench.io.files import read_json, write_json
from bench.plan import Plan
from bench.report.publish import publish
from bench.run.progress import Display
from bench.run.store import read_run

PLAN = Plan(
    variants=("plain", "tied", "plain_mse"), widths=(784, 12, 8, 6), batch_size=64, trials=2, tune_epochs=1, epochs=2,
    seeds=2, train_images=600, valid_images=100, test_images=200,
)  # fmt: skip


@pytest.fixture
def run(runs: FinishedRuns, folder: Path) -> Path:
    """The folder of a small run."""
    return runs.copy(PLAN, folder)


def test_one_seed_is_too_few_for_any_test(split: Split, folder: Path) -> None:
    ablate(replace(PLAN, seeds=1), folder, split, Display(Console(quiet=True)))
    text = _report(folder)
    assert "1 seed cannot make any difference significant" in text
    assert "| tied | " in text
    assert "– to –" not in text


def test_run_whose_only_variant_has_no_confirmed_model_has_a_report(split: Split, folder: Path) -> None:
    ablate(replace(PLAN, variants=("tied",)), folder, split, Display(Console(quiet=True)))
    for unit, _ in read_run(folder).units():
        if unit.stage != "tune":
            (folder / "units" / f"{unit.id}.json").unlink()
    text = _report(folder)
    assert "No variant has a confirmed model that did not diverge" in text
    assert "tied: 0 of 2 seeds confirmed" in text


def test_metric_that_is_nan_on_one_seed_leaves_the_others(run: Path) -> None:
    def spoil(record: dict[str, Any]) -> None:
        record["outcome"]["test"]["bce_nats"] = "nan"
        record["outcome"]["probe_accuracy"] = "nan"

    before = _row(_report(run), "tied")
    _change(run, "tied", spoil)
    after = _row(_report(run), "tied")
    assert after[:6] == before[:6]
    assert _row(_report(run, "test_bce_nats"), "tied")[1] != "–"


def test_variant_all_of_whose_seeds_diverged_is_counted_and_never_averaged(run: Path) -> None:
    def lose(record: dict[str, Any]) -> None:
        record.update(status="diverged", outcome=None)
        record["history"][-1] = {"valid_mse": "nan", "valid_bce_nats": "nan"}

    for row in (0, 1):
        _change(run, "tied", lose, row)
    text = _report(run)
    assert _row(text, "tied")[1:7] == ["–", "–", "–", "–", "–", "0 of 2 (2 diverged)"]
    assert "tied on 2 of 2 seeds diverged" in text
    assert "so none is best" in text


def test_variant_all_of_whose_seeds_collapsed_is_explained(run: Path) -> None:
    def flatten(record: dict[str, Any]) -> None:
        record["outcome"]["test"]["mse"] = 0.5

    for row in (0, 1):
        _change(run, "tied", flatten, row)
    assert "Nearly the same answer to every image: `" in _report(run)


def test_missing_damaged_and_foreign_records_are_named_or_left_out(run: Path) -> None:
    units = [unit for unit, _ in read_run(run).units()]
    tuned, confirmed = (
        next(unit for unit in units if (unit.variant, unit.stage) == key)
        for key in (("tied", "tune"), ("plain_mse", "confirm"))
    )
    (run / "units" / f"{tuned.id}.json").unlink()
    (run / "units" / f"{confirmed.id}.json").write_text("{ not json")
    sound = next(unit for unit in units if unit not in (tuned, confirmed))
    foreign = read_json(run / "units" / f"{sound.id}.json")
    foreign["unit"]["plan"] = "0" * 64
    write_json(run / "units" / "foreign.json", foreign)
    text = _report(run)
    assert "**This run is not complete.**" in text
    assert f"{confirmed.id}.json is damaged" in text
    assert "plain_mse: 0 of 2 seeds confirmed" in text
    assert f"tied: {PLAN.trials - len(tuned.trials)} of 2 trials done" in text
    assert "0" * 12 not in (run / "tables" / "members.csv").read_text()


def _report(folder: Path, metric: str = "test_mse") -> str:
    publish(folder, metric)
    return (folder / "report.md").read_text()


def _row(text: str, name: str) -> list[str]:
    """The headline table's cells of this variant."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {name} | "))
    return line.strip("| ").split(" | ")


def _change(folder: Path, variant: str, edit: Callable[[dict[str, Any]], None], row: int = 0) -> None:
    """Edit a confirmed record of the variant, keeping its file sound."""
    for unit, _ in read_run(folder).units():
        if (unit.variant, unit.stage) == (variant, "confirm"):
            path = folder / "units" / f"{unit.id}.json"
            content = json.loads(json.dumps(read_json(path)))
            edit(content["records"][row])
            write_json(path, content)
