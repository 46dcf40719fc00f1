"""The report as a page and as Markdown: findings and figures through the templates."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from bench.contestants import REFERENCE, contestants, find_variant, is_control
from bench.io.text import join_words
from bench.plan import Plan
from bench.records.metrics import Metric
from bench.report.answer import answer
from bench.report.caveats import caveats
from bench.report.escaping import render
from bench.report.figures import FIGURES
from bench.report.findings import Findings
from bench.report.sections import sections
from bench.report.tables import headline
from bench.run.rerun_command import rerun_command

REPRODUCE_FOLDER = "results/again"
"""The folder of the command that makes the run again."""
FIRST_FIGURE = "error"
"""The figure that the report opens with."""


def report_title(plan: Plan) -> str:
    """The bench's own question for a run about it; for any other, which variants are compared on which data."""
    names, default = contestants(plan), Plan()
    if set(names) <= set(default.variants) and set(names) - {REFERENCE} and plan.dataset == default.dataset:
        return "Which way of making a decoder mirror its encoder works?"
    data = "MNIST" if plan.dataset == default.dataset else plan.dataset
    if len(names) == 1:
        return f"How well does {names[0]} reconstruct {data}?"
    return f"Which of {join_words(names)} reconstructs {data} best?"


def render_html(found: Findings, metric: Metric, svgs: Mapping[str, str]) -> str:
    """The report as one HTML page that asks nothing of any server; svgs: the figures by name."""
    inline = {name: Markup(_apart(name, svg[svg.index("<svg") :])) for name, svg in svgs.items()}
    return _render("report.html.j2", found, metric, inline)


def render_markdown(found: Findings, metric: Metric, figures: Sequence[str]) -> str:
    """The report as Markdown that shows the files in `figures/`."""
    return _render("report.md.j2", found, metric, {name: f"figures/{name}.svg" for name in figures})


def _render(template: str, found: Findings, metric: Metric, figures: Mapping[str, str]) -> str:
    return render(
        template,
        title=report_title(found.plan),
        answer=answer(found, metric),
        caveats=caveats(found, metric),
        headline=headline(found, metric),
        first=FIGURES[FIRST_FIGURE].picture if FIRST_FIGURE in figures else None,
        sections=sections(found, figures),
        figures=figures,
        missing=found.missing,
        plan=found.plan,
        variants={name: _what(name) for name in found.plan.variants},
        manifest=found.manifest,
        command=rerun_command(found.plan, out=REPRODUCE_FOLDER, tried=found.tried),
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
