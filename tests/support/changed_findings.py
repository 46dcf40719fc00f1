"""Findings of a run with something in them changed."""

from copy import copy
from functools import cached_property
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
    return with_values(found, **{table: frame})


def with_values(found: Findings, **values: Any) -> Findings:
    """The findings but for these values; all else is as it was, whatever it follows from."""
    for name, value in vars(Findings).items():
        if isinstance(value, cached_property):
            getattr(found, name)
    other = copy(found)
    if unknown := values.keys() - vars(other).keys():
        raise TypeError(f"findings have no {', '.join(sorted(unknown))}")
    vars(other).update(values)
    return other
