"""What the tables say about causes, in words: which levels agree, who collapsed, what so many seeds can show."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from bench.analysis.statistics import ALPHA, least_p
from bench.analysis.summary import collapsed_variants, level_medians, worst_level_nmse
from bench.contestants import REFERENCE
from bench.io.text import format_number, join_words, quantity
from bench.report.findings import Findings


def power_sentences(found: Findings) -> Iterator[str]:
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
        told = f"The least p of a sign-flip test of {quantity(max(pairs), 'pair')} is {least_p([max(pairs)]):.2g}"
        if len(pairs) > 1:
            told += f", {least:.2g} after Holm for the {len(pairs)} comparisons {which}"
        yield f"{told}: {_seen(table['detectable'], least)}"


def ranking_sentence(frame: pd.DataFrame) -> str:
    """Whether the order changes at one rate, and which it is; empty where fewer than two variants have a rank."""
    ranked = frame.dropna(subset=["rank_tuned", "rank_one"])
    if len(ranked) < 2:
        return ""
    own, one = (
        ", ".join(ranked.sort_values(f"rank_{kind}", kind="stable")["variant"]) for kind in ("tuned", "one")
    )
    same = (ranked["rank_tuned"] == ranked["rank_one"]).all()
    order = f"stays {own}" if same else f"changes: {one} instead of {own}"
    lost = [
        f"{row['variant']} diverges there on {row['diverged_one']} of {row['seeds']}"
        for _, row in ranked.iterrows()
        if row["diverged_one"]
    ]
    over = " to ".join(str(count) for count in sorted({ranked["seeds"].min(), ranked["seeds"].max()}))
    basis = f"validation error, lowest first, on {over} {'seed' if over == '1' else 'seeds'}"
    return "; ".join([f"At plain's learning rate for all the order {order} ({basis})", *lost]) + "."


def correspondence_paragraph(found: Findings) -> str:
    """Which contestant's opposite levels are closest, and which are no closer than a mean."""
    worst = worst_level_nmse(found.plan, found.levels, found.summary)
    if not worst:
        return ""
    best = min(worst, key=worst.__getitem__)
    nearest = (
        f"the match error of its worst level is {worst[best]:.2g} of the activations' variance (median seed)"
    )
    if worst[best] >= 1:
        return f"No variant has opposite levels that are all closer than the mean activation; in `{best}` {nearest}."
    far = [name for name, nmse in worst.items() if nmse >= 1]
    others = (
        f"; no closer than the mean activation, at their worst level, are those of {_names(far)}"
        if far
        else ""
    )
    return f"Opposite levels are closest in `{best}`: {nearest}{others}. {_rank(found, list(worst))}"


def collapse_paragraph(found: Findings) -> str:
    """What the codes of contestants that stayed at the mean image look like; empty where none did."""
    medians = level_medians(found.plan, found.levels)
    code = medians[medians["level"] == medians["level"].max()].set_index("variant")
    stuck = [name for name in collapsed_variants(found.plan, found.summary) if name in code.index]
    if not stuck:
        return ""
    shown = [name for name in (REFERENCE, *stuck) if name in code.index]
    facts = [
        f"in `{name}` {code['variance'][name]:.2g}, with {code['saturated'][name]:.0%} of the activations saturated "
        f"and {code['dead'][name]:.0%} of the units dead"
        for name in dict.fromkeys(shown)
    ]
    return (
        f"Nearly the same answer to every image: {_names(stuck)}. The variance of a code's activation between images "
        f"is {'; '.join(facts)}. A small distance between levels that do not vary is nothing won."
    )


def entropy_paragraph(found: Findings) -> str:
    """Why cross-entropy between levels pulls them to a constant, where that was seen."""
    if "layer_bce" not in collapsed_variants(found.plan, found.summary):
        return ""
    return (
        "How cross-entropy between levels can lead there: BCE(e, d) = H(e) + KL(e ‖ d), so with gradient into "
        "e the entropy of the target is part of the loss. It falls when activations saturate or stop varying, "
        "and a constant code makes every inner term cheap. Squared error has the same constant solution, but "
        "where d equals e it asks no more of e. This is a reading of the losses that the collapse fits; "
        "saturated or dead units alone are no proof of it, as the table below shows where they go with a low "
        "error."
    )


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


def _rank(found: Findings, names: list[str]) -> str:
    """In how many directions the codes vary: the fewer, the less there is to match."""
    medians = level_medians(found.plan, found.levels)
    code = medians[medians["level"] == medians["level"].max()].set_index("variant")["participation_ratio"]
    ranks = [f"{format_number(code[name], '.1f')} in `{name}`" for name in names]
    varied = f"the code varies in {join_words(ranks)} directions (participation ratio)"
    return f"How much there is to match differs: {varied}."


def _names(names: list[str]) -> str:
    return join_words([f"`{name}`" for name in names])
