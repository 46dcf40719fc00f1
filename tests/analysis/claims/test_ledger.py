"""The ledger judges each claim by the models of its own conditions and by the tuned ones, and by no others."""

from dataclasses import replace

import pandas as pd
import pytest
from made_records import LEVEL, RECORD, TEST

from bench.analysis.claims.ledger import COLUMNS, LedgerInput, describe_conditions, verdicts
from bench.analysis.claims.question import known_claims
from bench.plan import Plan
from bench.records.records import BaselineRecord, Baselines, Member, Record, Stage, Unit

PLAN = Plan(epochs=9)
GOOD, BAD = 0.01, 0.067
LINES = tuple(
    BaselineRecord(name, mse, replace(TEST, mse=mse), "AAAA")
    for name, mse in (("mean_image", 0.0675), ("pca", 0.0115))
)
AUDIT = pd.DataFrame([("layer_mse", "1", "W_1", 0.0)], columns=["variant", "level", "weight", "norm"])
Served = tuple[Unit, tuple[Record, ...]]


def _trained(stage: Stage, variant: str, lr: float, epochs: int, *errors: float | None) -> Served:
    """Seeds with these test errors, None for one that diverged, all with a match error of 0.001."""
    assert RECORD.outcome is not None
    records = []
    for seed, mse in enumerate(errors):
        test = replace(TEST, mse=mse or 0.0)
        outcome = replace(RECORD.outcome, test=test, levels=(replace(LEVEL, nmse=0.001),))
        record = replace(RECORD, lr=lr, seed=seed, outcome=outcome if mse else None)
        records.append(record if mse else replace(record, status="diverged"))
    members = tuple(Member(lr, record.seed) for record in records)
    return Unit("p" * 64, variant, stage, members, epochs), tuple(records)


UNITS = [
    _trained("confirm", "plain", 5e-3, 9, *[BAD] * 4),
    _trained("claim", "plain", 1e-3, 9, GOOD, GOOD, None, GOOD),
    _trained("claim", "plain", 2e-3, 9, *[BAD] * 4), _trained("claim", "plain", 1e-3, 5, *[BAD] * 4),
    _trained("claim", "layer_mse", 1e-2, 5, *[GOOD] * 6), _trained("claim", "layer_mse", 1e-2, 9, *[BAD] * 6),
    _trained("confirm", "tied", 5e-3, 9, GOOD, GOOD), _trained("confirm", "layer_bce", 5e-3, 9, None, None),
]  # fmt: skip


def _ledger(units: list[Served], plan: Plan = PLAN) -> dict[tuple[str, str], tuple[str, str]]:
    """Verdict and figure by claim and kind of conditions."""
    frame = verdicts(LedgerInput(plan, units, Baselines("AAAA", (0,), LINES), AUDIT))
    assert list(frame.columns) == list(COLUMNS)
    kinds = {"each": "tuned", "grad": "audit"}
    return {
        (row["claim"], kinds.get(row["conditions"][:4], "own")): (row["verdict"], row["figure"])
        for row in frame.to_dict("records")
    }


def test_each_claim_is_judged_by_its_own_models() -> None:
    found = _ledger(UNITS)
    assert {key: verdict for key, (verdict, _) in found.items()} == {
        ("C1", "own"): "supported", ("C1", "tuned"): "refuted", ("C2", "own"): "not run", ("C2", "tuned"): "not run",
        ("C3", "own"): "supported", ("C3", "tuned"): "not run", ("C4", "own"): "not run", ("C4", "tuned"): "not run",
        ("C5", "tuned"): "not run", ("C6", "audit"): "supported", ("C7", "tuned"): "supported",
        ("C8", "tuned"): "not run",
    }  # fmt: skip
    assert (
        found["C1", "own"][1]
        == "test mse 0.01000 (0.01000 to 0.01000), bound 0.06075; 1 of 4 seeds of plain diverged"
    )
    assert found["C2", "own"][1] == found["C4", "own"][1] == "not run under this plan: it takes 100 epochs"
    assert found["C3", "own"][1].startswith("6 of 6 seeds escaped")
    assert found["C3", "tuned"][1] == "not judged under this plan: it is about 5 epochs"
    assert found["C5", "tuned"][1] == "no finished model of layer_bce, layer_mse"
    assert found["C7", "tuned"][1] == "match error by level 0.001"
    assert found["C8", "tuned"][1] == "no finished model of truncated"


def test_claim_about_a_number_of_epochs_is_judged_by_tuned_models_of_as_many() -> None:
    units = [_trained("confirm", "layer_mse", 5e-3, 5, *[BAD] * 6), *UNITS]
    found = _ledger(units, replace(PLAN, epochs=5))
    assert found["C3", "own"][0] == "supported"
    assert found["C3", "tuned"][0] == "refuted"


def test_without_models_nothing_but_the_audit_is_judged() -> None:
    found = _ledger([])
    assert {key for key, (verdict, _) in found.items() if verdict != "not run"} == {("C6", "audit")}
    assert found["C1", "own"][1] == "not run under this plan: not trained yet"
    assert found["C1", "tuned"][1] == "no finished model of plain"


@pytest.mark.parametrize("epochs", [9, 12])
def test_conditions_are_said_with_the_plans_epochs_where_a_claim_names_none(epochs: int) -> None:
    plan, claims = replace(PLAN, epochs=epochs), known_claims()
    assert describe_conditions(claims["C1"], plan) == f"plain, learning rate 0.001, {epochs} epochs"
    assert describe_conditions(claims["C4"], plan) == (
        "layer_mse, learning rate 0.01, 100 epochs; plain, learning rate 0.001, 100 epochs"
    )
