"""A run keeps the audit of its variants, once, and can do without it."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from ablating import ablate, try_claims
from finished_run import FinishedRuns

from bench.cli.run import run_tuning
from bench.data.split import Split
from bench.engine import work
from bench.engine.choice import IN_THIS_PROCESS, EngineChoice
from bench.plan import Plan
from bench.records.records import Audit, AuditRecord, Audits, audits_from_json, to_json
from bench.report.findings import findings
from bench.report.publish import publish
from bench.run import session
from bench.run.progress import Display
from bench.run.store import read_run
from bench.training.gradient_audit import audit_gradients
from variants.tied import Tied
from variants.truncated import Truncated


def test_audits_come_back_from_their_json() -> None:
    kept = Audit(("0", "all"), ("W_1", "V_0"), ((0.0, 1e-300), (0.5, float("inf"))))
    audits = Audits(10_000, 64, (AuditRecord("tied", kept), AuditRecord("odd", None, "no way")))
    assert audits_from_json(json.loads(json.dumps(to_json(audits), allow_nan=False))) == audits


def test_run_keeps_the_audit_of_its_first_seed_and_batch(
    plan: Plan, split: Split, display: Display, folder: Path
) -> None:
    plan = replace(plan, variants=("plain", "truncated"), seed=2)
    ablate(plan, folder, split, display)
    kept = read_run(folder).get_audits()
    assert kept is not None
    assert (kept.seed, kept.images) == (20_000, 64)
    assert [record.variant for record in kept.variants] == ["plain", "truncated"]
    expected = audit_gradients(Truncated, plan.widths, split.train.images[:64], 20_000)
    assert kept.variants[1].audit == expected
    publish(folder)
    table = pd.read_csv(folder / "tables" / "audit.csv")
    mine = table[(table["variant"] == "truncated") & (table["level"] == "1")]
    assert mine["weight"].tolist() == ["W_1", "W_2", "V_1", "V_0"]
    assert mine["norm"].tolist() == list(expected.norms[1])
    assert (folder / "figures" / "audit.svg").is_file()


def test_folder_without_the_record_is_reported_without_it_and_gets_it_on_resume(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(plan, variants=("plain", "truncated"))
    ablate(plan, folder, split, display)
    record = folder / "units" / "audit.json"
    before = record.read_bytes()
    record.unlink()
    publish(folder)
    assert not (folder / "tables" / "audit.csv").exists()
    assert "Who trains whom" not in (folder / "report.md").read_text()
    monkeypatch.setattr(work, "train", None)
    ablate(plan, folder, split, display)
    assert record.read_bytes() == before
    publish(folder)
    assert "Who trains whom" in (folder / "report.md").read_text()


def test_record_is_written_once(
    plan: Plan,
    runs: FinishedRuns,
    split: Split,
    display: Display,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs.copy(plan, folder)
    monkeypatch.setattr(session, "audit_gradients", None)
    assert ablate(plan, folder, split, display)


def test_variant_that_cannot_be_audited_does_not_end_the_run(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(display, "line", said.append)
    monkeypatch.setattr(Tied, "level_losses", lambda *_: 1 / 0)
    assert ablate(plan, folder, split, display)
    message = "tied cannot be audited: it raised ZeroDivisionError: division by zero"
    assert message in said
    kept = read_run(folder).get_audits()
    assert kept is not None
    assert kept.variants[1] == AuditRecord("tied", None, message)
    publish(folder)
    assert set(pd.read_csv(folder / "tables" / "audit.csv")["variant"]) == {"plain"}


def test_claims_in_a_folder_of_their_own_are_judged_on_the_audit_too(
    plan: Plan, split: Split, display: Display, folder: Path
) -> None:
    try_claims(replace(plan, variants=("layer_mse",)), folder, split, display)
    ledger = findings(folder).claims.set_index("claim")
    assert ledger.loc["C6", "conditions"] == "gradient audit"
    assert ledger.loc["C6", "verdict"] == "refuted"


def test_audit_takes_the_threads_of_the_run_however_many_there_are(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def audit_and_look(*arguments: object) -> Audit:
        seen.append(torch.get_num_threads())
        return audit_gradients(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "audit_gradients", audit_and_look)
    before = torch.get_num_threads()
    choice = EngineChoice("inline", 1, before + 1)
    try_claims(replace(plan, variants=("plain",)), folder, split, display, choice)
    assert seen == [before + 1]
    assert torch.get_num_threads() == before


def test_tuning_alone_needs_no_audit(plan: Plan, split: Split, folder: Path) -> None:
    run_tuning(replace(plan, variants=("plain",)), folder, split, IN_THIS_PROCESS)
    assert read_run(folder).get_audits() is None
