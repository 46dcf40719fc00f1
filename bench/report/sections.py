"""The report section by section, from findings: what is shown, in which order, and what stands under it."""

from collections.abc import Collection, Iterator

from bench.analysis.summary import level_medians
from bench.io.text import count
from bench.records.metrics import Metric
from bench.report import cells, explanation, glossary
from bench.report.blocks import Block, Picture, Section, Table, Words
from bench.report.explanation import advice, ranking_sentence
from bench.report.findings import Findings
from bench.report.glossary import CAPTIONS


def headline(found: Findings, metric: Metric) -> Table:
    """The table that the report opens with."""
    header, body = cells.headline_rows(found.summary, metric)
    short = metric.name.removeprefix("test_")
    note = glossary.HEADLINE.format(short=short, title=metric.title, inner=len(found.plan.widths) - 2)
    return Table("headline", header, body, note)


def sections(found: Findings, figures: Collection[str]) -> list[Section]:
    """The sections after the opening; one that has nothing to show is left out."""
    parts = {
        "Reconstructions": _pictures(figures, "reconstructions"),
        "Error by variant": _error(found, figures),
        "Why": _why(found, figures),
        "Claims": _tables(
            Table("claims", *cells.claim_rows(found.claims), glossary.CLAIMS, words=5),
            Table("rules", *cells.rule_rows(found.claims), glossary.RULES, words=2),
        ),
        "Tuning": _tuning(found, figures),
        "Statistics": _statistics(found),
    }
    filled = {title: tuple(blocks) for title, blocks in parts.items()}
    return [Section(title, blocks) for title, blocks in filled.items() if blocks]


def tables(found: Findings, metric: Metric) -> list[Table]:
    """Every table of the report."""
    blocks = [block for section in sections(found, ()) for block in section.blocks]
    return [headline(found, metric), *(block for block in blocks if isinstance(block, Table))]


def _error(found: Findings, figures: Collection[str]) -> Iterator[Block]:
    contrasts = Table("contrasts", *cells.contrast_rows(found.contrasts), glossary.CONTRASTS)
    if contrasts.rows:
        yield Words("Against plain, seed by seed:")
        yield contrasts
    steps = Table("attribution", *cells.attribution_rows(found.attribution), glossary.ATTRIBUTION, words=2)
    if steps.rows:
        yield Words("One change at a time:")
        yield steps
    yield from _pictures(figures, "epochs")


def _why(found: Findings, figures: Collection[str]) -> Iterator[Block]:
    said = (explanation.correspondence(found), explanation.collapse(found), explanation.entropy(found))
    yield from (Words(text) for text in said if text)
    yield from _pictures(figures, "levels")
    yield from _tables(
        Table("levels", *cells.level_rows(level_medians(found.plan, found.levels)), glossary.LEVELS)
    )
    yield from _pictures(figures, "audit")


def _tuning(found: Findings, figures: Collection[str]) -> Iterator[Block]:
    yield from _pictures(figures, "lr", "budget")
    one_rate = Table("one_rate", *cells.one_rate_rows(found.one_rate), glossary.ONE_RATE)
    if one_rate.rows:
        sentence = ranking_sentence(found.one_rate)
        yield from (Words(sentence),) if sentence else ()
        yield one_rate
    yield from _tables(Table("budget", *cells.budget_rows(found.budget), glossary.BUDGET))
    yield Words(
        "The test images were read once by each of the models that the last column counts, when its training had "
        "ended; no learning rate was chosen by what came of it."
    )


def _statistics(found: Findings) -> Iterator[Block]:
    yield Words(
        f"The replicates are the {count(found.plan.seeds, 'seed')} of each variant, paired across variants. "
        "Intervals are 95 % bootstrap intervals of a mean (bias-corrected and accelerated, 9,999 resamples). "
        "Seeds that diverged are counted and left out of means; seeds that stayed at the mean image are in "
        "them. Intervals are those of one mean alone, p are corrected for the comparisons of their table, so "
        "the two need not agree."
    )
    yield from map(Words, advice(found))


def _tables(*tables: Table) -> Iterator[Block]:
    return (table for table in tables if table.rows)


def _pictures(figures: Collection[str], *names: str) -> Iterator[Block]:
    return (Picture(name, *CAPTIONS[name]) for name in names if name in figures)
