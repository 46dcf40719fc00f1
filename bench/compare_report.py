"""A comparison written up: its answer in a sentence or two, its table as text, and `compare.md`."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from bench.compare import Comparison
from bench.compare_notes import differing, left_out, seeds_apart
from bench.digits import number
from bench.rendering import render
from bench.wording import count

VERDICTS = {
    "worse": "worse than A on",
    "better": "better than A on",
    "not told apart": "not told apart from A on",
    "undecided": "undecided, with fewer than two pairs, on",
}
"""How the answer says each verdict, in its order."""
FEW = 20
"""Pairs up to which a BCa interval misses clearly too often: 50 % of the time with 2 normal differences, 16 % with 5,
12 % with 8 and 7 % with 20."""


def answer(comparison: Comparison) -> list[str]:
    """On which variants B is better, worse or not told apart, and how far so few seeds can be trusted."""
    if seeds_apart(comparison):
        return ["A and B share no finished seed of any variant, so nothing can be compared."]
    table = comparison.table
    parts = []
    for name, words in VERDICTS.items():
        rows = table[table["verdict"] == name]
        changes = zip(rows["variant"], rows["percent"], strict=True)
        named = ", ".join(f"{variant} {number(percent, '+.2f')} %" for variant, percent in changes)
        parts += [f"{words} {len(rows)} ({named})"] if len(rows) else []
    return [
        f"Of {count(len(table), 'variant')}, by {comparison.metric.name}, B is {'; '.join(parts)}.",
        _limits(comparison),
    ]


def _limits(comparison: Comparison) -> str:
    """What the number of pairs allows to say."""
    judged = comparison.table["pairs"][comparison.table["pairs"] > 0]
    least, most = int(judged.min()), int(judged.max())
    text = f"Seeds paired: {least}" + (f" to {most}" if most > least else "")
    text += f"; so no p can lie below {2 / 2**most:.3g}"
    if least <= FEW:
        text += ", and the 95 % interval of so few misses the true difference more often than once in twenty"
    return f"{text}."


def table_rows(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """The table as text: its header and one row a variant."""
    digits = f"+.{comparison.metric.decimals}f"
    header = [
        "variant", "seeds", "A", "B", "B − A", "95 % interval", "verdict", "in %", "interval in %", "p", "p (Holm)",
        "better on", "escaped A, B",
    ]  # fmt: skip
    return header, [
        [
            row["variant"],
            str(row["pairs"]),
            comparison.metric.text(row["mean_a"]),
            comparison.metric.text(row["mean_b"]),
            number(row["difference"], digits),
            _range(row["low"], row["high"], digits),
            row["verdict"],
            number(row["percent"], "+.2f"),
            _range(row["percent_low"], row["percent_high"], "+.2f"),
            number(row["p"], ".3g"),
            number(row["p_holm"], ".3g"),
            _better(row),
            _of(f"{row['escaped_a']}, {row['escaped_b']}", row["pairs"]),
        ]
        for _, row in comparison.table.iterrows()
    ]


def markdown(
    comparison: Comparison, folders: tuple[Path, Path], rules: Sequence[tuple[str, list[str]]]
) -> str:
    """The comparison as Markdown; rules: each rule's text and the lines of the variants it holds for."""
    header, rows = table_rows(comparison)
    return render(
        "compare.md.j2",
        answer=answer(comparison),
        folders=folders,
        header=header,
        rows=rows,
        metric=comparison.metric,
        rules=rules,
        differing=differing(comparison.a, comparison.b),
        left_out=left_out(comparison),
        manifests=(comparison.a.manifest, comparison.b.manifest),
    )


def _better(row: "pd.Series[Any]") -> str:
    """The pairs on which B is better, and those on which it is equal if there are some."""
    better = round(row["better_share"] * row["pairs"] - row["equal"] / 2) if row["pairs"] else 0
    equal = f", {row['equal']} equal" if row["equal"] else ""
    return _of(f"{better}", row["pairs"]) + equal


def _of(counts: str, pairs: int) -> str:
    return f"{counts} of {pairs}" if pairs else "–"


def _range(low: float, high: float, form: str) -> str:
    return f"{number(low, form)} to {number(high, form)}" if isfinite(low) else "–"
