"""Units trained by worker processes on this machine."""

from pathlib import Path

from ablating import ablate
from finished_run import FinishedRuns, tables

from bench.data.split import Split
from bench.engine.choice import IN_THIS_PROCESS, EngineChoice
from bench.plan import Plan
from bench.run.progress import Display


def test_two_workers_give_the_tables_of_one_process(
    plan: Plan, runs: FinishedRuns, split: Split, display: Display, tmp_path: Path
) -> None:
    workers = EngineChoice("local", 2, IN_THIS_PROCESS.threads)
    assert ablate(plan, tmp_path / "there", split, display, workers)
    assert tables(tmp_path / "there") == tables(runs.copy(plan, tmp_path / "here")) != {}
