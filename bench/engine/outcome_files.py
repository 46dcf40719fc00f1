"""The outcomes that `aebench unit` leaves in a run's folder, for the run to take."""

from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from pathlib import Path

from bench.engine.protocol import Trained
from bench.io.errors import BenchError
from bench.io.files import read_json, write_atomic, write_json
from bench.io.validation import require, validated
from bench.records.records import Record, Unit, to_json
from bench.records.rules import check_finished

OUTCOME_FOLDER = "trained"
"""In the run's folder; the run takes what is there when it is started again."""


@dataclass(frozen=True)
class _Outcome:
    """What the JSON holds."""

    unit: Unit
    records: tuple[Record, ...]
    model: str | None
    """The digest of the model's file; None where there is none."""
    seconds: float
    notes: tuple[str, ...]


def write_outcome(folder: Path, unit: Unit, trained: Trained) -> Path:
    """Leave the outcome in the folder; its JSON comes last, so what has one is whole."""
    model = trained.model
    if model is not None:
        write_atomic(_model(folder, unit), model)
    path = _path(folder, unit)
    digest = sha256(model).hexdigest() if model is not None else None
    left = _Outcome(unit, trained.records, digest, trained.seconds["all"], trained.notes)
    write_json(path, to_json(left))
    return path


def read_outcome(folder: Path, unit: Unit) -> Trained | None:
    """The outcome of the unit, None where there is none; BenchError where it is damaged.

    Of its times only the whole is known: it went by elsewhere.
    """
    path = _path(folder, unit)
    if not path.exists():
        return None
    values = read_json(path)
    try:
        return _trained(validated(_Outcome, values, "the file"), unit, _model(folder, unit))
    except (ValueError, OSError) as error:
        raise BenchError(
            f"{path} holds no outcome of its unit ({error}); delete it, and its unit is trained again"
        ) from error


def remove_outcome(folder: Path, unit: Unit) -> None:
    """The run has taken the outcome, or has one of its own."""
    _path(folder, unit).unlink(missing_ok=True)
    _model(folder, unit).unlink(missing_ok=True)
    checkpoint_path(folder, unit).unlink(missing_ok=True)


def checkpoint_path(folder: Path, unit: Unit) -> Path:
    """Where the unit is kept half-trained."""
    return folder / f"{unit.id}.checkpoint"


def _trained(left: _Outcome, unit: Unit, model: Path) -> Trained:
    require(left.unit == unit, "unit", f"unit {unit.id[:12]}", left.unit)
    check_finished(unit.id, unit, left.records)
    seconds = left.seconds
    require(isfinite(seconds) and seconds >= 0, "seconds", "a finite number of at least 0", seconds)
    content = model.read_bytes() if left.model is not None else None
    if content is not None:
        digest = sha256(content).hexdigest()
        require(left.model == digest, "model", f"the digest of {model.name}", left.model)
    return Trained(left.records, content, {"all": seconds}, left.notes)


def _path(folder: Path, unit: Unit) -> Path:
    return folder / f"{unit.id}.json"


def _model(folder: Path, unit: Unit) -> Path:
    return folder / f"{unit.id}.safetensors"
