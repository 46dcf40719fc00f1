"""JSON from outside becomes a value of the bench or an error, whatever it is."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from made_records import MANIFEST, MINE, RECORD

from bench.io import files
from bench.io.errors import BenchError, UsageError
from bench.io.files import read_json, write_json
from bench.plan import Plan
from bench.records.records import baselines_from_json, record_from_json, to_json, unit_from_json
from bench.records.rules import check_finished
from bench.run.manifest import manifest_from_json

FLOATS = some.floats(allow_nan=False, allow_infinity=False)
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | FLOATS | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@settings(derandomize=True, deadline=None)
@given(ANYTHING)
def test_whatever_json_holds_is_no_record_and_no_crash(value: Any) -> None:
    for read in (unit_from_json, record_from_json, baselines_from_json, Plan.from_json):
        with pytest.raises((ValueError, UsageError)):
            read(value)


@settings(derandomize=True, deadline=None)
@given(some.data())
def test_field_of_anything_is_taken_as_it_is_or_refused(data: some.DataObject) -> None:
    for whole, read, write in (
        (to_json(RECORD), record_from_json, to_json), (Plan().as_json(), Plan.from_json, Plan.as_json),
    ):  # fmt: skip
        changed = whole | {data.draw(some.sampled_from(sorted(whole))): data.draw(ANYTHING)}
        try:
            found = read(changed)
        except (ValueError, UsageError):
            continue
        assert write(found) == changed


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"lr": True}, "record.lr must be a number but got True"),
        ({"seed": 1.0}, "record.seed must be a whole number but got 1.0"),
        ({"seed": 2**63}, r"record.seed must be below 2\^63 in size"),
        ({"status": "fine"}, "record.status must be one of ok, pruned, diverged but got 'fine'"),
        ({"history": {}}, "record.history must be a list but got {}"),
        ({"history": [{"valid_mse": 0.1}]}, r"record.history\[0\] must be exactly the fields \['valid_bce_nats', "),
        ({"outcome": 3}, "record.outcome must be an object but got 3"),
        ({"lr\n": 3}, "record must be exactly the fields"),
    ],
)  # fmt: skip
def test_wrong_field_is_named_with_its_rule(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        record_from_json(to_json(RECORD) | change)


def test_records_of_another_unit_are_not_taken_for_this_ones() -> None:
    records = (RECORD, RECORD)
    with pytest.raises(ValueError, match="must be the one of the file's name"):
        check_finished("0" * 64, MINE, records)
    with pytest.raises(ValueError, match="must be of the unit's member in its place"):
        check_finished(MINE.id, MINE, records)


def test_manifest_whose_plan_is_not_the_one_it_names_is_refused() -> None:
    with pytest.raises(ValueError, match="plan_id must be that of the plan"):
        manifest_from_json(MANIFEST | {"plan": Plan(trials=9).as_json()})
    with pytest.raises(ValueError, match="shape must be of 784 pixels"):
        manifest_from_json(MANIFEST | {"shape": [28, 27]})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"a": NaN}', "NaN is not a number in JSON"),
        (b'{"a": -Infinity}', "-Infinity is not a number in JSON"),
        (b'{"a": 1, "a": 1}', "a key occurs twice in one object"),
        (b"[" * 100_000, "its values are nested too deep"),
        (b'{"a":' * 100_000, "its values are nested too deep"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "Exceeds the limit"),
        ('{"a": 1}'.encode("utf-16"), "codec can't decode"),
    ],
)
def test_json_that_is_none_is_named_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(BenchError, match=rf"x\.json is damaged \(.*{reason}"):
        read_json(tmp_path / "x.json")


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"a": "\ud800"})
    with pytest.raises(BenchError, match="surrogates not allowed"):
        read_json(tmp_path / "x.json")


def test_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(tmp_path / "x.json", {"a": 1})
    monkeypatch.setattr(files, "MAX_JSON", 10)
    with pytest.raises(BenchError, match=r"it must be at most 10 bytes but has \d+"):
        read_json(tmp_path / "x.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes on this platform")
def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.json")
    with pytest.raises(BenchError, match="it is not a file"):
        read_json(tmp_path / "x.json")
