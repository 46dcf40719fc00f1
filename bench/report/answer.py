"""The answer in three sentences, filled from the tables: who reconstructs best, who mirrors, who learned nothing."""

from collections.abc import Sequence

import pandas as pd

from bench.analysis.statistics import ALPHA
from bench.analysis.summary import BASELINE_TITLES, worst_level_nmse
from bench.contestants import REFERENCE
from bench.io.text import format_difference, format_interval, format_p, join_words, quantity
from bench.records.metrics import METRICS, Metric
from bench.report.findings import Findings
from bench.report.tables import without_controls


def answer(found: Findings, metric: Metric) -> list[str]:
    """Which variant is best by the metric, whose decoder mirrors its encoder, and which ones fail."""
    variants = contestants_by_error(found)
    if not variants[f"{metric.name}_mean"].notna().any():
        return ["No variant has a confirmed model that did not diverge, so there is nothing to compare."]
    best = _best if variants["escaped"].any() else _least_bad
    return [best(found, variants, metric), *_mirror(found), _failures(variants)]


def contestants_by_error(found: Findings) -> pd.DataFrame:
    """The summary of the variants that are no controls, by name."""
    rows = without_controls(found.summary)
    return rows[~rows["variant"].isin(list(BASELINE_TITLES))].set_index("variant")


def describe_failures(variants: pd.DataFrame, counts: "pd.Series[int]") -> list[str]:
    """On how many of its seeds something befell each variant, where it befell any."""
    return [
        f"{name} on {befallen} of {quantity(seeds, 'seed')}"
        for name, befallen, seeds in zip(variants.index, counts, variants["seeds"], strict=True)
        if befallen
    ]


def _least_bad(found: Findings, variants: pd.DataFrame, metric: Metric) -> str:
    """Where nothing learned, the lowest error is no victory."""
    means = {str(name): float(mean) for name, mean in variants[f"{metric.name}_mean"].items()}
    name = metric.best(means)
    return (
        f"Of {quantity(len(variants), 'variant')} none came more than 5 % below the test mse of giving back the mean "
        f"image on any seed, so none is best; the {metric.superlative} {metric.title} on the "
        f"{found.plan.test_images:,} test images is {name}'s, {metric.text(means[name])}."
    )


def _best(found: Findings, variants: pd.DataFrame, metric: Metric) -> str:
    """The variant with the best mean, and how sure its place beside plain is."""
    means = {str(name): float(mean) for name, mean in variants[f"{metric.name}_mean"].items()}
    name = metric.best(means)
    seeds, lost = variants["seeds"][name], variants["diverged"][name]
    over = (
        f"{seeds - lost} of {quantity(seeds, 'seed')} (the others diverged)"
        if lost
        else quantity(seeds, "seed")
    )
    return (
        f"Of {quantity(len(variants), 'variant')}, {name} has the {metric.superlative} {metric.title}: "
        f"{metric.text(means[name])} on average over {over}"
        f"{_beside_plain(found, name, metric.best_first(means), metric)}."
    )


def _beside_plain(found: Findings, name: str, order: Sequence[str], metric: Metric) -> str:
    """How far the variant lies from plain, or the next one from plain where it is plain, and how sure that is."""
    other = next((one for one in order if one != name), name) if name == REFERENCE else name
    rows = found.contrasts[found.contrasts["variant"] == other].dropna(subset=["low", "p_holm"])
    if rows.empty:
        return ""
    row = rows.iloc[0]
    if other != name:
        lead = f"; {other} comes next, its mse "
    else:
        lead = ", " if metric == METRICS["test_mse"] else "; its mse is "
    side = "below" if row["difference"] < 0 else "above"
    sure = "beyond" if row["p_holm"] <= ALPHA else "within"
    size = format_difference(abs(row["difference"]))[1:]
    interval = format_interval(row["low"], row["high"], format_difference)
    return (
        f"{lead}{size} {side} {REFERENCE}'s on the same seeds, a difference {sure} chance "
        f"(95 % interval {interval}, p {format_p(row['p_holm'])} after Holm)"
    )


def _mirror(found: Findings) -> list[str]:
    """Whose decoder mirrors its encoder, and whose does not; nothing where no model has inner levels to compare."""
    worst = worst_level_nmse(found.plan, found.levels, found.summary)
    told = {name: f"{name} ({f'{nmse:#.2g}'.rstrip('.')})" for name, nmse in worst.items()}
    close = [told[name] for name, nmse in worst.items() if nmse < 1]
    far = [told[name] for name, nmse in worst.items() if nmse >= 1]
    if not worst:
        return []
    parts = [
        f"in {join_words(close)}" if close else "in no variant",
        *([f"not in {join_words(far)}"] if far else []),
    ]
    return [
        f"Opposite levels of encoder and decoder correspond {', '.join(parts)}: match error of the worst level, "
        "in the median over the seeds, where 1 is no better than the mean activation."
    ]


def _failures(variants: pd.DataFrame) -> str:
    """The variants some of whose seeds stayed at the mean image, or diverged."""
    stuck = describe_failures(variants, variants["seeds"] - variants["escaped"] - variants["diverged"])
    lost = describe_failures(variants, variants["diverged"])
    plateau = "not more than 5 % below that of giving back the mean image"
    parts = [f"{join_words(stuck)} learned little or nothing, with a test mse {plateau}"] if stuck else []
    parts += [f"{join_words(lost)} diverged"] if lost else []
    if not parts:
        return (
            "Every seed of every variant came more than 5 % below the test mse of giving back the mean image."
        )
    return f"{'; '.join(parts)}."
