"""The claims ledger: every claim's verdict under its own conditions and under tuned ones, a row each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from bench.analysis.claims.claim import Claim, Evidence, Setting, Verdict
from bench.analysis.claims.conditions import differences_from_question, epochs_of, reason_not_tried
from bench.analysis.claims.question import known_claims
from bench.analysis.frames import Units, levels_frame, members_frame
from bench.io.text import quantity
from bench.plan import Plan
from bench.records.records import TESTED_STAGES, Baselines

COLUMNS = ("claim", "statement", "conditions", "verdict", "figure", "rule")


@dataclass(frozen=True)
class LedgerInput:
    """What of a run the claims are judged by."""

    plan: Plan
    units: Units
    baselines: Baselines
    audit: pd.DataFrame

    def evidence(self, units: Units) -> Evidence:
        """With the tested models of these units."""
        lines = {line.name: line.test.mse for line in self.baselines.lines}
        members = members_frame(units, self.baselines, TESTED_STAGES)
        return Evidence(
            members=members[members["seed"].notna()],
            levels=levels_frame(units, TESTED_STAGES),
            audit=self.audit,
            mean_image=lines["mean_image"],
            pca=lines["pca"],
        )


def verdicts(material: LedgerInput) -> pd.DataFrame:
    """One row a claim and kind of conditions; the rules see only these tables."""
    rows = []
    for claim in known_claims().values():
        if claim.audit:
            rows.append(_row(claim, "gradient audit", _judge(claim, material.evidence(()), ())))
        if claim.settings:
            rows.append(
                _row(claim, describe_conditions(claim, material.plan), _under_own_conditions(claim, material))
            )
        if claim.on_tuned:
            conditions = f"each at its tuned learning rate, {quantity(material.plan.epochs, 'epoch')}"
            rows.append(_row(claim, conditions, _on_tuned_models(claim, material)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def describe_conditions(claim: Claim, plan: Plan) -> str:
    """A claim's own conditions in words."""
    return "; ".join(
        f"{one.variant}, learning rate {one.lr:g}, {quantity(epochs_of(one, plan), 'epoch')}"
        for one in claim.settings
    )


def _under_own_conditions(claim: Claim, material: LedgerInput) -> Verdict:
    other = reason_not_tried(material.plan, claim, beyond=True)
    if other:
        return Verdict("not run", f"not run under this plan: {other}")
    found = [pair for one in claim.settings for pair in _units_of(one, material)]
    trained = {unit.variant for unit, _ in found}
    if not trained.issuperset(one.variant for one in claim.settings):
        why = reason_not_tried(material.plan, claim) or "not trained yet"
        return Verdict("not run", f"not run under this plan: {why}")
    return _judge(claim, material.evidence(found), claim.needs)


def _on_tuned_models(claim: Claim, material: LedgerInput) -> Verdict:
    """A claim that names a number of epochs is judged after just as many."""
    other = "" if claim.anywhere else next(differences_from_question(material.plan), "")
    if other:
        return Verdict("not run", f"not judged under this plan: {other}")
    named = max((one.epochs or 0 for one in claim.settings), default=0)
    if named and material.plan.epochs != named:
        return Verdict("not run", f"not judged under this plan: it is about {quantity(named, 'epoch')}")
    tuned = [pair for pair in material.units if pair[0].stage == "confirm"]
    return _judge(claim, material.evidence(tuned), claim.needs)


def _units_of(setting: Setting, material: LedgerInput) -> Units:
    """The units that trained this setting."""
    epochs = epochs_of(setting, material.plan)
    return [
        (unit, records)
        for unit, records in material.units
        if (unit.stage, unit.variant, unit.epochs) == ("claim", setting.variant, epochs)
        and unit.members[0].lr == setting.lr
    ]


def _judge(claim: Claim, evidence: Evidence, needs: tuple[str, ...]) -> Verdict:
    """The rule's verdict, or why it has none."""
    finished = set(evidence.members.loc[evidence.members["status"] == "ok", "variant"])
    lacking = [name for name in needs if name not in finished]
    if lacking:
        return Verdict("not run", f"no finished model of {', '.join(lacking)}")
    try:
        verdict = claim.judge(evidence)
    except Exception as error:  # a foreign rule may raise anything, and the report must still be built
        return Verdict("not run", f"its rule failed: {error!r}")
    return replace(verdict, figure=f"{verdict.figure}{''.join(_diverged(evidence.members, needs))}")


def _diverged(members: pd.DataFrame, needs: Sequence[str]) -> Iterator[str]:
    """What the rule's means and intervals leave out."""
    for name in needs:
        mine = members.loc[members["variant"] == name, "status"]
        lost = int((mine == "diverged").sum())
        if lost:
            yield f"; {lost} of {len(mine)} seeds of {name} diverged"


def _row(claim: Claim, conditions: str, verdict: Verdict) -> Mapping[str, str]:
    return {
        "claim": claim.id,
        "statement": claim.statement,
        "conditions": conditions,
        "verdict": verdict.outcome,
        "figure": verdict.figure,
        "rule": f"supported (refuted) if {claim.rule}",
    }
