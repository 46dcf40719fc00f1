"""Numbers as people read them."""

from collections.abc import Callable
from math import isfinite, isnan
from numbers import Real

from bench.io.text import with_minus


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
