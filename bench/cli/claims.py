"""What `aebench claims` does: train what claims state, then show the ledger."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from bench.analysis.claims.claim import Claim
from bench.analysis.claims.conditions import (
    claim_epochs,
    claim_settings,
    epochs_of,
    reason_not_tried,
    select_claims,
)
from bench.analysis.claims.question import known_claims
from bench.cli.checks import check_plan, require_complete, resolve_device, status_command
from bench.cli.data import with_data
from bench.engine.choice import EngineChoice
from bench.io.console import console, say, show_table
from bench.io.errors import UsageError
from bench.io.files import require_writable
from bench.io.text import quantity, require_known
from bench.plan import Plan
from bench.presets import PRESETS
from bench.report.publish import publish, publish_claims
from bench.run import ablation
from bench.run.progress import Display, ProgressFile
from bench.run.session import open_session
from bench.run.store import read_run

CONTESTANTS = Plan().variants


def claims_plan(folder: Path, seeds: int | None, device: str, only: Collection[str]) -> Plan:
    """The folder's own plan, else that of claims alone; UsageError where it cannot try these claims."""
    for name in only:
        require_known("claim", name, known_claims())
    plan = _plan(folder, seeds, device)
    check_plan(plan)
    return plan


def run_claims(
    plan: Plan, folder: Path, data_dir: Path | None, engine: EngineChoice, only: Collection[str]
) -> None:
    """Train in the folder, of a run or of claims alone, then write and print the verdicts."""
    require_writable(folder)
    _, split = with_data(plan, None, data_dir)
    display = Display(console, ProgressFile(folder))
    with open_session(plan, folder, split, display, engine) as session:
        complete = ablation.claims_only(session, only)
    if any(unit.stage == "tune" for unit, _ in session.store.sound_units()[0]):
        publish(folder)
    ledger = publish_claims(folder)
    show_claims(ledger[ledger["claim"].isin(only)] if only else ledger)
    say(f"rules and figures in {folder / 'tables' / 'claims.csv'}")
    require_complete(complete, status_command(folder))


def show_settings(plan: Plan, only: Collection[str]) -> None:
    """Print what would be trained for each claim, and what that costs."""
    obstacles = {one: _nothing_to_train(plan, one) for one in select_claims(only)}
    rows = [row for one, why in obstacles.items() if not why for row in _costs(plan, one)]
    if rows:
        show_table(["claim", "variant", "lr", "epochs", "models", "model-epochs"], rows)
    for one, why in obstacles.items():
        if why:
            say(f"{one.id} trains nothing: {why}")
    total = claim_epochs(plan, beyond=True, only=only)
    shared = (
        ", what claims share counted once"
        if len(rows) > len(claim_settings(plan, beyond=True, only=only))
        else ""
    )
    say(f"{quantity(total, 'model-epoch')} in all{shared}; nothing was trained")


def show_claims(ledger: pd.DataFrame) -> None:
    """Print each claim with its verdict."""
    rows = ledger[["claim", "statement", "conditions", "verdict", "figure"]]
    show_table(list(rows.columns), [list(row) for row in rows.itertuples(index=False)])


def _nothing_to_train(plan: Plan, claim: Claim) -> str:
    """Why a claim asks for no models of its own, or cannot have them; empty where it has some."""
    if claim.settings:
        return reason_not_tried(plan, claim, beyond=True)
    if claim.audit:
        return "it is judged on the gradients before training"
    return "it is judged on a run's tuned models"


def _costs(plan: Plan, claim: Claim) -> Iterator[list[str]]:
    """A row for each of its settings."""
    for one in claim.settings:
        epochs, models = epochs_of(one, plan), plan.claim_seeds
        yield [claim.id, one.variant, f"{one.lr:g}", str(epochs), str(models), f"{epochs * models:,}"]


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
    if device not in ("auto", plan.device):
        raise UsageError(
            f"{folder} was planned for --device {plan.device} but got {device}; leave out --device, or name "
            "another folder"
        )
    if seeds and seeds != plan.claim_seeds:
        raise UsageError(
            f"{folder} was planned with {quantity(plan.claim_seeds, 'seed')} for each claim; leave out --seeds, "
            "or name another folder"
        )
    return plan
