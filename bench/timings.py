"""Clock times, kept apart from the records so that results compare byte for byte."""

import csv
from collections.abc import Sequence
from pathlib import Path

from bench.errors import BenchError
from bench.records import Record, Unit

COLUMNS = ("unit", "variant", "stage", "members", "model_epochs", "seconds", "seconds_per_model_epoch")


def note_time(folder: Path, unit: Unit, records: Sequence[Record], seconds: float) -> None:
    """Add a line to the run's `timings.csv`: what the unit took, training and evaluation together."""
    path = folder / "timings.csv"
    model_epochs = sum(len(record.history) for record in records)
    each = f"{seconds / max(1, model_epochs):.3f}"
    row = (unit.id[:12], unit.variant, unit.stage, len(records), model_epochs, f"{seconds:.3f}", each)
    new = not path.exists()
    try:
        with path.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, row] if new else [row])
    except OSError as error:
        raise BenchError(f"cannot write {path}: {error.strerror or error}") from error
