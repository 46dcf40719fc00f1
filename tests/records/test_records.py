"""Records survive their JSON, and a unit's id is what it trains."""

import json
import math
from dataclasses import replace

import pytest
from made_records import RECORD, TEST, UNIT
from torch import tensor

from bench.records.metrics import Epoch
from bench.records.records import (
    BaselineRecord,
    Baselines,
    baselines_from_json,
    decode_images,
    encode_images,
    record_from_json,
    to_json,
    unit_from_json,
)


def test_record_comes_back_from_its_json() -> None:
    assert record_from_json(_through_json(RECORD)) == RECORD


def test_unit_comes_back_from_its_json() -> None:
    assert unit_from_json(_through_json(UNIT)) == UNIT


def test_baselines_come_back_from_their_json() -> None:
    baselines = Baselines("AAAA", (0, 1), (BaselineRecord("pca", 0.01, TEST, "BBBB"),))
    assert baselines_from_json(_through_json(baselines)) == baselines


def test_numbers_that_are_not_finite_survive() -> None:
    diverged = replace(RECORD, status="diverged", history=(Epoch(math.nan, math.inf),), outcome=None)
    again = record_from_json(_through_json(diverged))
    assert math.isnan(again.history[0].valid_mse)
    assert again.history[0].valid_bce_nats == math.inf
    assert again.valid_mse == math.inf


@pytest.mark.parametrize(
    "change",
    [{"plan": "q"}, {"variant": "plain"}, {"stage": "confirm"}, {"members": UNIT.members[:1]}, {"epochs": 4}],
)
def test_units_that_differ_in_anything_have_different_ids(change: dict[str, object]) -> None:
    assert replace(UNIT, **change).id != UNIT.id
    assert replace(UNIT).id == UNIT.id


def test_pixels_come_back_to_within_half_a_level() -> None:
    images = tensor([[0.0, 0.3, 1.0], [1.2, -0.1, 0.5]])
    again = decode_images(encode_images(images), 2)
    assert again.shape == (2, 3)
    assert abs(again - images.clamp(0, 1).numpy()).max() <= 0.5 / 255 + 1e-7


def _through_json(value: object) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(json.dumps(to_json(value), allow_nan=False))
    return loaded
