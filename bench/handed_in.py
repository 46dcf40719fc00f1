"""What `aebench unit` leaves for the run: the outcome of one unit in files of its own, until the run takes it."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.checked import require
from bench.engine import Trained
from bench.errors import BenchError
from bench.files import read_json, write_atomic, write_json
from bench.record_rules import check_finished
from bench.records import Unit, records_from_json, to_json, unit_from_json

FOLDER = "trained"
"""In the run's folder; the run takes what is there when it is started again."""


def hand_in(folder: Path, unit: Unit, trained: Trained) -> Path:
    """Leave the outcome in the folder; its JSON comes last, so what has one is whole."""
    model = trained.model
    if model is not None:
        write_atomic(_model(folder, unit), model)
    path = _path(folder, unit)
    values = {
        "unit": to_json(unit),
        "records": to_json(trained.records),
        "model": sha256(model).hexdigest() if model is not None else None,
        "seconds": trained.seconds["all"],
        "notes": list(trained.notes),
    }
    write_json(path, values)
    return path


def handed_in(folder: Path, unit: Unit) -> Trained | None:
    """The outcome of the unit, None where there is none; BenchError where it is damaged.

    Of its times only the whole is known: it went by elsewhere.
    """
    path = _path(folder, unit)
    if not path.exists():
        return None
    values = read_json(path)
    try:
        return _trained(values, unit, _model(folder, unit))
    except (KeyError, ValueError, OSError) as error:
        raise BenchError(
            f"{path} holds no outcome of its unit ({error}); delete it, and its unit is trained again"
        ) from error


def discard(folder: Path, unit: Unit) -> None:
    """The run has taken the outcome, or has one of its own."""
    _path(folder, unit).unlink(missing_ok=True)
    _model(folder, unit).unlink(missing_ok=True)
    checkpoint(folder, unit).unlink(missing_ok=True)


def checkpoint(folder: Path, unit: Unit) -> Path:
    """Where the unit is kept half-trained."""
    return folder / f"{unit.id}.checkpoint"


def _trained(values: dict[str, Any], unit: Unit, model: Path) -> Trained:
    require(unit_from_json(values["unit"]) == unit, "unit", f"unit {unit.id[:12]}", values["unit"])
    records = records_from_json(values["records"])
    check_finished(unit.id, unit, records)
    seconds, notes = values["seconds"], values["notes"]
    require(isinstance(seconds, int | float) and seconds >= 0, "seconds", "a number of at least 0", seconds)
    good = isinstance(notes, list) and all(isinstance(note, str) for note in notes)
    require(good, "notes", "a list of texts", notes)
    content = model.read_bytes() if values["model"] is not None else None
    if content is not None:
        digest = sha256(content).hexdigest()
        require(values["model"] == digest, "model", f"the digest of {model.name}", values["model"])
    return Trained(records, content, {"all": float(seconds)}, tuple(notes))


def _path(folder: Path, unit: Unit) -> Path:
    return folder / f"{unit.id}.json"


def _model(folder: Path, unit: Unit) -> Path:
    return folder / f"{unit.id}.safetensors"
