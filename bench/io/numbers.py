"""Numbers as people read them."""

import math

import pandas as pd

from bench.io.text import with_minus


def number(value: float, form: str) -> str:
    """The number in this form, with a minus sign and no hyphen; a dash where there is none."""
    if pd.isna(value) or not math.isfinite(value):
        return "–"
    return with_minus(value, form)


def spread(low: float, high: float, form: str) -> str:
    """E.g. '−0.1 to +0.2', both ends in this form; a dash where there is no interval."""
    return "–" if pd.isna(low) or pd.isna(high) else f"{number(low, form)} to {number(high, form)}"


def signed(difference: float) -> str:
    """A difference of errors with its sign, to five decimals; a smaller one to two digits."""
    return number(difference + 0.0, "+.5f" if difference == 0 or abs(difference) >= 5e-5 else "+.1e")


def p_value(p: float) -> str:
    """A p value to three decimals; a dash where there is none."""
    return "< 0.001" if p < 0.0005 else number(p, ".3f")


def counted(count: int, **among: int) -> str:
    """The count, and in brackets how many of them had a fate of their own."""
    told = ", ".join(f"{number} {fate}" for fate, number in among.items() if number)
    return f"{count} ({told})" if told else str(count)
