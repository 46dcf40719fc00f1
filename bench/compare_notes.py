"""What a reader of a comparison has to know beside its table: what was left out, and what else differs."""

from collections.abc import Mapping
from typing import Any

from bench.compare import Comparison, finished, pairs
from bench.findings import Findings
from bench.wording import plural


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


def differing(a: Findings, b: Findings) -> list[str]:
    """A line for each thing but the results in which the runs differ: plan, rates, code, versions, machine."""
    lines = _between("plan: ", _fields(a), _fields(b))
    lines += _between("tuned lr of ", _rates(a), _rates(b), common=True)
    mine, other = ({"code": str(run.manifest.get("code"))[:12]} for run in (a, b))
    covers = "" if a.plan.variants == b.plan.variants else ", which includes the plan's variants"
    lines += [line + covers for line in _between("", mine, other)]
    for part in ("versions", "machine"):
        lines += _between(f"{part}: ", a.manifest.get(part, {}), b.manifest.get(part, {}))
    return lines


def _fields(found: Findings) -> dict[str, Any]:
    """The plan's own values; a grown one's past is not what differs."""
    return {name: value for name, value in found.plan.as_json().items() if name != "grown_from"}


def seeds_apart(comparison: Comparison) -> bool:
    """Whether no variant has a seed that finished in both runs, so that nothing is compared."""
    return not comparison.table["pairs"].any()


def _unpaired(name: str, comparison: Comparison) -> list[str]:
    """Why seeds of this variant are not in its row."""
    runs, metric = {"A": comparison.a, "B": comparison.b}, comparison.metric
    done = {letter: set(finished(run, name, metric).index) for letter, run in runs.items()}
    lost = {letter: _seeds(run, name) - done[letter] for letter, run in runs.items()}
    lines = [f"{name}: {_list(lost[letter])} diverged in {letter}" for letter in runs if lost[letter]]
    for letter, other in (("A", "B"), ("B", "A")):
        alone = done[letter] - done[other] - lost[other]
        if alone:
            lines.append(f"{name}: {_list(alone)} finished only in {letter}")
    if not len(pairs(comparison.a, comparison.b, name, metric)):
        lines.append(f"{name}: no seed finished in both, so nothing to compare")
    return lines


def _seeds(found: Findings, name: str) -> set[int]:
    return set(found.members.loc[found.members["variant"] == name, "seed"])


def _list(seeds: set[int]) -> str:
    return f"{plural(len(seeds), 'seed')} {', '.join(map(str, sorted(seeds)))}"


def _rates(found: Findings) -> dict[str, str]:
    """The learning rate of each variant that was confirmed."""
    confirmed = found.members.dropna(subset="lr").drop_duplicates("variant")
    return {name: f"{lr:.3g}" for name, lr in zip(confirmed["variant"], confirmed["lr"], strict=True)}


def _between(what: str, there: Mapping[str, Any], here: Mapping[str, Any], common: bool = False) -> list[str]:
    """A line for each key whose value differs; with `common` only for keys that both have."""
    keys = [key for key in {**there, **here} if not common or (key in there and key in here)]
    return [
        f"{what}{key} {_text(there.get(key))} in A, {_text(here.get(key))} in B"
        for key in keys
        if there.get(key) != here.get(key)
    ]


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)
