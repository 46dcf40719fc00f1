"""A comparison written up: its answer, its notes, its table as text, and `compare.md`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.io.text import format_number, plural, quantity
from bench.report.blocks import (
    Column,
    Row,
    Rows,
    interval_cell,
    metric_cell,
    number_cell,
    text_cell,
    written_rows,
)
from bench.report.comparison import Comparison, finished_members, paired_seeds
from bench.report.escaping import render
from bench.report.findings import Findings

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


def left_out(comparison: Comparison) -> list[str]:
    """A line for each variant that only one run has, for seeds without a partner, for what a run lacks."""
    runs = {"A": comparison.a, "B": comparison.b}
    mine, theirs = (list(found.plan.variants) for found in runs.values())
    lines = [f"{name}: only A has this variant" for name in mine if name not in theirs]
    lines += [f"{name}: only B has this variant" for name in theirs if name not in mine]
    lines += [line for name in mine if name in theirs for line in _unpaired(name, comparison)]
    return lines + [
        f"{letter} is not complete: {line}" for letter, found in runs.items() for line in found.missing
    ]


def differences_between(a: Findings, b: Findings) -> list[str]:
    """A line for each thing but the results in which the runs differ: plan, rates, code, versions, machine."""
    lines = _differing("plan: ", _fields(a), _fields(b))
    lines += _differing("tuned lr of ", _rates(a), _rates(b), common=True)
    mine, other = ({"code": str(run.manifest.get("code"))[:12]} for run in (a, b))
    covers = "" if a.plan.variants == b.plan.variants else ", which includes the plan's variants"
    lines += [line + covers for line in _differing("", mine, other)]
    for part in ("versions", "machine"):
        lines += _differing(f"{part}: ", a.manifest.get(part, {}), b.manifest.get(part, {}))
    return lines


def seeds_apart(comparison: Comparison) -> bool:
    """Whether no variant has a seed that finished in both runs, so that nothing is compared."""
    return not comparison.table["pairs"].any()


def comparison_answer(comparison: Comparison) -> list[str]:
    """On which variants B is better, worse or not told apart, and how far so few seeds can be trusted."""
    if seeds_apart(comparison):
        return ["A and B share no finished seed of any variant, so nothing can be compared."]
    table = comparison.table
    parts = []
    for name, words in VERDICTS.items():
        judged = table[table["verdict"] == name]
        changes = zip(judged["variant"], judged["percent"], strict=True)
        named = ", ".join(f"{variant} {format_number(percent, '+.2f')} %" for variant, percent in changes)
        parts += [f"{words} {len(judged)} ({named})"] if len(judged) else []
    return [
        f"Of {quantity(len(table), 'variant')}, by {comparison.metric.name}, B is {'; '.join(parts)}.",
        _limits(comparison),
    ]


def table_rows(comparison: Comparison) -> Rows:
    """The table as text: its header and one row a variant."""
    metric = comparison.metric
    columns = (
        Column("variant", text_cell("variant")),
        Column("seeds", text_cell("pairs")),
        Column("A", metric_cell(metric, "mean_a")),
        Column("B", metric_cell(metric, "mean_b")),
        Column("B − A", number_cell("difference", f"+{metric.form}")),
        Column("95 % interval", interval_cell("low", "high", f"+{metric.form}")),
        Column("verdict", text_cell("verdict")),
        Column("in %", number_cell("percent", "+.2f")),
        Column("interval in %", interval_cell("percent_low", "percent_high", "+.2f")),
        Column("p", number_cell("p", ".3g")),
        Column("p (Holm)", number_cell("p_holm", ".3g")),
        Column("better on", _better),
        Column("escaped A, B", lambda row: _of(f"{row['escaped_a']}, {row['escaped_b']}", row["pairs"])),
    )
    return written_rows(columns, comparison.table)


def markdown(
    comparison: Comparison, folders: tuple[Path, Path], rules: Sequence[tuple[str, list[str]]]
) -> str:
    """The comparison as Markdown; rules: each rule's text and the lines of the variants it holds for."""
    header, body = table_rows(comparison)
    return render(
        "compare.md.j2",
        answer=comparison_answer(comparison),
        folders=folders,
        header=header,
        rows=body,
        metric=comparison.metric,
        rules=rules,
        differing=differences_between(comparison.a, comparison.b),
        left_out=left_out(comparison),
        manifests=(comparison.a.manifest, comparison.b.manifest),
    )


def _fields(found: Findings) -> dict[str, Any]:
    """The plan's own values; a grown one's past is not what differs."""
    return {name: value for name, value in found.plan.as_json().items() if name != "grown_from"}


def _unpaired(name: str, comparison: Comparison) -> list[str]:
    """Why seeds of this variant are not in its row."""
    runs, metric = {"A": comparison.a, "B": comparison.b}, comparison.metric
    done = {letter: set(finished_members(run, name, metric).index) for letter, run in runs.items()}
    lost = {letter: _seeds(run, name) - done[letter] for letter, run in runs.items()}
    lines = [f"{name}: {_named_seeds(lost[letter])} diverged in {letter}" for letter in runs if lost[letter]]
    for letter, other in (("A", "B"), ("B", "A")):
        alone = done[letter] - done[other] - lost[other]
        if alone:
            lines.append(f"{name}: {_named_seeds(alone)} finished only in {letter}")
    if not len(paired_seeds(comparison.a, comparison.b, name, metric)):
        lines.append(f"{name}: no seed finished in both, so nothing to compare")
    return lines


def _seeds(found: Findings, name: str) -> set[int]:
    return set(found.members.loc[found.members["variant"] == name, "seed"])


def _named_seeds(seeds: set[int]) -> str:
    return f"{plural(len(seeds), 'seed')} {', '.join(map(str, sorted(seeds)))}"


def _rates(found: Findings) -> dict[str, str]:
    """The learning rate of each variant that was confirmed."""
    confirmed = found.members.dropna(subset="lr").drop_duplicates("variant")
    return {name: f"{lr:.3g}" for name, lr in zip(confirmed["variant"], confirmed["lr"], strict=True)}


def _differing(
    what: str, there: Mapping[str, Any], here: Mapping[str, Any], common: bool = False
) -> list[str]:
    """A line for each key whose value differs; with `common` only for keys that both have."""
    keys = [key for key in {**there, **here} if not common or (key in there and key in here)]
    return [
        f"{what}{key} {_value_text(there.get(key))} in A, {_value_text(here.get(key))} in B"
        for key in keys
        if there.get(key) != here.get(key)
    ]


def _value_text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)


def _limits(comparison: Comparison) -> str:
    """What the number of pairs allows to say."""
    judged = comparison.table["pairs"][comparison.table["pairs"] > 0]
    least, most = int(judged.min()), int(judged.max())
    said = f"Seeds paired: {least}" + (f" to {most}" if most > least else "")
    said += f"; so no p can lie below {2 / 2**most:.3g}"
    if least <= FEW:
        said += ", and the 95 % interval of so few misses the true difference more often than once in twenty"
    return f"{said}."


def _better(row: Row) -> str:
    """The pairs on which B is better, and those on which it is equal if there are some."""
    better = round(row["better_share"] * row["pairs"] - row["equal"] / 2) if row["pairs"] else 0
    equal = f", {row['equal']} equal" if row["equal"] else ""
    return _of(f"{better}", row["pairs"]) + equal


def _of(counts: str, pairs: int) -> str:
    return f"{counts} of {pairs}" if pairs else "–"
