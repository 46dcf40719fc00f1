"""What the commands print: lines, tables, a time as a person would say it."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.io.text import printable, quantity

console = Console()
SHORT = 20
"""A column of so many characters is never broken into lines."""
NUMERIC = "0123456789-−+–<>"
"""What a cell with a number begins with, a dash where there is none."""


def say(text: object, on: Console = console) -> None:
    """Print the text as it is, on one line however long: a bracket or a colon in it is no mark-up."""
    on.print(Text(printable(text)), soft_wrap=True)


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, the first column to the left."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for number, title in enumerate(header):
        numeric = number > 0 and all(row[number][:1] in NUMERIC for row in rows if row[number])
        short = number == 0 or max((len(row[number]) for row in rows), default=0) <= SHORT
        table.add_column(Text(title), justify="right" if numeric else "left", no_wrap=short)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)


def show_wide_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in as many parts as its width asks for, the first column in each."""
    widths = [max(map(len, column)) + 2 for column in zip(header, *rows, strict=True)]
    parts = [[0]]
    for number in range(1, len(header)):
        if sum(widths[column] for column in [*parts[-1], number]) > console.width:
            parts.append([0])
        parts[-1].append(number)
    for part in parts:
        show_table([header[column] for column in part], [[row[column] for column in part] for row in rows])


def format_duration(seconds: float) -> str:
    """A time as a person would say it, e.g. '1 second' and '1.5 hours'."""
    if seconds < 90:
        return quantity(round(seconds), "second")
    return quantity(round(seconds / 60), "minute") if seconds < 5400 else f"{seconds / 3600:.1f} hours"
