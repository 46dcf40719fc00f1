"""What reports are made of: a finished run of all variants, and the committed one."""

from pathlib import Path

import pytest
from ablating import ablate
from repository import ROOT
from rich.console import Console

from bench.data.split import Split
from bench.plan import Plan
from bench.report.findings import Findings, findings
from bench.report.publish import publish
from bench.run.progress import Display


@pytest.fixture(scope="session")
def published(split: Split, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of all five variants, published; not to be written to."""
    folder = tmp_path_factory.mktemp("run")
    plan = Plan(
        widths=(784, 16, 8), batch_size=64, trials=2, tune_epochs=1, epochs=2, seeds=2, train_images=600,
        valid_images=100, test_images=200,
    )  # fmt: skip
    ablate(plan, folder, split, Display(Console(quiet=True)))
    publish(folder)
    return folder


@pytest.fixture(scope="session")
def found(published: Path) -> Findings:
    """What its report is made of; not to be changed."""
    return findings(published)


@pytest.fixture(scope="session")
def quick() -> Findings:
    """The committed run: tied, plain and truncated escape, layer_bce and layer_mse do not."""
    return findings(ROOT / "results" / "reference-quick")
