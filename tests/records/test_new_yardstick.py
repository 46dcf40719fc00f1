"""A yardstick stands where its field is declared, and runs from before it stay readable."""

from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Annotated

import pandas as pd
import pytest
from made_records import BASELINES, LEVEL, RECORD

from bench.analysis.frames import levels_frame, members_frame
from bench.io.validation import if_absent, validated
from bench.records.metrics import (
    LEVEL_METRICS,
    METRICS,
    SHARE,
    SIZE,
    Epoch,
    Level,
    Metric,
    Reconstruction,
    metrics_of,
)
from bench.records.records import Member, Outcome, Record, Unit, record_from_json, to_json
from bench.records.rules import check_finished
from bench.report.tables import levels_table


@dataclass(frozen=True)
class Sparser(Level):
    """A level with a yardstick that earlier runs do not have."""

    sparsity: Annotated[
        float,
        Metric(
            "sparsity (Hoyer)", ".2f", SHARE, "higher", "sparsity",
            help="sparsity: Hoyer's measure of the activations",
        ),
    ] = if_absent(nan)  # fmt: skip


@dataclass(frozen=True)
class _Outcome(Outcome):
    levels: tuple[Sparser, ...]  # type: ignore[assignment]


@dataclass(frozen=True)
class _Record(Record):
    outcome: _Outcome | None = None


UNIT = Unit("p", "tied", "confirm", (Member(RECORD.lr, RECORD.seed),), len(RECORD.history))


def new_record(sparsity: float) -> _Record:
    outcome = _Outcome(**vars(RECORD.outcome) | {"levels": (Sparser(**vars(LEVEL), sparsity=sparsity),)})
    return _Record(**vars(RECORD) | {"outcome": outcome})


def test_record_from_before_a_yardstick_is_read() -> None:
    found = validated(_Record, to_json(RECORD), "record")
    assert isnan(found.outcome.levels[0].sparsity)
    check_finished(UNIT.id, UNIT, [found])
    assert validated(_Record, to_json(new_record(0.5)), "record") == new_record(0.5)


def test_only_a_field_that_says_so_may_be_absent() -> None:
    whole = to_json(RECORD)
    for name in ("outcome", "history"):
        with pytest.raises(ValueError, match="record must be exactly the fields"):
            record_from_json({key: value for key, value in whole.items() if key != name})
    unknown = to_json(new_record(0.5))
    with pytest.raises(ValueError, match=r"record.outcome.levels\[0\] must be exactly the fields"):
        record_from_json(unknown)


def test_new_yardstick_has_its_column_and_its_range() -> None:
    frame = levels_frame([(UNIT, [new_record(0.5)])])
    assert frame["sparsity"].tolist() == [0.5]
    assert members_frame([(UNIT, [new_record(0.5)])], BASELINES)["sparsity_1"].iloc[0] == 0.5
    with pytest.raises(ValueError, match=r"outcome.sparsity must be 0 to 1 but got 1.5"):
        check_finished(UNIT.id, UNIT, [new_record(1.5)])


def test_new_yardstick_is_shown_with_its_title_digits_and_help() -> None:
    row = {"variant": "tied", **vars(new_record(0.512).outcome.levels[0])}  # type: ignore[union-attr]
    table = levels_table(metrics_of(Sparser))
    header, body = table.rows(pd.DataFrame([row]))
    assert (header[-1], body[0][-1]) == ("sparsity", "0.51")
    assert " sparsity: Hoyer's measure of the activations. " in table.note


def test_every_measured_number_is_declared_once() -> None:
    assert list(METRICS) == [f"test_{name}" for name in vars(RECORD.outcome.test)]  # type: ignore[union-attr]
    assert ["level", *LEVEL_METRICS] == list(vars(LEVEL))
    assert list(metrics_of(Epoch)) == list(vars(RECORD.history[0]))
    assert all(metric.name == name for name, metric in METRICS.items())


def test_metric_is_written_as_declared() -> None:
    nmse, mse = LEVEL_METRICS["nmse"], METRICS["test_mse"]
    assert [nmse.text(value) for value in (0.12345, 1000.5, float("inf"), nan)] == [
        "0.123",
        ">1000",
        ">1000",
        "–",
    ]
    assert (mse.text(-0.123456), mse.rough(0.123456)) == ("−0.12346", "0.1235")
    assert (mse.range, LEVEL_METRICS["dead"].range) == (SIZE, SHARE)
    assert (mse.range_rule, LEVEL_METRICS["dead"].range_rule) == ("at least 0", "0 to 1")


def test_out_of_range_numbers_of_each_kind_are_refused() -> None:
    assert RECORD.outcome
    for test, rule in (
        (Reconstruction(-1, 1, 1, 1), "mse must be at least 0"),
        (Reconstruction(1, 1, 1, -9), ""),
    ):
        record = replace(RECORD, outcome=replace(RECORD.outcome, test=test))
        if rule:
            with pytest.raises(ValueError, match=rule):
                check_finished(UNIT.id, UNIT, [record])
        else:
            check_finished(UNIT.id, UNIT, [record])
