"""Phrases that many messages share."""

from collections.abc import Iterable
from difflib import get_close_matches

from bench.errors import UsageError


def count(number: int, thing: str) -> str:
    """E.g. '1 seed' and '3 seeds'."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def require_known(thing: str, name: str, known: Iterable[str]) -> None:
    """UsageError for a name that is none of these, with the nearest of them."""
    names = list(known)
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    raise UsageError(f"unknown {thing} {name!r}; {meant}choose from {', '.join(names)}")
