"""Words and numbers for people, and text from outside as a screen may show it."""

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from math import isfinite, isnan
from numbers import Real
from textwrap import shorten

from bench.io.errors import UsageError


def printable(text: object) -> str:
    """The text on one line, with a question mark for each character that a screen would obey.

    Spaces within a line stay as many as they are, so that a name is shown as it has to be typed.
    """
    lines = (line.strip() for line in str(text).splitlines())
    return "".join(map(_shown, " ".join(filter(None, lines))))


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


def format_number(value: float, form: str) -> str:
    """The number in this form, with a minus sign and no hyphen; a dash where there is none, as for pandas's NA."""
    return with_minus(value, form) if isinstance(value, Real) and isfinite(value) else "–"


def format_interval(low: float, high: float, form: str | Callable[[float], str]) -> str:
    """E.g. '−0.1 to +0.2', both ends in this form or as this writes them; a dash where there is no interval."""
    if isnan(low) or isnan(high):
        return "–"
    return " to ".join(form(end) if callable(form) else format_number(end, form) for end in (low, high))


def format_difference(difference: float) -> str:
    """A difference of errors with its sign, to five decimals; a smaller one to two digits."""
    return format_number(difference + 0.0, "+.5f" if difference == 0 or abs(difference) >= 5e-5 else "+.1e")


def format_p(p: float) -> str:
    """A p value to three decimals; a dash where there is none."""
    return "< 0.001" if p < 0.0005 else format_number(p, ".3f")


def format_count(count: int, **among: int) -> str:
    """The count, and in brackets how many of them had a fate of their own."""
    told = ", ".join(f"{number} {fate}" for fate, number in among.items() if number)
    return f"{count} ({told})" if told else str(count)


def _shown(one: str) -> str:
    return one if one.isprintable() else " " if one.isspace() else "?"
