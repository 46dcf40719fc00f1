"""What a report is made of: sections of words, tables and pictures, the same in every format."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraphs:
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


Block = Paragraphs | Table | FigureBlock


@dataclass(frozen=True)
class Section:
    """A part of the report under a title of its own."""

    title: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """Its title as the name of a place on the page."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
