"""What the tables say about causes, in words: who corresponds, who collapsed, what more the run shows."""

import pandas as pd

from bench.contestants import REFERENCE, contestants
from bench.digits import number
from bench.findings import Findings
from bench.wording import listing


def level_medians(found: Findings) -> pd.DataFrame:
    """The levels' yardsticks of every contestant, median over the seeds that did not diverge."""
    columns = ["nmse", "cka", "variance", "participation_ratio", "saturated", "dead"]
    rows = found.levels[found.levels["variant"].isin(contestants(found.plan))]
    return rows.groupby(["variant", "level"], sort=False)[columns].median().reset_index()


def worst_matches(found: Findings) -> dict[str, float]:
    """The match error of each contestant's worst inner level, median over the seeds; not of those that collapsed."""
    inner = level_medians(found).dropna(subset=["nmse"])
    levels = inner.groupby("variant", sort=False)["nmse"].max()
    left_out = collapsed(found)
    return {str(name): float(nmse) for name, nmse in levels.items() if name not in left_out}


def correspondence(found: Findings) -> str:
    """Which contestant's opposite levels are closest, and which are no closer than a mean."""
    worst = worst_matches(found)
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


def _rank(found: Findings, names: list[str]) -> str:
    """In how many directions the codes vary: the fewer, the less there is to match."""
    medians = level_medians(found)
    code = medians[medians["level"] == medians["level"].max()].set_index("variant")["participation_ratio"]
    ranks = [f"{number(code[name], '.1f')} in `{name}`" for name in names]
    varied = f"the code varies in {listing(ranks)} directions (participation ratio)"
    return f"How much there is to match differs: {varied}."


def collapse(found: Findings) -> str:
    """What the codes of contestants that stayed at the mean image look like; empty where none did."""
    medians = level_medians(found)
    code = medians[medians["level"] == medians["level"].max()].set_index("variant")
    stuck = [name for name in collapsed(found) if name in code.index]
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


def entropy(found: Findings) -> str:
    """Why cross-entropy between levels pulls them to a constant, where that was seen."""
    if "layer_bce" not in collapsed(found):
        return ""
    return (
        "How cross-entropy between levels can lead there: BCE(e, d) = H(e) + KL(e ‖ d), so with gradient into "
        "e the entropy of the target is part of the loss. It falls when activations saturate or stop varying, "
        "and a constant code makes every inner term cheap. Squared error has the same constant solution, but "
        "where d equals e it asks no more of e. This is a reading of the losses that the collapse fits; "
        "saturated or dead units alone are no proof of it, as the table below shows where they go with a low "
        "error."
    )


def collapsed(found: Findings) -> list[str]:
    """Contestants of whose finished seeds most stayed at the mean image."""
    rows = found.summary[found.summary["variant"].isin(contestants(found.plan))]
    finished = rows["seeds"] - rows["diverged"]
    return [str(name) for name in rows.loc[(finished > 0) & (2 * rows["escaped"] < finished), "variant"]]


def _names(names: list[str]) -> str:
    return listing([f"`{name}`" for name in names])
