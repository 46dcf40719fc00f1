"""Rules that judge a claim: each makes, for given variants, a function from evidence to a verdict."""

from collections.abc import Callable

from bench.analysis.claims.claim import Evidence, Verdict, VerdictKind
from bench.analysis.statistics import interval, share_interval
from bench.io.text import format_interval, format_number
from bench.records.metrics import LEVEL_METRICS

RECONSTRUCTS_BELOW = 0.9
"""A model reconstructs if its error is below this share of the mean image's."""
EQUALLY_GOOD = 0.1
"""Errors within this share of plain's count as equally good."""
SAME_NMSE = 0.01
"""Levels whose match error is below this are the same."""
UNLIKE_NMSE = 0.1
"""Levels whose match error is above this are not the same."""
MATCH = LEVEL_METRICS["nmse"]
NO_LEVELS = "no inner levels to compare"
MIN_SEEDS = 3
"""So many seeds it takes to say that none escapes."""


def reconstructs(variant: str) -> Callable[[Evidence], Verdict]:
    """Whether the interval of the variant's test mse lies below 0.9 of the mean image's."""

    def judge(evidence: Evidence) -> Verdict:
        errors = evidence.errors(variant)
        low, high = interval(errors)
        bound = RECONSTRUCTS_BELOW * evidence.mean_image
        figure = f"test mse {errors.mean():.5f} ({format_interval(low, high, '.5f')}), bound {bound:.5f}"
        return Verdict(_decide(high < bound, low > bound), figure)

    return judge


def never_escapes(variant: str) -> Callable[[Evidence], Verdict]:
    """Whether no seed of the variant leaves the plateau at the mean image."""

    def judge(evidence: Evidence) -> Verdict:
        escaped, count = evidence.escaped(variant)
        return Verdict(_decide(escaped == 0 and count >= MIN_SEEDS, escaped > 0), _share(escaped, count))

    return judge


def mostly_escapes(variant: str) -> Callable[[Evidence], Verdict]:
    """Whether more than half of all seeds would escape, by the interval of the share."""

    def judge(evidence: Evidence) -> Verdict:
        escaped, count = evidence.escaped(variant)
        low, high = share_interval(escaped, count)
        return Verdict(_decide(low > 0.5, high < 0.5), _share(escaped, count))

    return judge


def as_good_as_plain(variant: str) -> Callable[[Evidence], Verdict]:
    """Whether the variant reconstructs, and its test mse lies at most a tenth above plain's, seed by seed."""

    def judge(evidence: Evidence) -> Verdict:
        low, mean, high = evidence.beside_plain(variant)
        beside_pca = evidence.errors(variant).mean() / evidence.pca
        figure = f"{_beside_plain(low, mean, high)}, {beside_pca:.1f} times PCA's"
        there = _reconstructs(evidence, variant)
        return Verdict(_decide(there and high < EQUALLY_GOOD, not there or low > EQUALLY_GOOD), figure)

    return judge


def swap_is_the_key(failing: str, swapped: tuple[str, ...]) -> Callable[[Evidence], Verdict]:
    """Whether the first swapped variant that was run does better by a tenth of the mean image's error.

    Where both stay at the mean image there is nothing to choose between.
    """

    def judge(evidence: Evidence) -> Verdict:
        other = next(name for name in swapped if name in set(evidence.members["variant"]))
        differences = evidence.differences(other, failing)
        low, high = interval(differences)
        bound = -EQUALLY_GOOD * evidence.mean_image
        mean = format_number(differences.mean(), "+.5f")
        figure = f"{other} against {failing}: {mean} ({format_interval(low, high, '+.5f')})"
        stuck = evidence.escaped(other)[0] == evidence.escaped(failing)[0] == 0
        told = ", neither escaped" if stuck else f", bound {format_number(bound, '+.5f')}"
        return Verdict(_decide(high < bound, low > bound and not stuck), figure + told)

    return judge


def stops_the_gradient(variant: str) -> Callable[[Evidence], Verdict]:
    """Whether every inner level's loss has a gradient of exactly 0 at the encoder weights up to that level."""

    def judge(evidence: Evidence) -> Verdict:
        rows = evidence.audit[evidence.audit["variant"] == variant]
        below = {
            f"level {level}'s loss at {weight}": float(norm)
            for level, weight, norm in zip(
                rows["level"].astype(str), rows["weight"], rows["norm"], strict=True
            )
            if level.isdecimal() and weight in {f"W_{k}" for k in range(1, int(level) + 1)}
        }
        if not below:
            return Verdict("not run", "no gradient audit")
        where, norm = max(below.items(), key=lambda item: item[1])
        found = sum(norm > 0 for norm in below.values())
        figure = f"{found} of {len(below)} such gradients are not 0, the largest {norm:.2g}, {where}"
        return Verdict(_decide(found == 0, found > 0), figure)

    return judge


def levels_are_the_same(variant: str) -> Callable[[Evidence], Verdict]:
    """Whether the match error is below 0.01 at every inner level of every seed."""

    def judge(evidence: Evidence) -> Verdict:
        nmse = evidence.nmse(variant)
        if nmse.empty:
            return Verdict("not run", NO_LEVELS)
        figure = f"match error by level {', '.join(map(MATCH.text, nmse.median()))}"
        return Verdict(
            _decide(bool((nmse < SAME_NMSE).all(axis=None)), bool((nmse.median() > UNLIKE_NMSE).any())),
            figure,
        )

    return judge


def corresponds_and_reconstructs(variant: str) -> Callable[[Evidence], Verdict]:
    """Whether the variant's levels match well and better than plain's, and its error is as good as plain's."""

    def judge(evidence: Evidence) -> Verdict:
        low, mean, high = evidence.beside_plain(variant)
        mine, plain = evidence.nmse(variant).median(), evidence.nmse("plain").median()
        if mine.empty or plain.empty:
            return Verdict("not run", NO_LEVELS)
        corresponds = bool((mine < 0.5).all() and (mine < plain).all())
        figure = (
            f"match error by level {', '.join(map(MATCH.text, mine))} "
            f"(plain {', '.join(map(MATCH.text, plain))}); {_beside_plain(low, mean, high)}"
        )
        there = corresponds and _reconstructs(evidence, variant)
        return Verdict(_decide(there and high < EQUALLY_GOOD, not there or low > EQUALLY_GOOD), figure)

    return judge


def _decide(supported: bool, refuted: bool) -> VerdictKind:
    return "supported" if supported else "refuted" if refuted else "undecided"


def _reconstructs(evidence: Evidence, variant: str) -> bool:
    return bool(evidence.errors(variant).mean() < RECONSTRUCTS_BELOW * evidence.mean_image)


def _share(escaped: int, count: int) -> str:
    low, high = share_interval(escaped, count)
    return f"{escaped} of {count} seeds escaped (share {format_interval(low, high, '.2f')})"


def _beside_plain(low: float, mean: float, high: float) -> str:
    return f"test mse {format_number(mean, '+.0%')} against plain's ({format_interval(low, high, '+.0%')})"
