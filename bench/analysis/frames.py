"""Records as tidy pandas frames, one kind of row each (results/README.md tells every column); the digits shown."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.records.metrics import LEVEL_METRICS, METRICS, Epoch, escape_epoch, escaped, metrics_of
from bench.records.records import (
    MODEL_METRICS,
    Audits,
    BaselineRecord,
    Baselines,
    Outcome,
    Record,
    Stage,
    Unit,
    decode_images,
)
from bench.tuning.trials import best_trial, trials_of

Units = Sequence[tuple[Unit, Sequence[Record]]]
CONFIRMED_STAGES: tuple[Stage, ...] = ("confirm",)
INTEGER_COLUMNS = ("seed", "epochs", "parameters", "escape_epoch", "trial", "level", "epoch")
"""Columns of whole numbers; a value may be missing."""
MEMBER_COLUMNS = (
    "plan", "unit", "variant", "lr", "seed", "status", "epochs", "parameters", "valid_mse", "escaped",
    "escape_epoch", *METRICS, *MODEL_METRICS,
)  # fmt: skip
"""Columns that the table of members always has, in their order."""
DigitStrip = tuple[str, NDArray[np.float64]]
"""A name and its images, (n, pixels) in [0, 1]."""


def members_frame(
    units: Units, baselines: Baselines, stages: Collection[Stage] = CONFIRMED_STAGES
) -> pd.DataFrame:
    """One row a tested member of these stages with every yardstick, then one row a reference line."""
    lines = {line.name: line for line in baselines.lines}
    plateau = lines["mean_image"]
    rows = [_member_row(unit, record) | _escape(record, plateau) for unit, record in _members(units, stages)]
    frame = _frame(rows + [_line_row(line) for line in lines.values()], MEMBER_COLUMNS)
    for name, line in lines.items():
        frame[f"test_mse_share_of_{name}"] = frame["test_mse"] / line.test.mse
    frame["test_bce_share_of_mean_image"] = frame["test_bce_nats"] / plateau.test.bce_nats
    return frame.astype({"escaped": "boolean"})


def levels_frame(units: Units, stages: Collection[Stage] = CONFIRMED_STAGES) -> pd.DataFrame:
    """One row a tested member of these stages and level, 1 to L."""
    rows = [
        {"unit": unit.id[:12], "variant": unit.variant, "lr": record.lr, "seed": record.seed, **vars(level)}
        for unit, record in _members(units, stages)
        for level in (record.outcome.levels if record.outcome else ())
    ]
    return _frame(rows, ("unit", "variant", "lr", "seed", "level", *LEVEL_METRICS))


def trials_frame(units: Units) -> pd.DataFrame:
    """One row a trial; `best` marks the one whose learning rate is confirmed."""
    rows: list[dict[str, Any]] = []
    for variant in dict.fromkeys(unit.variant for unit, _ in units):
        tuned = [pair for pair in units if pair[0].variant == variant and pair[0].stage == "tune"]
        served = [(unit, trial) for unit, records in tuned for trial in trials_of(unit, records)]
        chosen = best_trial([trial for _, trial in served])
        rows += [
            {
                "unit": unit.id[:12],
                "variant": variant,
                "trial": trial.number,
                "lr": trial.lr,
                **trial.extra,
                "status": trial.status,
                "epochs": len(trial.curve),
                "valid_mse": trial.value,
                "best": trial == chosen,
            }
            for unit, trial in sorted(served, key=lambda pair: pair[1].number)
        ]
    return _frame(rows, ("unit", "variant", "trial", "lr", "status", "epochs", "valid_mse", "best"))


def epochs_frame(units: Units) -> pd.DataFrame:
    """One row a member and epoch, of tuning and confirmation."""
    rows = [
        {
            "unit": unit.id[:12],
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
    columns = ("unit", "stage", "variant", "trial", "lr", "seed", "epoch", *metrics_of(Epoch))
    return _frame(rows, columns)


def audit_frame(audits: Audits | None) -> pd.DataFrame:
    """One row a variant, level (the last "all", the whole objective) and weight; none without the record."""
    rows = [
        (record.variant, level, weight, norm)
        for record in (audits.variants if audits else ())
        if record.audit
        for level, norms in zip(record.audit.levels, record.audit.norms, strict=True)
        for weight, norm in zip(record.audit.weights, norms, strict=True)
    ]
    return pd.DataFrame(rows, columns=["variant", "level", "weight", "norm"])


def digit_strips(units: Units, baselines: Baselines) -> tuple[list[DigitStrip], list[str]]:
    """The ten digits; each variant's reconstructions by its seed of median test error; PCA's.

    Beside them a line for each variant whose reconstructions are not of as many pixels.
    """
    strips, unlike = [("original", decode_images(baselines.originals, len(baselines.labels)))], []
    for variant in dict.fromkeys(unit.variant for unit, _ in units):
        found = [
            record.outcome
            for unit, records in units
            for record in records
            if (unit.variant, unit.stage) == (variant, "confirm") and record.outcome
        ]
        if found:
            pixels = decode_images(_median(found).digits, 1)
            if pixels.size == strips[0][1].size:
                strips.append((variant, pixels.reshape(strips[0][1].shape)))
            else:
                unlike.append(f"{variant}: its reconstructions do not have the originals' size")
    count = len(baselines.labels)
    pca = [("PCA", decode_images(line.digits, count)) for line in baselines.lines if line.name == "pca"]
    return strips + pca, unlike


def _members(units: Units, stages: Collection[Stage]) -> Iterator[tuple[Unit, Record]]:
    return ((unit, record) for unit, records in units if unit.stage in stages for record in records)


def _member_row(unit: Unit, record: Record) -> dict[str, Any]:
    """The member's yardsticks in one row; those of level l end in _l."""
    row: dict[str, Any] = {"plan": unit.plan[:12], "unit": unit.id[:12], "variant": unit.variant}
    row |= {"lr": record.lr, **record.extra, "seed": record.seed, "status": record.status}
    row["epochs"] = len(record.history)
    outcome = record.outcome
    if outcome is None:
        return row
    row |= {"parameters": outcome.parameters, "valid_mse": record.valid_mse}
    row |= {f"test_{name}": value for name, value in vars(outcome.test).items()}
    row |= {name: getattr(outcome, name) for name in MODEL_METRICS}
    for level in outcome.levels:
        values = {name: value for name, value in vars(level).items() if name != "level"}
        row |= {f"{name}_{level.level}": value for name, value in values.items()}
    return row


def _escape(record: Record, plateau: BaselineRecord) -> dict[str, Any]:
    """Whether and when the member left the plateau at the mean image."""
    left = escaped(record.outcome.test.mse, plateau.test.mse) if record.outcome else None
    curve = [errors.valid_mse for errors in record.history]
    return {"escaped": left, "escape_epoch": escape_epoch(curve, plateau.valid_mse)}


def _line_row(line: BaselineRecord) -> dict[str, Any]:
    """A reference line has errors only."""
    test = {f"test_{name}": value for name, value in vars(line.test).items()}
    return {"variant": line.name, "valid_mse": line.valid_mse, **test}


def _frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """A frame that has at least these columns and has them first, also where there are no rows."""
    frame = pd.DataFrame(rows)
    frame = frame.reindex(columns=list(dict.fromkeys([*columns, *frame.columns])))
    return frame.astype({name: "Int64" for name in INTEGER_COLUMNS if name in frame})


def _median(outcomes: list[Outcome]) -> Outcome:
    """The lower of the two in the middle where their number is even."""
    return sorted(outcomes, key=lambda outcome: outcome.test.mse)[(len(outcomes) - 1) // 2]
