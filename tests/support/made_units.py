"""Units with records of these validation errors."""

import math

from bench.records.metrics import Epoch
from bench.records.records import Member, Record, Stage, Unit


def unit_of(variant: str, stage: Stage, lr: float, *errors: float) -> tuple[Unit, tuple[Record, ...]]:
    """One model for each validation error, seeds from 0; inf is a diverged one."""
    records = tuple(
        Record(lr, seed, {}, "ok" if math.isfinite(mse) else "diverged", (Epoch(0.07, 1.0), Epoch(mse, 1.0)))
        for seed, mse in enumerate(errors)
    )
    return Unit("p", variant, stage, tuple(Member(lr, record.seed) for record in records), 2), records
