"""A frame as CSV in which no text is a formula to a spreadsheet; every digit of every number."""

from typing import Any

import pandas as pd

from bench.printable import printable

FORMULA = ("=", "+", "-", "@")
"""A cell that begins so is computed, not shown, by spreadsheets; an apostrophe before it makes it text."""


def csv_text(frame: pd.DataFrame) -> str:
    """The frame without its index; text that begins like a formula is led by an apostrophe, names of columns too.

    Every text is on one line, for a carriage return would end a row.
    """
    safe = frame.rename(columns=_text)
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_text)
    return safe.to_csv(index=False, lineterminator="\n")


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    shown = printable(value)
    return f"'{shown}" if shown.startswith(FORMULA) else shown
