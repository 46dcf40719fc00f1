"""What must hold of a record: each rule refuses what breaks it, one change at a time, and nothing else."""

import math
from dataclasses import replace

import pytest
from made_records import LEVEL, RECORD, TEST

from bench.plan import LR_BOUNDS, MAX_COUNT
from bench.records.metrics import Epoch
from bench.records.records import (
    Audit,
    AuditRecord,
    Audits,
    BaselineRecord,
    Baselines,
    Member,
    Outcome,
    Record,
    Unit,
)
from bench.records.rules import check_audits, check_baselines, check_finished, check_unit

MEMBERS = (Member(0.01, 3), Member(0.02, 4, {"beta": 0.5}))
UNIT = Unit("p", "tied", "confirm", MEMBERS, 2)
TUNE = replace(UNIT, stage="tune", trials=(0, 1))
FINE = replace(RECORD, lr=0.02, seed=4, extra={"beta": 0.5})
SECOND = replace(LEVEL, level=2, nmse=math.nan)
PICTURE = BaselineRecord("mean_image", 0.05, TEST, "AAAA")
LINES = Baselines("AAAA", (7,), (PICTURE, replace(PICTURE, name="pca")))
AUDIT = Audit(("0", "all"), ("W_1", "V_0"), ((0.0, 1.0), (math.nan, math.inf)))
AUDITS = Audits(0, 64, (AuditRecord("plain", AUDIT), AuditRecord("tied", None, "it raised")))


def test_sound_records_are_taken() -> None:
    check_finished(UNIT.id, UNIT, (RECORD, FINE))
    untested = tuple(replace(record, outcome=None) for record in (RECORD, FINE))
    for stage in ("one_lr", "tune"):
        unit = replace(UNIT, stage=stage, trials=(0, 0) if stage == "tune" else ())
        check_finished(unit.id, unit, untested)
    claim = replace(UNIT, stage="claim")
    check_finished(claim.id, claim, (_with_outcome(levels=(LEVEL, SECOND)), _lost(FINE, 0)))
    check_finished(
        TUNE.id, TUNE, (_lost(RECORD, 1), replace(untested[1], status="pruned", history=FINE.history[:1]))
    )


@pytest.mark.parametrize(
    "change",
    [
        {"variant": "../x"}, {"variant": ""}, {"epochs": 0}, {"epochs": MAX_COUNT + 1}, {"members": ()},
        {"trials": (0, 1)}, {"members": (Member(0.01, -1),)},
        {"members": (Member(LR_BOUNDS[0] / 2, 3),)}, {"members": (Member(LR_BOUNDS[1] * 2, 3),)},
        {"members": (Member(math.nan, 3),)}, {"members": (Member(0.01, 3, {"beta": math.nan}),)},
        {"members": (Member(0.01, 3, {"beta": -math.inf}),)},
        {"members": (MEMBERS[0], Member(0.01, 3, {"a": math.inf}))},
    ],
)  # fmt: skip
def test_unit_that_no_plan_could_ask_for_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        check_unit(replace(UNIT, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("trials", [(), (0,), (0, 1, 2), (-1, 0), (0, MAX_COUNT + 1)])
def test_tuning_unit_has_a_trial_a_member(trials: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="trials must be"):
        check_unit(replace(TUNE, trials=trials))


def test_unit_at_the_ends_of_every_range_is_taken() -> None:
    check_unit(
        replace(UNIT, epochs=1, members=(Member(LR_BOUNDS[0], 0), Member(LR_BOUNDS[1], 0, {"beta": -1e300})))
    )
    check_unit(replace(TUNE, epochs=MAX_COUNT, trials=(0, MAX_COUNT)))


@pytest.mark.parametrize(
    "record",
    [
        replace(RECORD, lr=0.02), replace(RECORD, seed=4), replace(RECORD, extra={"beta": 0.5}),
        replace(RECORD, history=()), replace(RECORD, history=RECORD.history * 2), replace(RECORD, outcome=None),
        replace(RECORD, status="diverged"), replace(RECORD, status="pruned"),
        replace(RECORD, history=(Epoch(-0.1, 1.0), Epoch(0.1, 1.0))),
        replace(RECORD, history=(Epoch(0.1, 1.0), Epoch(0.1, -1.0))),
    ],
)  # fmt: skip
def test_record_that_is_not_what_became_of_its_member_is_refused(record: Record) -> None:
    with pytest.raises(ValueError, match="must be"):
        check_finished(UNIT.id, UNIT, (record, FINE))


def test_records_are_as_many_as_members_and_tuned_ones_have_an_epoch_and_no_outcome() -> None:
    for records in ((RECORD,), (RECORD, FINE, FINE)):
        with pytest.raises(ValueError, match="records must be as many as members, 2"):
            check_finished(UNIT.id, UNIT, records)
    for first in (RECORD, _lost(RECORD, 0)):
        with pytest.raises(ValueError, match=r"records\[0\]"):
            check_finished(TUNE.id, TUNE, (first, replace(FINE, outcome=None)))
    alone = replace(UNIT, stage="one_lr")
    with pytest.raises(ValueError, match="outcome must be"):
        check_finished(alone.id, alone, (RECORD, FINE))


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({"parameters": 1}, True), ({"parameters": 0}, False), ({"levels": (SECOND,)}, False),
        ({"levels": (LEVEL, LEVEL)}, False), ({"levels": ()}, True),
        ({"digits": ""}, False), ({"digits": "!"}, False),
        ({"probe_accuracy": 0.0}, True), ({"probe_accuracy": 1.0}, True), ({"probe_accuracy": math.nan}, True),
        ({"probe_accuracy": 1.01}, False), ({"probe_accuracy": -0.01}, False),
        *(({"test": replace(TEST, **{name: 0.0})}, True) for name in ("mse", "sse", "bce_nats")),
        *(({"test": replace(TEST, **{name: -1e-9})}, False) for name in ("mse", "sse", "bce_nats")),
        ({"test": replace(TEST, psnr_db=-3.0)}, True), ({"levels": (replace(LEVEL, r2=-3.0),)}, True),
        *(({"levels": (replace(LEVEL, **{name: -1e-9}),)}, False)
          for name in ("nmse", "variance", "participation_ratio", "cka", "saturated", "dead")),
        *(({"levels": (LEVEL, replace(SECOND, **{name: 1.01}))}, False) for name in ("saturated", "dead")),
        *(({"levels": (replace(LEVEL, saturated=value, dead=1 - value),)}, True) for value in (0.0, 1.0)),
        ({"levels": (replace(LEVEL, nmse=math.inf, cka=math.nan, participation_ratio=20.0),)}, True),
    ],
)  # fmt: skip
def test_yardstick_out_of_its_range_is_refused(change: dict[str, object], taken: bool) -> None:
    records = (_with_outcome(**change), FINE)
    if taken:
        check_finished(UNIT.id, UNIT, records)
    else:
        with pytest.raises(ValueError, match="must be"):
            check_finished(UNIT.id, UNIT, records)


def test_reference_lines_are_two_with_the_digits_of_the_labels() -> None:
    check_baselines(LINES)
    check_baselines(
        Baselines(
            "AAAA" * 10, (*range(10),), tuple(replace(line, digits="AAAA" * 10) for line in LINES.lines)
        )
    )
    for change in (
        {"labels": ()}, {"labels": (*range(11),)}, {"lines": LINES.lines[:1]}, {"lines": (*LINES.lines, PICTURE)},
        {"lines": (PICTURE, replace(PICTURE, name="median"))}, {"originals": "AAAAAAAA"}, {"labels": (1, 2)},
        {"lines": (replace(PICTURE, digits="AAAAAAAA"), LINES.lines[1])},
        {"lines": (PICTURE, replace(LINES.lines[1], valid_mse=-1.0))},
        {"lines": (PICTURE, replace(LINES.lines[1], test=replace(TEST, mse=-1.0)))},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="must be"):
            check_baselines(replace(LINES, **change))  # type: ignore[arg-type]


def test_audits_name_everything_once_and_have_a_norm_for_all() -> None:
    check_audits(AUDITS)
    lost = AuditRecord("tied", None, "")
    for change in (
        {"seed": -1}, {"images": 0}, {"variants": (AUDITS.variants[0],) * 2}, {"variants": (lost,)},
        {"variants": (AuditRecord("plain", AUDIT, "it raised"),)}, {"variants": (AuditRecord("../x", AUDIT),)},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="must be"):
            check_audits(replace(AUDITS, **change))  # type: ignore[arg-type]
    for change in (
        {"levels": ("0", "0")}, {"levels": (), "norms": ()}, {"weights": ("W_1", "W_1")}, {"weights": ("W_1", "")},
        {"levels": ("0", "a\nb")}, {"weights": ("W_1", "W" * 201)}, {"norms": AUDIT.norms[:1]},
        {"norms": ((0.0,), (0.0,))}, {"norms": ((0.0, 1.0), (-1e-9, 0.0))},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="must be"):
            check_audits(replace(AUDITS, variants=(AuditRecord("plain", replace(AUDIT, **change)),)))


def _lost(record: Record, epochs: int) -> Record:
    """The member after it diverged."""
    return replace(record, status="diverged", outcome=None, history=record.history[:epochs])


def _with_outcome(**change: object) -> Record:
    outcome = RECORD.outcome
    assert isinstance(outcome, Outcome)
    return replace(RECORD, outcome=replace(outcome, **change))  # type: ignore[arg-type]
