"""Whatever stands in a run's JSON, it is read as what it says or refused in one line that names the file."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from damaged_copies import ROW as ROW
from damaged_copies import altered, damaged, read_or_refused, with_digest
from fault_matrix import Row
from made_records import BASELINES, MANIFEST, MINE, RECORD

from bench.records.metrics import Epoch
from bench.records.records import Audit, AuditRecord, Audits, Member, Record, Unit, to_json
from bench.run.store import Run, read_run

ALTERED = {"tuned": 12_000, "confirmed": 15_000, "baselines": 10_000, "audit": 10_000, "manifest": 10_000}
"""Files of each kind whose fields are changed and whose digest is right."""
DAMAGED = 2_000
"""Files of each kind whose bytes are changed."""

CONFIRMED = Unit(MINE.plan, "tied", "confirm", (Member(0.01, 3), Member(0.01, 4)), 3)
LOST = Record(0.01, 4, {}, "diverged", (Epoch(0.1, float("nan")),))
PRUNED = replace(RECORD, lr=0.02, seed=1, extra={"weight": 0.5}, status="pruned", outcome=None)
AUDITS = Audits(3, 64, (
    AuditRecord("tied", Audit(("0", "all"), ("W_1", "V_0"), ((0.0, 1e-300), (0.5, float("inf"))))),
    AuditRecord("odd", None, "no way"),
))  # fmt: skip
BODIES: dict[str, Any] = {
    "tuned": {
        "unit": to_json(MINE),
        "records": to_json((replace(RECORD, seed=1, outcome=None), PRUNED)),
    },
    "confirmed": {"unit": to_json(CONFIRMED), "records": to_json((RECORD, LOST))},
    "baselines": {"baselines": to_json(BASELINES)},
    "audit": {"audits": to_json(AUDITS)},
    "manifest": {**MANIFEST, "shape": [28, 28]},
}
PLACES = {
    "tuned": f"units/{MINE.id}.json",
    "confirmed": f"units/{CONFIRMED.id}.json",
    "baselines": "units/baselines.json",
    "audit": "units/audit.json",
    "manifest": "manifest.json",
}
READERS: dict[str, Callable[[Run], Any]] = {
    "tuned": lambda run: {"unit": to_json(MINE), "records": to_json(run.get(MINE))},
    "confirmed": lambda run: {"unit": to_json(CONFIRMED), "records": to_json(run.get(CONFIRMED))},
    "baselines": lambda run: {"baselines": to_json(run.get_baselines())},
    "audit": lambda run: {"audits": to_json(run.get_audits())},
    "manifest": lambda run: _manifest(read_run(run.folder)),
}
"""What a run's folder says of each, as JSON again."""


@pytest.fixture
def run(folder: Path) -> Run:
    """A folder with a sound file of each kind."""
    (folder / "units").mkdir(parents=True)
    for kind, body in BODIES.items():
        (folder / PLACES[kind]).write_bytes(with_digest(body))
    return read_run(folder)


@pytest.mark.parametrize("kind", list(BODIES))
def test_sound_file_is_read_as_it_is(run: Run, kind: str) -> None:
    assert _read(run, kind) == _text(BODIES[kind])


@pytest.mark.long
@pytest.mark.parametrize("kind", list(BODIES))
def test_altered_content_with_its_digest_is_read_as_it_is_or_refused(run: Run, kind: str, row: Row) -> None:
    row.inject(ALTERED[kind])
    random, refused = Random(kind), 0
    for _ in range(ALTERED[kind]):
        body = altered(random, BODIES[kind])
        (run.folder / PLACES[kind]).write_bytes(with_digest(body))
        found = _read(run, kind)
        refused += found is None
        body.pop("digest", None)
        assert found in (None, _text(body))
    assert refused > ALTERED[kind] // 2
    row.survive(ALTERED[kind])


@pytest.mark.long
@pytest.mark.parametrize("kind", list(BODIES))
def test_damaged_file_is_refused_unless_it_still_says_the_same(run: Run, kind: str, row: Row) -> None:
    row.inject(DAMAGED)
    random, sound = Random(kind), with_digest(BODIES[kind])
    for _ in range(DAMAGED):
        (run.folder / PLACES[kind]).write_bytes(damaged(random, sound))
        assert _read(run, kind) in (None, _text(BODIES[kind]))
    row.survive(DAMAGED)


@pytest.mark.long
def test_report_reads_past_any_damaged_unit_and_names_it(run: Run) -> None:
    random, path = Random(0), run.folder / PLACES["confirmed"]
    for _ in range(1_000):
        path.write_bytes(with_digest(altered(random, BODIES["confirmed"])))
        units, lines = run.sound_units()
        assert (len(units), len(lines)) in ((1, 1), (2, 0))
        assert all(str(path) in str(line) for line in lines)


def _read(run: Run, kind: str) -> str | None:
    """What the file says, as one text; None where it is refused in one line that names it."""
    return read_or_refused(lambda: _text(READERS[kind](run)), named=run.folder / PLACES[kind])


def _manifest(run: Run) -> Any:
    return {**run.manifest, "plan": run.plan.as_json()}


def _text(body: Any) -> str:
    """1 and 1.0 are not the same, nor are True and 1."""
    return json.dumps(body, sort_keys=True)
