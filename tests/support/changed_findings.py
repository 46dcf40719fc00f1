"""Findings of a run with something in them changed."""

from typing import Any

import pandas as pd

from bench.records.metrics import METRICS
from bench.report.findings import Findings

MSE = METRICS["test_mse"]


def changed(found: Findings, table: str, variant: str, **values: Any) -> Findings:
    """The findings with one row of one table changed."""
    frame: pd.DataFrame = getattr(found, table).copy()
    for column, value in values.items():
        frame.loc[frame["variant"] == variant, column] = value
    return found.with_(**{table: frame})
