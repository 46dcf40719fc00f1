"""Words for people: phrases that many messages share, and text from outside as a screen may show it."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from textwrap import shorten

from bench.io.errors import UsageError


def printable(text: object) -> str:
    """The text on one line, with a question mark for each character that a screen would obey.

    Spaces within a line stay as many as they are, so that a name is shown as it has to be typed.
    """
    lines = (line.strip() for line in str(text).splitlines())
    return "".join(map(_shown, " ".join(filter(None, lines))))


def _shown(one: str) -> str:
    return one if one.isprintable() else " " if one.isspace() else "?"


def quantity(number: int, thing: str) -> str:
    """E.g. '1 seed' and '3,000 seeds'."""
    return f"{number:,} {plural(number, thing)}"


def plural(number: int, thing: str) -> str:
    """E.g. 'seed' for 1 and 'seeds' for 3."""
    return thing if number == 1 else f"{thing}s"


def join_words(things: Sequence[str]) -> str:
    """E.g. 'a', 'a and b' and 'a, b and c'; nothing for none."""
    return " and ".join([", ".join(things[:-1]), things[-1]] if len(things) > 1 else things)


def with_minus(number: float, form: str) -> str:
    """The number in this form, with a minus sign and no hyphen before it."""
    return re.sub("^-", "−", format(number, form))


def require_known(thing: str, name: str, known: Iterable[str]) -> None:
    """UsageError for a name that is none of these, with the nearest of them, whatever its case."""
    names = {one.lower(): one for one in known}
    if name in names.values():
        return
    near = get_close_matches(name.lower(), names, n=1)
    meant = f"did you mean {names[near[0]]!r}? " if near else ""
    raise UsageError(
        f"unknown {thing} {shorten(repr(name), 200)}; {meant}choose from {', '.join(names.values())}"
    )
