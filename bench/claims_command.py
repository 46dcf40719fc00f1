"""What `aebench claims` does: train what claims state, then show the ledger."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from bench import ablation
from bench.commands import check, load_split, resolve_device
from bench.display import Display
from bench.engine_options import EngineOptions
from bench.errors import UsageError
from bench.files import claim
from bench.plan import Plan
from bench.presets import PRESETS
from bench.progress import ProgressFile
from bench.publish import publish, publish_claims
from bench.screen import console, show_table
from bench.store import read_run

CONTESTANTS = Plan().variants


def run_claims(
    folder: Path, seeds: int | None, device: str, data_dir: Path | None, engine: EngineOptions
) -> None:
    """Train in the folder, of a run or of claims alone, then write and print the verdicts."""
    plan = _plan(folder, seeds, device)
    check(plan)
    claim(folder)
    split = load_split(plan, data_dir)
    ablation.claims_only(
        plan, folder, split, Display(console, ProgressFile(folder)), engine.choice(plan, folder)
    )
    if any(unit.stage == "tune" for unit, _ in read_run(folder).units()):
        publish(folder)
    show_claims(publish_claims(folder))
    console.print(f"rules and figures in {folder / 'tables' / 'claims.csv'}", highlight=False, soft_wrap=True)


def show_claims(ledger: pd.DataFrame) -> None:
    """Print each claim with its verdict."""
    rows = ledger[["claim", "statement", "conditions", "verdict", "figure"]]
    show_table(list(rows.columns), [list(row) for row in rows.itertuples(index=False)])


def _plan(folder: Path, seeds: int | None, device: str) -> Plan:
    """The folder's own, else that of claims alone."""
    if not (folder / "manifest.json").exists():
        alone = replace(PRESETS["full"], variants=CONTESTANTS, device=resolve_device(device))
        return replace(alone, claim_seeds=seeds or alone.claim_seeds)
    plan = read_run(folder).plan
    if plan.dataset != "mnist":
        raise UsageError(
            f"claims are about mnist but {folder} is a run on {plan.dataset}; leave the folder out"
        )
    if seeds and seeds != plan.claim_seeds:
        raise UsageError(
            f"{folder} was planned with {plan.claim_seeds} seeds for each claim; leave out --seeds, "
            "or name another folder"
        )
    return plan
