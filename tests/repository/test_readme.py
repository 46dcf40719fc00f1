"""What the README shows works as it stands there, and its figures are those of the committed runs."""

import csv
import re
import shutil
import sys
import tomllib
from dataclasses import replace
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pandas as pd
import pytest
import torch
from ablating import ablate
from repository import ROOT

from bench.cli.main import aebench
from bench.data.split import Split
from bench.plan import Plan
from bench.presets import PRESETS
from bench.records.metrics import METRICS
from bench.report.answer import answer
from bench.report.findings import Findings, findings
from bench.report.publish import publish
from bench.report.tables import headline_rows
from bench.run.progress import Display
from variants.contract.conformance import CHECKS

README = (ROOT / "README.md").read_text()
SPEED = (ROOT / "bench" / "perf" / "README.md").read_text()
GUIDES = [
    path for path in ROOT.glob("*/**/README.md") if path.parts[len(ROOT.parts)] in ("bench", "variants")
]
COLUMNS = (ROOT / "results" / "README.md").read_text()
RUNS = {"reference": "reference", "reference-quick": "quick"}
"""The committed runs and their presets."""


@pytest.fixture(scope="module")
def reference() -> Findings:
    """What the committed run that the README quotes found."""
    return findings(ROOT / "results" / "reference")


def test_variant_of_the_readme_conforms_and_stands_in_the_tables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, plan: Plan, split: Split, display: Display, folder: Path
) -> None:
    declared = tomllib.loads(_block("toml"))
    (module,) = declared["tool"]["setuptools"]["py-modules"]
    ((name, value),) = declared["project"]["entry-points"]["aebench.variants"].items()
    (tmp_path / f"{module}.py").write_text(_block("python", "class "))
    monkeypatch.syspath_prepend(tmp_path)
    home = import_module("variants.registry")
    entry = EntryPoint(name, value, home.GROUP)
    monkeypatch.setattr(home, "entry_points", lambda group: [entry] if group == home.GROUP else [])
    variant = home.registry()["sparse_code"]
    for check in CHECKS:
        check(variant)
    assert ablate(replace(plan, variants=("plain", "sparse_code")), folder, split, display)
    publish(folder)
    summary = pd.read_csv(folder / "tables" / "summary.csv")
    assert summary["variant"].tolist() == ["plain", "sparse_code", "mean_image", "pca"]
    sys.modules.pop(module)


def test_model_of_the_readme_reconstructs_images(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, plan: Plan, split: Split, display: Display
) -> None:
    ablate(replace(plan, variants=("plain",)), tmp_path / "results" / "quick", split, display)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bench.data.datasets.load_mnist", lambda: split)
    names: dict[str, torch.Tensor] = {}
    exec(_block("python", "load_model"), names)
    assert names["reconstruction"].shape == (10, 784)
    assert not names["reconstruction"].requires_grad


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 250


@pytest.mark.parametrize("place", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *GUIDES])
def test_every_link_leads_to_something(place: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", place.read_text())
    assert links
    assert [link for link in links if "://" not in link and not (place.parent / link).exists()] == []


def test_commands_of_the_readmes_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [README, *(path.read_text() for path in GUIDES)]
    lines = [line.partition("#")[0].split() for block in re.findall(r"```sh\n(.*?)```", "\n".join(texts), re.S)
             for line in block.splitlines() if line.startswith("aebench")]  # fmt: skip
    assert len(lines) >= 15
    for _, command, *arguments in lines:
        monkeypatch.setattr(aebench.commands[command], "callback", lambda **_: None)
        aebench.main([command, *arguments], standalone_mode=False)


def test_table_and_answer_of_the_readme_are_the_reference_runs(reference: Findings) -> None:
    header, rows = headline_rows(reference.summary, METRICS["test_mse"])
    for row in (header, *rows):
        assert f"| {' | '.join(row)} |" in README
    for sentence in answer(reference, METRICS["test_mse"]):
        assert sentence in README
    assert reference.manifest["machine"]["processor"].partition(" (")[0] in README


@pytest.mark.parametrize(("name", "preset"), RUNS.items())
def test_committed_run_is_the_whole_preset(name: str, preset: str) -> None:
    found = findings(ROOT / "results" / name)
    assert found.missing == ()
    assert found.plan == PRESETS[preset]


@pytest.mark.parametrize("name", [*RUNS, "reference-gpu"])
def test_committed_tables_and_report_are_what_its_records_give(tmp_path: Path, name: str) -> None:
    committed, copy = ROOT / "results" / name, tmp_path / "copy"
    shutil.copytree(committed, copy, ignore=shutil.ignore_patterns(".lock", "models", "optuna.db*"))
    publish(copy)
    for path in committed.glob("tables/*.csv"):
        again = pd.read_csv(copy / "tables" / path.name)
        pd.testing.assert_frame_equal(again, pd.read_csv(path), rtol=1e-12)
    assert (copy / "report.md").read_text() == (committed / "report.md").read_text()


def test_reference_lines_on_mnist_are_the_published_figures(reference: Findings) -> None:
    error = reference.summary.set_index("variant")["test_mse_mean"]
    assert error["mean_image"] == pytest.approx(0.06747, abs=5e-6)
    assert error["pca"] == pytest.approx(0.01149, abs=1e-5)


def test_ratio_to_plain_that_the_readme_tells_is_that_of_its_table(reference: Findings) -> None:
    error = reference.summary.set_index("variant")["test_mse_mean"]
    assert f"{error['layer_mse'] / error['plain']:.1f} times `plain`'s error" in README


def test_every_column_is_explained(reference: Findings) -> None:
    for frame in (
        reference.members,
        reference.levels,
        reference.trials,
        reference.epochs,
        reference.summary,
        reference.contrasts,
        reference.attribution,
        reference.one_rate,
        reference.budget,
        reference.expected_best,
        reference.claims,
        reference.audit,
    ):
        for column in frame.columns:
            plain = re.sub(r"(_\d+|_(mean|low|high|median|min|max))$", "", column)
            assert f"`{column}`" in COLUMNS or f"`{plain}`" in COLUMNS, column


@pytest.mark.parametrize("name", ["perf/perf.csv", "perf/scaling.csv", "reference/timings.csv"])
def test_every_column_of_clock_times_is_explained_where_its_file_is(name: str) -> None:
    section = COLUMNS[COLUMNS.index(f"## {name.removeprefix('reference/')}") :].partition("\n\n")[0]
    with (ROOT / "results" / name).open(newline="") as file:
        columns = next(csv.reader(file))
    assert [column for column in columns if f"`{column}`" not in section] == []


def test_speed_table_of_the_readme_is_the_committed_measurement() -> None:
    section = SPEED[: SPEED.index("## On a GPU")]
    measured = (ROOT / "results" / "perf" / "perf.md").read_text().splitlines()
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    assert len(rows) > 5
    assert set(rows) <= set(measured)


def test_hundred_epochs_of_the_readme_are_the_run_on_a_gpu() -> None:
    found = findings(ROOT / "results" / "reference-gpu")
    rows = found.summary.set_index("variant")
    said = README[README.index("**At the question's own 100 epochs**") :].partition("\n\n")[0]
    assert found.plan.epochs == 100
    assert rows["test_mse_mean"].drop(["mean_image", "pca"]).idxmin() == "tied"
    assert rows["test_mse_median"].drop(["mean_image", "pca"]).idxmin() == "truncated"
    for value in (
        rows["test_mse_mean"]["tied"],
        rows["test_mse_mean"]["pca"],
        rows["test_mse_median"]["truncated"],
    ):
        assert f"{value:.5f}" in said
    assert (rows["seeds"] - rows["escaped"])[["truncated", "layer_bce"]].tolist() == [2, 8]
    better = found.contrasts.set_index("variant")["beats_plain"]["truncated"]
    assert f"wins on {8 * better:.0f} of 8 seeds" in said
    spent = found.budget["model_epochs"].sum()
    assert f"{spent:,} model-epochs" in said


def test_speed_table_of_the_gpu_is_the_committed_measurement() -> None:
    measured = pd.read_csv(ROOT / "results" / "perf" / "gpu" / "perf_gpu.csv")
    of_plain = measured.query("variant == 'plain' and loop == 'population' and precision == 'float32'")
    rows = [line for line in SPEED[SPEED.index("## On a GPU") :].splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == len(of_plain)
    for line, (_, row) in zip(rows, of_plain.iterrows(), strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:3] == [
            f"{row['members']}",
            f"{row['seconds']:.4f}",
            f"{row['share_of_peak']:.1%}".replace("%", " %"),
        ]
        for cell, name in zip(cells[3:], ("times_one", "times_tensor", "times_user"), strict=True):
            assert float(cell) == pytest.approx(row[name], rel=0.02), name


def _block(language: str, holding: str = "") -> str:
    """The README's one block in this language that holds this."""
    (found,) = [block for block in re.findall(rf"```{language}\n(.*?)```", README, re.S) if holding in block]
    return str(found)
