"""What the tables say about causes, in words: who corresponds, who collapsed, what more the run shows."""

import pandas as pd

from bench.contestants import REFERENCE, contestants
from bench.findings import Findings


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
    nearest = f"the match error of its worst level is {worst[best]:.2g} of the activations' variance"
    if worst[best] >= 1:
        return f"No variant has opposite levels that are all closer than the mean activation; in `{best}` {nearest}."
    far = [name for name, nmse in worst.items() if nmse >= 1]
    others = (
        f"; no closer than the mean activation, at their worst level, are those of {_names(far)}"
        if far
        else ""
    )
    return f"Opposite levels are closest in `{best}`: {nearest}{others}."


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
        "Cross-entropy between levels is BCE(e, d) = H(e) + KL(e ‖ d). With gradient into e the entropy of the "
        "target is part of the loss: it falls when activations saturate or stop varying, and a constant code makes "
        "every inner term cheap. Squared error has the same constant solution, and a target that can move shrinks "
        "there too, but it has no pull of its own towards saturation."
    )


def collapsed(found: Findings) -> list[str]:
    """Contestants of whose finished seeds most stayed at the mean image."""
    rows = found.summary[found.summary["variant"].isin(contestants(found.plan))]
    finished = rows["seeds"] - rows["diverged"]
    return [str(name) for name in rows.loc[(finished > 0) & (2 * rows["escaped"] < finished), "variant"]]


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
