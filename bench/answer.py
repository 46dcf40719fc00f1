"""The answer in three sentences, filled from the tables."""

import pandas as pd

from bench.contestants import REFERENCE
from bench.digits import signed
from bench.findings import Findings
from bench.headline import Metric
from bench.rows import without_controls
from bench.summary import LINE_NAMES
from bench.why import worst_matches
from bench.wording import count


def answer(found: Findings, metric: Metric) -> list[str]:
    """Which variant is best by the metric, which ones fail, and what this run cannot show."""
    rows = without_controls(found.summary)
    variants = rows[~rows["variant"].isin(list(LINE_NAMES))].set_index("variant")
    finite = variants[f"{metric.name}_mean"].notna()
    if not finite.any():
        return ["No variant has a confirmed model that did not diverge, so there is nothing to compare."]
    best = (
        _best(found, variants, metric) if variants["escaped"].any() else _least_bad(found, variants, metric)
    )
    return [best, f"{_failures(variants)}{_mirror(found)}.", _limits(found, variants)]


def _least_bad(found: Findings, variants: pd.DataFrame, metric: Metric) -> str:
    """Where nothing learned, the lowest error is no victory."""
    means = {str(name): float(mean) for name, mean in variants[f"{metric.name}_mean"].items()}
    name = metric.best(means)
    return (
        f"Of {count(len(variants), 'variant')} none came more than 5 % below the test mse of giving back the mean "
        f"image on any seed, so none is best; the {metric.superlative} {metric.title} on the "
        f"{found.plan.test_images:,} test images is {name}'s, {metric.text(means[name])}."
    )


def _best(found: Findings, variants: pd.DataFrame, metric: Metric) -> str:
    """The variant with the best mean, its spread, and its place beside PCA."""
    means = {str(name): float(mean) for name, mean in variants[f"{metric.name}_mean"].items()}
    name = metric.best(means)
    low, mean, high = (
        metric.text(variants[f"{metric.name}_{kind}"][name]) for kind in ("min", "mean", "max")
    )
    seeds, lost = variants["seeds"][name], variants["diverged"][name]
    over = f"{seeds - lost} of {count(seeds, 'seed')}, the others diverged," if lost else count(seeds, "seed")
    return (
        f"Of {count(len(variants), 'variant')}, {name} has the {metric.superlative} {metric.title} on the "
        f"{found.plan.test_images:,} test images: {mean} on average over {over} ({low} to {high}), its mse "
        f"{variants['test_mse_share_of_pca_mean'][name]:.2f} times that of PCA with as many components as the "
        f"code has units{_beside_plain(found, name, metric.best_first(means))}{_median(variants, name, metric)}"
        f"{_control(found, means[name], metric)}."
    )


def _median(variants: pd.DataFrame, name: str, metric: Metric) -> str:
    """Another variant that is best on most seeds, and whose mean a few bad seeds spoil."""
    medians = {str(one): float(median) for one, median in variants[f"{metric.name}_median"].items()}
    best = metric.best(medians)
    if medians[best] == medians[name]:
        return ""
    lost = variants["seeds"][best] - variants["escaped"][best]
    stuck = f", though {lost} of its {count(variants['seeds'][best], 'seed')} learned nothing" if lost else ""
    return f"; by the median seed it is {best}, {metric.text(medians[best])}{stuck}"


def _control(found: Findings, best: float, metric: Metric) -> str:
    """The control that is better still, if one is."""
    controls = found.summary[found.summary["control"].astype(bool)].set_index("variant")
    means = {str(name): float(mean) for name, mean in controls[f"{metric.name}_mean"].items()}
    order = metric.best_first(means)
    if not order or metric.best({"": best, order[0]: means[order[0]]}) == "":
        return ""
    return f"; of the controls {order[0]} is better still, {metric.text(means[order[0]])}"


def _beside_plain(found: Findings, name: str, order: list[str]) -> str:
    """How far the variant lies from plain, or the next one from plain where it is plain, and how sure that is."""
    other = next((one for one in order if one != name), name) if name == REFERENCE else name
    rows = found.contrasts[found.contrasts["variant"] == other].dropna(subset=["low", "p_holm"])
    if rows.empty:
        return ""
    row = rows.iloc[0]
    side = "below" if row["difference"] < 0 else "above"
    far = f"{signed(abs(row['difference']))[1:]} {side}"
    far = f" and {far} plain's" if other == name else f"; {other} comes next, its mse {far} it"
    told = "told" if row["p_holm"] < 0.05 else "not told"
    return (
        f"{far} seed by seed, {told} from chance (95 % interval of the difference {signed(row['low'])} to "
        f"{signed(row['high'])}, p {row['p_holm']:.3f} after Holm)"
    )


def _failures(variants: pd.DataFrame) -> str:
    """The variants some of whose seeds stayed at the mean image, or diverged."""
    parts = []
    for name, row in variants.iterrows():
        stuck = row["seeds"] - row["escaped"] - row["diverged"]
        if stuck:
            parts.append(f"{name} on {stuck} of {count(row['seeds'], 'seed')}")
        if row["diverged"]:
            parts.append(f"{name} diverged on {row['diverged']} of {count(row['seeds'], 'seed')}")
    if not parts:
        return (
            "Every seed of every variant came more than 5 % below the test mse of giving back the mean image"
        )
    return (
        "Not more than 5 % below the test mse of giving back the mean image, at the learning rate tuned here: "
        f"{'; '.join(parts)}"
    )


def _mirror(found: Findings) -> str:
    """Whose decoder mirrors its encoder."""
    worst = worst_matches(found)
    if not worst:
        return ""
    best = min(worst, key=worst.__getitem__)
    if worst[best] >= 1:
        return "; in no variant are all opposite levels closer to each other than to their mean activation"
    return (
        f"; opposite levels are closest in {best}, with a match error of {worst[best]:.2g} at the worst, where 1 is "
        "no better than the mean activation"
    )


def _limits(found: Findings, variants: pd.DataFrame) -> str:
    """What budget stands behind the numbers, and what it cannot tell."""
    plan = found.plan
    parts = [
        f"Behind this stand, for each variant, {count(plan.trials, 'learning rate')} tried for "
        f"{count(plan.tune_epochs, 'epoch')} on {count(plan.tune_seeds, 'seed')} and "
        f"{count(plan.seeds, 'seed')} trained for {count(plan.epochs, 'epoch')}"
    ]
    if plan.epochs < 100:
        parts.append(
            "the question trained for 100, so a variant that leaves the mean image later than here counts as stuck"
        )
    if plan.tune_epochs < plan.epochs:
        parts.append("the rate that is best for the shorter time need not be best for the longer")
    edges = [str(name) for name, side in variants["lr_at_edge"].items() if side]
    if edges:
        parts.append(f"the best rate lies at the edge of the search for {', '.join(edges)}")
    return "; ".join([*parts, _significance(plan.seeds, len(variants) - 1)]) + "."


def _significance(seeds: int, comparisons: int) -> str:
    """The least p of a paired two-sided sign-flip test is 2 / 2^n; Holm multiplies it by the comparisons."""
    least = 2 / 2**seeds * max(1, comparisons)
    if least > 0.05:
        return (
            f"{count(seeds, 'seed')} cannot make any difference significant at 5 % in a paired sign-flip test"
        )
    return f"with {count(seeds, 'seed')} no corrected p of a paired sign-flip test lies below {least:.2g}"
