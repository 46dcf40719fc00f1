"""Whatever stands in a file that passes between processes, it is read as what it says or refused in one line."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from damaged_copies import ROW as ROW
from damaged_copies import altered, damaged, read_or_refused, with_digest
from fault_matrix import Row
from filelock import FileLock
from made_records import RECORD, UNIT
from safetensors.torch import load, save

from bench.engine.job_files import DataSource, JobFile, read_job, write_job
from bench.engine.outcome_files import read_outcome, write_outcome
from bench.engine.protocol import Trained
from bench.engine.provenance import TrainingEnvironment
from bench.io.files import json_bytes, read_json
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.metrics import Epoch
from bench.records.records import Record, to_json
from bench.run import progress
from bench.run.checksums import LIST_NAME, read_sums
from bench.run.failures import Failure, note_failure, read_failures
from bench.run.lock import Holder, describe_holder
from bench.run.progress import RunProgress
from bench.training.checkpoint import DIGEST_LENGTH, Checkpoint, CheckpointState

ALTERED = {"job": 6_000, "outcome": 6_000, "failure": 3_000, "progress": 3_000}
"""Files of each kind whose fields are changed and whose digest is right."""
DAMAGED = 1_500
"""Files of each of these kinds whose bytes are changed."""
HOLDERS, SUMS, CHECKPOINTS = 4_000, 5_000, 6_000
"""Signs of who works in a folder, lists of digests, half-trained units; with a right digest and without one."""

PLAN = Plan(variants=("plain", "tied"))
TUNED, CONFIRMED = (
    replace(unit, plan=PLAN.identity) for unit in (UNIT, replace(UNIT, stage="confirm", trials=()))
)
ROUND = tuple(Record(one.lr, one.seed, one.extra, "ok", (Epoch(0.06, 200.0),)) for one in TUNED.members)
DONE = tuple(replace(RECORD, lr=one.lr, seed=one.seed, extra=one.extra) for one in CONFIRMED.members)
LOST = replace(RECORD, status="diverged", history=(Epoch(0.1, float("nan")),), outcome=None)
FOOTING = TrainingEnvironment("c0de", {"torch": "2.13.0"})
JOB = JobFile(
    Job(CONFIRMED, PLAN, ((TUNED, ROUND),)), "/runs/a", "da7a", DataSource(None, "/data"), 2, FOOTING
)
TRAINED = Trained(DONE, b"weights", {"all": 12.5}, ("trained in halves",))
PLACES = {
    "job": "0001.json",
    "outcome": f"{CONFIRMED.id}.json",
    "failure": f"failures/{TUNED.id}.json",
    "progress": progress.PROGRESS_FILE,
}


def _outcome(folder: Path, trained: Trained | None) -> Any:
    return trained and read_json(write_outcome(folder / "again", CONFIRMED, trained))


def _failure(folder: Path, found: list[Failure]) -> Any:
    for one in found:
        note_failure(folder / "again", one)
    return read_json(folder / "again" / PLACES["failure"]) if found else None


def _job(folder: Path, job: JobFile) -> Any:
    write_job(folder / "again" / "0001.json", job)
    return read_json(folder / "again" / "0001.json")


READERS: dict[str, Callable[[Path], Any]] = {
    "job": lambda folder: _job(folder, read_job(folder / PLACES["job"])),
    "outcome": lambda folder: _outcome(folder, read_outcome(folder, CONFIRMED)),
    "failure": lambda folder: _failure(folder, read_failures(folder)),
    "progress": lambda folder: to_json(progress.read_progress(folder)),
}
"""What a folder says of each, as JSON again; None where that counts as absent."""


@pytest.fixture
def bodies(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A folder with a sound file of each kind, in which somebody works; the JSON of each."""
    # What was read is written again to be compared, thousands of times, and need not outlive the power.
    monkeypatch.setattr("os.fsync", lambda _: None)
    write_job(folder / PLACES["job"], JOB)
    write_outcome(folder, CONFIRMED, TRAINED)
    note_failure(folder, Failure(TUNED, "MemoryError: too little"))
    now = RunProgress(4711, "vm", ("tune plain, 6 models", "confirm tied, 2 models"), 90.5, 1.8e9)
    (folder / progress.PROGRESS_FILE).write_bytes(json_bytes(to_json(now)))
    with FileLock(folder / ".lock"):
        yield {kind: read_json(folder / place) for kind, place in PLACES.items()}


@pytest.mark.parametrize("kind", list(PLACES))
def test_sound_file_is_read_as_it_is(folder: Path, bodies: dict[str, Any], kind: str) -> None:
    assert _read(folder, kind) == _text(bodies[kind])


@pytest.mark.long
@pytest.mark.parametrize("kind", list(PLACES))
def test_altered_content_with_its_digest_is_read_as_it_is_or_refused(
    folder: Path, bodies: dict[str, Any], kind: str, row: Row
) -> None:
    row.inject(ALTERED[kind])
    random, refused = Random(kind), 0
    for _ in range(ALTERED[kind]):
        body = altered(random, bodies[kind])
        (folder / PLACES[kind]).write_bytes(with_digest(body))
        found = _read(folder, kind)
        refused += found is None
        body.pop("digest", None)
        assert found in (None, _text(body))
    assert refused > ALTERED[kind] // 4
    row.survive(ALTERED[kind])


@pytest.mark.long
@pytest.mark.parametrize("kind", list(PLACES))
def test_damaged_file_is_refused_unless_it_still_says_the_same(
    folder: Path, bodies: dict[str, Any], kind: str, row: Row
) -> None:
    row.inject(DAMAGED)
    random, path = Random(kind), folder / PLACES[kind]
    sound = path.read_bytes()
    for _ in range(DAMAGED):
        path.write_bytes(damaged(random, sound))
        assert _read(folder, kind) in (None, _text(bodies[kind]))
    row.survive(DAMAGED)


@pytest.mark.long
def test_sign_of_who_works_here_is_read_as_it_is_or_is_nobodys(tmp_path: Path, row: Row) -> None:
    row.inject(HOLDERS)
    random, body = Random(6), {"pid": 4711, "host": "vm", "since": "2026-11-23 17:01:12"}
    for number in range(HOLDERS):
        changed = altered(random, body)
        content = with_digest(changed)
        (tmp_path / "holder.json").write_bytes(damaged(random, content) if number % 4 == 0 else content)
        said = describe_holder(tmp_path)
        assert said.isprintable()
        assert len(said) < 300
        if said != "a process that left no name":
            changed.pop("digest", None)
            assert said == str(Holder(**changed))
    row.survive(HOLDERS)


@pytest.mark.long
def test_list_of_digests_is_read_as_it_stands_or_refused(tmp_path: Path, row: Row) -> None:
    row.inject(SUMS)
    random, path = Random(7), tmp_path / LIST_NAME
    names = ("manifest.json", "report.html", "tables/members.csv", "figures/ä.svg")
    sound = "".join(f"{sha256(name.encode()).hexdigest()}  {name}\n" for name in names).encode()
    for number in range(SUMS):
        body = damaged(random, sound)
        content = f"# {sha256(body).hexdigest()} of the lines below\n".encode() + body
        path.write_bytes(damaged(random, content) if number % 4 == 0 else content)
        found = read_or_refused(lambda: read_sums(tmp_path), named=path)
        if found is not None:
            assert [f"{value}  {name}" for name, value in found.items()] == body.decode().splitlines()
            assert all((tmp_path / name).is_relative_to(tmp_path) for name in found)
            assert not any(".." in Path(name).parts for name in found)
    row.survive(SUMS)


@pytest.mark.long
@pytest.mark.parametrize("harm", ["bytes", "body", "facts"])
def test_checkpoint_is_read_as_it_was_saved_or_is_none(tmp_path: Path, harm: str, row: Row) -> None:
    row.inject(CHECKPOINTS // 3)
    random, path = Random(harm), tmp_path / "checkpoint"
    saved = CheckpointState(
        2, (0,), (replace(RECORD, outcome=None), LOST), {"weight.a": torch.arange(6.0).reshape(2, 3)}
    )
    checkpoint = Checkpoint(path, "unit")
    checkpoint.save(saved)
    sound = path.read_bytes()
    facts = _facts(sound)
    for _ in range(CHECKPOINTS // 3):
        if harm == "bytes":
            content = damaged(random, sound)
        elif harm == "body":
            content = _sealed(damaged(random, sound[DIGEST_LENGTH:]))
        else:
            text = json.dumps(altered(random, facts)).encode()
            tensor = torch.frombuffer(bytearray(text), dtype=torch.uint8)
            content = _sealed(save({**saved.tensors, "facts": tensor}))
        path.write_bytes(content)
        found = checkpoint.load()
        if found:
            again = {"unit": "unit", "epoch": found.epoch, "rows": found.rows, "records": found.records}
            assert _text(to_json(again)) == _text(_facts(content))
            assert found.tensors.keys() == load(content[DIGEST_LENGTH:]).keys() - {"facts"}
    row.survive(CHECKPOINTS // 3)


def _read(folder: Path, kind: str) -> str | None:
    """What the file says, as one text; None where it is refused in one line that names it, or counts as absent."""
    found = read_or_refused(lambda: READERS[kind](folder), named=folder / PLACES[kind])
    return None if found is None else _text(found)


def _facts(content: bytes) -> Any:
    return json.loads(load(content[DIGEST_LENGTH:])["facts"].numpy().tobytes())


def _sealed(body: bytes) -> bytes:
    return sha256(body).hexdigest().encode() + body


def _text(body: Any) -> str:
    """1 and 1.0 are not the same, nor are True and 1."""
    return json.dumps(body, sort_keys=True)
