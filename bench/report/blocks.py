"""What a report is made of: paragraphs, tables and their columns, figures, sections."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from bench.io.text import format_interval, format_number
from bench.records.metrics import Metric

Row = Mapping[str, Any]
Cell = Callable[[Row], str]
Rows = tuple[list[str], list[list[str]]]
"""A table as text: its header and its cells."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `code` stands between backticks."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of text under a header, and a note that says what the columns are and which file they come from."""

    name: str
    """Of the file in `tables/` that holds it, without its ending."""
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str
    words: int = 1
    """How many of its columns, from the first, are words and stand to the left."""


@dataclass(frozen=True)
class FigureBlock:
    """A figure by the name of its file in `figures/`, with what it shows in words."""

    name: str
    title: str
    caption: str

    @property
    def text(self) -> str:
        """Title and caption as sentences."""
        return f"{self.title}{'' if self.title.endswith('?') else '.'} {self.caption}"


Block = Paragraph | Table | FigureBlock


@dataclass(frozen=True)
class Section:
    """A part of the report under a title of its own."""

    title: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """Its title as the name of a place on the page."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


@dataclass(frozen=True)
class Column:
    """What heads a column, and a row's cell in it as text."""

    title: str
    cell: Cell
    help: str = ""
    """What the column holds, in a clause that begins with its name; empty where the table's note says it."""


def written_rows(columns: Sequence[Column], frame: pd.DataFrame) -> Rows:
    """The frame's rows as text under the columns' titles."""
    cells = [[column.cell(cast(Row, row)) for column in columns] for _, row in frame.iterrows()]
    return [column.title for column in columns], cells


def column_note(opening: str, columns: Sequence[Column], ending: str) -> str:
    """What stands under a table: between the two sentences, what its columns hold."""
    helps = [column.help for column in columns if column.help]
    return ". ".join([*([opening] if opening else []), *helps, ending])


def text_cell(name: str) -> Cell:
    """The row's value of this name as it is."""
    return lambda row: str(row[name])


def number_cell(name: str, form: str | Callable[[float], str]) -> Cell:
    """The row's number of this name, in this form or as this writes it."""
    return lambda row: form(row[name]) if callable(form) else format_number(row[name], form)


def metric_cell(metric: Metric, name: str = "") -> Cell:
    """The row's value of the yardstick, under this name if it is not its own."""
    return number_cell(name or metric.name, metric.text)


def interval_cell(low: str, high: str, form: str | Callable[[float], str]) -> Cell:
    """From one of the row's numbers to another, in this form or as this writes them."""
    return lambda row: format_interval(row[low], row[high], form)
