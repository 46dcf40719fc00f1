"""Records as tidy pandas frames, one kind of row each; results/README.md tells every column."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from bench.metrics import escape_epoch, escaped
from bench.records import BaselineRecord, Baselines, Record, Unit
from bench.trials import best, trials_of

Units = Sequence[tuple[Unit, Sequence[Record]]]

INTEGERS = ("seed", "epochs", "parameters", "escape_epoch", "trial", "level", "epoch")
"""Columns of whole numbers; a value may be missing."""


def members_frame(units: Units, baselines: Baselines | None) -> pd.DataFrame:
    """One row a confirmed member with every yardstick, then one row a reference line."""
    lines = () if baselines is None else baselines.lines
    rows = [_member_row(unit, record) for unit, record in _members(units, "confirm")]
    rows += [_line_row(line) for line in lines]
    frame = _frame(rows, ("plan", "variant", "lr", "seed", "status", "epochs", "test_mse"))
    for line in lines:
        for column, value in (("mse", line.test.mse), ("bce", line.test.bce_nats)):
            measured = frame["test_mse" if column == "mse" else "test_bce_nats"]
            frame[f"test_{column}_share_of_{line.name}"] = measured / value
    mean_image = next((line for line in lines if line.name == "mean_image"), None)
    return frame if mean_image is None else _with_escape(frame, units, mean_image)


def levels_frame(units: Units) -> pd.DataFrame:
    """One row a confirmed member and level, 1 to L."""
    rows = [
        {"variant": unit.variant, "lr": record.lr, "seed": record.seed, **vars(level)}
        for unit, record in _members(units, "confirm")
        for level in (record.outcome.levels if record.outcome else ())
    ]
    return _frame(rows, ("variant", "lr", "seed", "level", "nmse"))


def trials_frame(units: Units) -> pd.DataFrame:
    """One row a trial; `best` marks the one whose learning rate is confirmed."""
    rows: list[dict[str, Any]] = []
    for variant in dict.fromkeys(unit.variant for unit, _ in units):
        mine = [pair for pair in units if pair[0].variant == variant and pair[0].stage == "tune"]
        trials = sorted((one for pair in mine for one in trials_of(*pair)), key=lambda one: one.number)
        chosen = best(trials)
        rows += [
            {
                "variant": variant,
                "trial": trial.number,
                "lr": trial.lr,
                **trial.extra,
                "status": trial.status,
                "epochs": len(trial.curve),
                "valid_mse": trial.value,
                "best": trial == chosen,
            }
            for trial in trials
        ]
    return _frame(rows, ("variant", "trial", "lr", "status", "epochs", "valid_mse", "best"))


def epochs_frame(units: Units) -> pd.DataFrame:
    """One row a member and epoch, of tuning and confirmation."""
    rows = [
        {
            "stage": unit.stage,
            "variant": unit.variant,
            "trial": unit.trials[place] if unit.trials else None,
            "lr": record.lr,
            "seed": record.seed,
            "epoch": epoch,
            **vars(errors),
        }
        for unit, records in units
        for place, record in enumerate(records)
        for epoch, errors in enumerate(record.history, 1)
    ]
    columns = ("stage", "variant", "trial", "lr", "seed", "epoch", "valid_mse", "valid_bce_nats")
    return _frame(rows, columns)


def _members(units: Units, stage: str) -> Iterator[tuple[Unit, Record]]:
    return ((unit, record) for unit, records in units if unit.stage == stage for record in records)


def _member_row(unit: Unit, record: Record) -> dict[str, Any]:
    """The member's yardsticks in one row; those of level l end in _l."""
    row: dict[str, Any] = {"plan": unit.plan[:12], "variant": unit.variant, "lr": record.lr, **record.extra}
    row |= {"seed": record.seed, "status": record.status, "epochs": len(record.history)}
    outcome = record.outcome
    if outcome is None:
        return row
    row |= {"parameters": outcome.parameters, "valid_mse": record.valid_mse}
    row |= {f"test_{name}": value for name, value in vars(outcome.test).items()}
    row["probe_accuracy"] = outcome.probe_accuracy
    for level in outcome.levels:
        values = {name: value for name, value in vars(level).items() if name != "level"}
        row |= {f"{name}_{level.level}": value for name, value in values.items()}
    return row


def _line_row(line: BaselineRecord) -> dict[str, Any]:
    """A reference line has errors only."""
    test = {f"test_{name}": value for name, value in vars(line.test).items()}
    return {"variant": line.name, "valid_mse": line.valid_mse, **test}


def _with_escape(frame: pd.DataFrame, units: Units, mean_image: BaselineRecord) -> pd.DataFrame:
    """Whether and when each member left the plateau at the mean image."""
    records = [record for _, record in _members(units, "confirm")]
    left = [
        escaped(record.outcome.test.mse, mean_image.test.mse) if record.outcome else None
        for record in records
    ]
    epochs = [
        escape_epoch([errors.valid_mse for errors in record.history], mean_image.valid_mse)
        for record in records
    ]
    padding = [None] * (len(frame) - len(records))
    frame["escaped"] = pd.array(left + padding, dtype="boolean")
    frame["escape_epoch"] = pd.array(epochs + padding, dtype="Int64")
    return frame


def _frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """A frame that has at least these columns, also where there are no rows."""
    frame = pd.DataFrame(rows, columns=None if rows else list(columns))
    whole = [name for name in INTEGERS if name in frame]
    return frame.astype(dict.fromkeys(whole, "Int64"))
