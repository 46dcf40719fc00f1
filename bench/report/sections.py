"""The report section by section, from findings: what is shown, in which order, and what stands under it."""

from collections.abc import Collection, Iterator

from bench.io.text import quantity
from bench.report import explanation, tables
from bench.report.blocks import Block, Paragraph, Section, Table
from bench.report.explanation import power_sentences, ranking_sentence
from bench.report.figures import FIGURES
from bench.report.findings import Findings


def sections(found: Findings, figures: Collection[str]) -> list[Section]:
    """The sections after the opening; one that has nothing to show is left out."""
    parts = {
        "Reconstructions": _pictures(figures, "reconstructions"),
        "Error by variant": _error(found, figures),
        "Why": _why(found, figures),
        "Claims": (*_led("", tables.CLAIMS.table(found)), *_led("", tables.RULES.table(found))),
        "Tuning": _tuning(found, figures),
        "Statistics": _statistics(found),
    }
    filled = {title: tuple(blocks) for title, blocks in parts.items()}
    return [Section(title, blocks) for title, blocks in filled.items() if blocks]


def _error(found: Findings, figures: Collection[str]) -> Iterator[Block]:
    yield from _led("Against plain, seed by seed:", tables.CONTRASTS.table(found))
    yield from _led("One change at a time:", tables.ATTRIBUTION.table(found))
    yield from _pictures(figures, "epochs")


def _why(found: Findings, figures: Collection[str]) -> Iterator[Block]:
    said = (
        explanation.correspondence_paragraph(found),
        explanation.collapse_paragraph(found),
        explanation.entropy_paragraph(found),
    )
    yield from (Paragraph(text) for text in said if text)
    yield from _pictures(figures, "levels")
    yield from _led("", tables.LEVELS.table(found))
    yield from _pictures(figures, "audit")


def _tuning(found: Findings, figures: Collection[str]) -> Iterator[Block]:
    yield from _pictures(figures, "lr", "budget")
    yield from _led(ranking_sentence(found.one_rate), tables.ONE_RATE.table(found))
    yield from _led("", tables.BUDGET.table(found))
    yield Paragraph(
        "The test images were read once by each of the models that the last column counts, when its training had "
        "ended; no learning rate was chosen by what came of it."
    )


def _statistics(found: Findings) -> Iterator[Block]:
    yield Paragraph(
        f"The replicates are the {quantity(found.plan.seeds, 'seed')} of each variant, paired across variants. "
        "Intervals are 95 % bootstrap intervals of a mean (bias-corrected and accelerated, 9,999 resamples). "
        "Seeds that diverged are counted and left out of means; seeds that stayed at the mean image are in "
        "them. Intervals are those of one mean alone, p are corrected for the comparisons of their table, so "
        "the two need not agree."
    )
    yield from map(Paragraph, power_sentences(found))


def _led(words: str, table: Table) -> Iterator[Block]:
    """The table under the words that lead to it, if there are some; nothing where it has no rows."""
    if table.rows:
        yield from (Paragraph(words),) if words else ()
        yield table


def _pictures(figures: Collection[str], *names: str) -> Iterator[Block]:
    return (FIGURES[name].picture for name in names if name in figures)
