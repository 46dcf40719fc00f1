"""Text from records as Markdown shows it: never a cell more, a line more, a link or a tag."""

import re

from bench.printable import printable

SPECIAL = re.compile(r"[\\\[\]*|]|<(?=[A-Za-z/!?])|&(?=[#A-Za-z])")
"""What begins emphasis, a link, a cell, a tag or an entity; a sign that begins none stays as it is."""
CODE = re.compile(r"(`[^`]*`)")


def line(text: object) -> str:
    """The text on one line, its special characters escaped but for code between backticks."""
    parts = CODE.split(printable(text))
    return "".join(_code(part) if CODE.fullmatch(part) else _escaped(part) for part in parts)


def code(text: object) -> str:
    """The text on one line, as it can stand between backticks."""
    return printable(text).replace("`", "'")


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\g<0>", text).replace("`", r"\`")


def _code(text: str) -> str:
    """A cell ends at a bar even within code."""
    return text.replace("|", r"\|")
