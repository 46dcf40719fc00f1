"""The tables say what the records say, row by row."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from made_records import BASELINES, LEVEL, LOST, RECORD, TEST

from bench.analysis.frames import epochs_frame, levels_frame, members_frame, trials_frame
from bench.analysis.summary import summarise
from bench.plan import Plan
from bench.records.metrics import Epoch
from bench.records.records import Member, Record, Unit

NO_TRIALS = trials_frame([])


def _confirmed(variant: str, *mses: float) -> tuple[Unit, tuple[Record, ...]]:
    records = tuple(
        replace(RECORD, seed=seed, outcome=replace(RECORD.outcome, test=replace(TEST, mse=mse)))
        for seed, mse in enumerate(mses)
    )
    members = tuple(Member(record.lr, record.seed) for record in records)
    return Unit("p" * 64, variant, "confirm", members, 2), records


def test_member_row_holds_what_its_record_holds() -> None:
    frame = members_frame([_confirmed("plain", 0.01)], BASELINES)
    row = frame.iloc[0]
    assert (row["plan"], row["variant"], row["seed"], row["status"]) == ("p" * 12, "plain", 0, "ok")
    assert (row["test_mse"], row["test_sse"], row["probe_accuracy"], row["nmse_1"]) == (0.01, 7.84, 0.9, 0.2)
    assert row["test_mse_share_of_mean_image"] == pytest.approx(0.2)
    assert row["test_mse_share_of_pca"] == pytest.approx(0.5)
    assert row["test_bce_share_of_mean_image"] == pytest.approx(80.5 / 200)
    assert (row["escaped"], row["epochs"]) == (True, 2)


def test_escape_epoch_is_read_off_the_validation_curve() -> None:
    late = replace(RECORD, history=(Epoch(0.06, 1.0), Epoch(0.0495, 1.0), Epoch(0.049, 1.0)))
    unit, _ = _confirmed("plain", 0.01)
    frame = members_frame([(unit, (late,))], BASELINES)
    assert frame["escape_epoch"].iloc[0] == 3


def test_reference_lines_stand_in_the_table_of_members() -> None:
    frame = members_frame([_confirmed("plain", 0.01)], BASELINES).set_index("variant")
    assert frame["test_mse"].to_dict() == {"plain": 0.01, "mean_image": 0.05, "pca": 0.02}
    assert math.isnan(frame["test_bce_nats"]["pca"])


def test_diverged_member_has_a_row_and_no_share_in_the_means() -> None:
    unit, records = _confirmed("plain", 0.01, 0.03)
    frame = members_frame([(unit, (*records, LOST))], BASELINES)
    assert frame["status"].tolist()[:3] == ["ok", "ok", "diverged"]
    row = summarise(Plan(), frame, NO_TRIALS).iloc[0]
    assert (row["seeds"], row["diverged"], row["escaped"]) == (3, 1, 2)
    assert row["test_mse_mean"] == pytest.approx(0.02)


def test_variant_all_of_whose_members_diverged_has_no_error() -> None:
    unit = Unit("p" * 64, "plain", "confirm", (Member(0.01, 4),), 2)
    row = summarise(Plan(), members_frame([(unit, (LOST,))], BASELINES), NO_TRIALS).iloc[0]
    assert (row["variant"], row["seeds"], row["escaped"], row["diverged"]) == ("plain", 1, 0, 1)
    assert math.isnan(row["test_mse_mean"])


def test_summary_of_seeds_by_hand_in_the_plans_order() -> None:
    units = [_confirmed("tied", 0.02), _confirmed("plain", 0.01, 0.02, 0.06)]
    summary = summarise(Plan(variants=("plain", "tied")), members_frame(units, BASELINES), NO_TRIALS)
    assert summary["variant"].tolist() == ["plain", "tied", "mean_image", "pca"]
    plain = summary.iloc[0]
    assert plain["test_mse_mean"] == pytest.approx(0.03)
    assert plain["test_mse_median"] == pytest.approx(0.02)
    assert (plain["test_mse_min"], plain["test_mse_max"]) == (0.01, 0.06)
    assert (plain["seeds"], plain["escaped"]) == (3, 2)
    assert plain["nmse_median"] == pytest.approx(0.2)


def test_levels_have_a_row_each() -> None:
    frame = levels_frame([_confirmed("plain", 0.01, 0.02)])
    assert len(frame) == 2
    assert frame["level"].tolist() == [1, 1]
    assert frame["cka"].tolist() == [LEVEL.cka] * 2


def test_trials_are_in_order_and_the_best_is_marked() -> None:
    members = (Member(0.1, 5000), Member(0.01, 5000), Member(0.5, 5000))
    curves = ((0.05, 0.04), (0.05, 0.03))
    records = [
        Record(member.lr, 5000, {}, "ok", tuple(Epoch(mse, 1.0) for mse in curve))
        for member, curve in zip(members, curves, strict=False)
    ]
    frame = trials_frame([(Unit("p", "plain", "tune", members, 2, (0, 1, 2)), (*records, LOST))])
    assert frame["trial"].tolist() == [0, 1, 2]
    assert frame["best"].tolist() == [False, True, False]
    assert frame["valid_mse"].tolist()[:2] == [0.04, 0.03]
    assert frame["status"].tolist() == ["ok", "ok", "diverged"]


def test_epochs_have_a_row_for_each_member_and_epoch() -> None:
    frame = epochs_frame([_confirmed("plain", 0.01, 0.02)])
    assert frame["epoch"].tolist() == [1, 2, 1, 2]
    assert frame["seed"].tolist() == [0, 0, 1, 1]
    assert frame["valid_mse"].tolist() == [0.06, 0.05] * 2


def test_tables_without_units_have_their_columns() -> None:
    assert isinstance(members_frame([], BASELINES), pd.DataFrame)
    for frame in (levels_frame([]), trials_frame([]), epochs_frame([])):
        assert len(frame) == 0
        assert "variant" in frame.columns
