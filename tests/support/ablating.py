"""Whole runs in this process, a line each."""

from pathlib import Path

from bench.data.split import Split
from bench.engine.choice import IN_THIS_PROCESS, EngineChoice
from bench.plan import Plan
from bench.run import ablation
from bench.run.progress import Display
from bench.run.session import open_session


def ablate(
    plan: Plan, folder: Path, split: Split, display: Display, engine: EngineChoice = IN_THIS_PROCESS
) -> bool:
    """`ablation.run` in the folder."""
    with open_session(plan, folder, split, display, engine) as session:
        return ablation.run(session)


def try_claims(
    plan: Plan, folder: Path, split: Split, display: Display, engine: EngineChoice = IN_THIS_PROCESS
) -> bool:
    """`ablation.claims_only` in the folder."""
    with open_session(plan, folder, split, display, engine) as session:
        return ablation.claims_only(session)
