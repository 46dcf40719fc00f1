"""What so many seeds could have shown, and what not."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from bench.findings import Findings
from bench.power import ALPHA, least_p
from bench.wording import count


def advice(found: Findings) -> Iterator[str]:
    """A sentence for the comparisons to plain, and one for the single changes, where there are some."""
    comparisons = (
        ("to plain", found.contrasts),
        ("of a single change", found.attribution),
    )
    for which, table in comparisons:
        pairs = [int(number) for number in table["pairs"] if number]
        if not pairs:
            continue
        least = least_p(pairs)
        told = (
            f"The least p of a sign-flip test of {count(max(pairs), 'pair')} is {least_p([max(pairs)]):.2g}"
        )
        if len(pairs) > 1:
            told += f", {least:.2g} after Holm for the {len(pairs)} comparisons {which}"
        yield f"{told}: {_seen(table['detectable'], least)}"


def _seen(detectable: "pd.Series[float]", least: float) -> str:
    """What differences could have been found, in words."""
    if least > ALPHA:
        return "no difference, however large, could have been called significant at 5 %."
    sizes = detectable[np.isfinite(detectable)]
    if sizes.empty:
        return "a difference can be called significant at 5 %, but these pairs have no spread to go by."
    low, high = (f"{bound:.2g}" for bound in (sizes.min(), sizes.max()))
    size = low if low == high else f"{low} to {high}, by comparison,"
    return f"a true difference of the test mse of {size} is found four times in five; smaller ones need more seeds."
