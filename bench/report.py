"""Findings and figures written up: `report.html` in one self-contained file, and `report.md`."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from bench.answer import answer
from bench.captions import CAPTIONS
from bench.caveats import caveats
from bench.contestants import is_control
from bench.findings import Findings
from bench.headline import Metric
from bench.known_variants import find_variant
from bench.rendering import render
from bench.reproduce import command
from bench.sections import headline, sections
from bench.shown import Picture
from bench.title import title

AGAIN = "results/again"
"""The folder of the command that makes the run again."""
FIRST = "error"
"""The figure that the report opens with."""


def html(found: Findings, metric: Metric, svgs: Mapping[str, str]) -> str:
    """The report as one HTML page that asks nothing of any server; svgs: the figures by name."""
    inline = {name: Markup(_apart(name, svg[svg.index("<svg") :])) for name, svg in svgs.items()}
    return _render("report.html.j2", found, metric, inline)


def markdown(found: Findings, metric: Metric, figures: Sequence[str]) -> str:
    """The report as Markdown that shows the files in `figures/`."""
    return _render("report.md.j2", found, metric, {name: f"figures/{name}.svg" for name in figures})


def _render(template: str, found: Findings, metric: Metric, figures: Mapping[str, str]) -> str:
    return render(
        template,
        title=title(found.plan),
        answer=answer(found, metric),
        caveats=caveats(found, metric),
        headline=headline(found, metric),
        first=Picture(FIRST, *CAPTIONS[FIRST]) if FIRST in figures else None,
        sections=sections(found, figures),
        figures=figures,
        missing=found.missing,
        plan=found.plan,
        variants={name: _what(name) for name in found.plan.variants},
        manifest=found.manifest,
        command=command(found.plan, out=AGAIN, tried=found.tried),
    )


def _what(name: str) -> str:
    """A variant in a line, as far as it is installed here."""
    found = find_variant(name)
    summary = found.summary if found else ""
    return f"{summary} (control)" if is_control(name) else summary


def _apart(name: str, svg: str) -> str:
    """The figure with ids that no other figure on the page has."""
    for before in ('id="', "url(#", 'href="#'):
        svg = svg.replace(before, f"{before}{name}-")
    return svg
