"""Tables of several variants, units and stages: every row is of the records that it should be of."""

import math
from dataclasses import replace

from made_records import BASELINES, LEVEL, RECORD

from bench.analysis.frames import audit_frame, epochs_frame, levels_frame, members_frame, trials_frame
from bench.records.metrics import Epoch
from bench.records.records import Audit, AuditRecord, Audits, Member, Record, Stage, Unit

Served = tuple[Unit, tuple[Record, ...]]


def _tuned(variant: str, first: int, *errors: float) -> Served:
    """A round of trials, numbered from the first, with these errors in the end."""
    members = tuple(Member(place / 100, 5_000) for place in range(1, len(errors) + 1))
    records = tuple(
        Record(member.lr, member.seed, {}, "ok", (Epoch(0.9, 9.0), Epoch(error, 1.0)))
        for member, error in zip(members, errors, strict=True)
    )
    return Unit("p" * 64, variant, "tune", members, 2, (*range(first, first + len(errors)),)), records


def _of_stage(stage: Stage, variant: str, seed: int) -> Served:
    outcome = RECORD.outcome if stage in ("confirm", "claim") else None
    record = replace(RECORD, seed=seed, outcome=outcome)
    return Unit("p" * 64, variant, stage, (Member(record.lr, seed),), 2), (record,)


UNITS = [
    _tuned("plain", 2, 0.02, 0.03), _tuned("tied", 0, 0.05, 0.04), _tuned("plain", 0, 0.04, 0.01),
    _of_stage("confirm", "plain", 0), _of_stage("confirm", "tied", 1), _of_stage("one_lr", "tied", 2),
    _of_stage("claim", "plain", 3),
]  # fmt: skip


def test_best_trial_is_marked_in_each_variant() -> None:
    frame = trials_frame(UNITS)
    assert frame["variant"].tolist() == ["plain"] * 4 + ["tied"] * 2
    assert frame["trial"].tolist() == [0, 1, 2, 3, 0, 1]
    assert frame["valid_mse"].tolist() == [0.04, 0.01, 0.02, 0.03, 0.05, 0.04]
    assert frame["best"].tolist() == [False, True, False, False, False, True]
    assert frame["lr"].tolist() == [0.01, 0.02] * 3
    assert frame["epochs"].tolist() == [2] * 6
    units = [UNITS[2], UNITS[2], UNITS[0], UNITS[0], UNITS[1], UNITS[1]]
    assert frame["unit"].tolist() == [unit.id[:12] for unit, _ in units]


def test_members_and_levels_are_of_the_stages_that_are_asked_for() -> None:
    members = members_frame(UNITS, BASELINES)
    assert members["seed"].dropna().tolist() == [0, 1]
    assert members["unit"].dropna().tolist() == [UNITS[3][0].id[:12], UNITS[4][0].id[:12]]
    assert members_frame(UNITS, BASELINES, ("confirm", "claim"))["seed"].dropna().tolist() == [0, 1, 3]
    two = (LEVEL, replace(LEVEL, level=2, nmse=math.nan))
    assert RECORD.outcome is not None
    record = replace(RECORD, outcome=replace(RECORD.outcome, levels=two))
    levels = levels_frame([(UNITS[3][0], (record, replace(record, seed=9, outcome=None)))])
    assert levels[["seed", "level"]].to_numpy().tolist() == [[3, 1], [3, 2]]
    assert levels["unit"].tolist() == [UNITS[3][0].id[:12]] * 2
    assert (
        members_frame([(UNITS[3][0], (record,))], BASELINES).filter(like="nmse_").iloc[0].tolist()[0]
        == LEVEL.nmse
    )


def test_epochs_are_of_every_stage_and_say_their_trial() -> None:
    frame = epochs_frame(UNITS)
    assert len(frame) == 2 * 10
    tuned = frame[frame["stage"] == "tune"]
    assert tuned["trial"].tolist() == [2, 2, 3, 3, 0, 0, 1, 1, 0, 0, 1, 1]
    assert tuned["epoch"].tolist() == [1, 2] * 6
    assert tuned["valid_mse"].tolist()[:4] == [0.9, 0.02, 0.9, 0.03]
    assert frame[frame["stage"] != "tune"]["trial"].isna().all()
    assert frame["unit"].unique().tolist() == [unit.id[:12] for unit, _ in UNITS]


def test_audit_has_a_row_a_norm_and_none_of_a_variant_that_could_not_be_audited() -> None:
    audit = Audit(("0", "all"), ("W_1", "V_0"), ((0.0, 1.0), (2.0, 3.0)))
    frame = audit_frame(Audits(0, 64, (AuditRecord("gone", None, "it raised"), AuditRecord("plain", audit))))
    assert frame.to_numpy().tolist() == [
        ["plain", "0", "W_1", 0.0], ["plain", "0", "V_0", 1.0],
        ["plain", "all", "W_1", 2.0], ["plain", "all", "V_0", 3.0],
    ]  # fmt: skip
    assert len(audit_frame(None)) == 0
