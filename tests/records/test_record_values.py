"""What is read off a record, and records as a list."""

import math
from dataclasses import replace

import pytest
from made_records import RECORD

from bench.records.metrics import Epoch
from bench.records.records import Record, records_from_json, to_json


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (replace(RECORD, history=(Epoch(0.3, 1.0), Epoch(0.1, 1.0), Epoch(0.2, 1.0))), 0.2),
        (replace(RECORD, status="pruned", history=(Epoch(0.3, 1.0), Epoch(0.4, 1.0))), 0.4),
        (replace(RECORD, status="diverged", history=(Epoch(0.3, 1.0),)), math.inf),
        (replace(RECORD, history=()), math.inf),
    ],
)
def test_validation_error_is_that_of_the_last_epoch(record: Record, error: float) -> None:
    assert record.valid_mse == error


def test_records_come_back_as_a_list_and_nothing_else_is_one() -> None:
    records = (RECORD, replace(RECORD, seed=9, outcome=None))
    assert records_from_json(to_json(records)) == records
    assert records_from_json([]) == ()
    for value in ({}, None, "", to_json(RECORD)):
        with pytest.raises(ValueError, match="records must be a list"):
            records_from_json(value)
