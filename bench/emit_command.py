"""What `aebench run --emit` does: take what was trained by hand, write what can be trained next."""

from pathlib import Path

from bench import ablation
from bench.commands import load_split
from bench.data import Split
from bench.display import Display
from bench.engine.emit import emitted
from bench.engine_options import EngineOptions
from bench.files import claim
from bench.plan import Plan
from bench.screen import console, say
from bench.wording import count


def emit_jobs(
    plan: Plan, folder: Path, data_dir: Path | None, engine: EngineOptions, jobs: Path, split: Split | None
) -> None:
    """Write the jobs of the plan's run in the folder, on the split, else on MNIST; say what to do with them.

    UsageError, before anything is written, for a folder of jobs that holds something else in their place.
    """
    emitted(jobs)
    claim(folder)
    split = split or load_split(plan, data_dir)
    ablation.run(plan, folder, split, Display(console), engine=engine.choice(plan, folder))
    say(_next(emitted(jobs)))


def _next(jobs: list[Path]) -> str:
    if not jobs:
        return "nothing is left to train: the same command without --emit writes the report"
    files = str(jobs[0]) if len(jobs) == 1 else f"{jobs[0]} to {jobs[-1].name}"
    return (
        f"{count(len(jobs), 'unit')} to train, in any order and at once: aebench unit {files} "
        f"(Slurm: --array=1-{len(jobs)}); then this command again"
    )
