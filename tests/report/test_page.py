"""The report says what the tables say, asks nothing of any server, and can be read by a stranger."""

import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from ablating import ablate
from changed_findings import with_values
from markupsafe import escape
from rich.console import Console

from bench.analysis.summary import level_medians
from bench.data.split import Split
from bench.io.text import format_difference
from bench.plan import Plan
from bench.records.metrics import METRICS
from bench.report import explanation
from bench.report.answer import answer
from bench.report.blocks import Table
from bench.report.caveats import caveats
from bench.report.figure_style import colours, markers
from bench.report.findings import Findings, findings
from bench.report.page import render_html, render_markdown
from bench.report.publish import publish
from bench.report.sections import sections
from bench.report.tables import ATTRIBUTION, headline_rows
from bench.run.progress import Display
from bench.run.store import read_run
from variants.registry import BUILT_IN

FIVE = [variant.name for variant in BUILT_IN]


def test_page_asks_nothing_of_any_server(published: Path) -> None:
    page = (published / "report.html").read_text()
    assert "default-src 'none'" in page
    assert "<script" not in page
    outside = re.findall(r"(?:src|href)=[\"'](?!data:|#)[^\"']*", page)
    assert outside == []


def test_page_shows_every_figure_with_its_alternative_text(published: Path) -> None:
    page = (published / "report.html").read_text()
    assert page.count("<svg") == page.count('<figure role="img" aria-label="') == 6


def test_markdown_links_to_figures_that_are_there(published: Path) -> None:
    links = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (published / "report.md").read_text())
    assert len(links) == 6
    assert all((published / link).is_file() for link in links)


def test_figures_are_valid_svg_and_the_same_for_the_same_numbers(published: Path) -> None:
    before = {path.name: path.read_bytes() for path in published.glob("figures/*.svg")}
    for content in before.values():
        assert ElementTree.fromstring(content).tag.endswith("svg")
    publish(published)
    assert {path.name: path.read_bytes() for path in published.glob("figures/*.svg")} == before


def test_both_reports_hold_every_cell_of_the_headline_table(published: Path, found: Findings) -> None:
    _, rows = headline_rows(found.summary, METRICS["test_mse"])
    assert [row[0] for row in rows] == [*FIVE, "mean image", "PCA"]
    page, text = ((published / f"report.{kind}").read_text() for kind in ("html", "md"))
    for row in rows:
        assert f"| {' | '.join(row)} |" in text
        assert all(f"<td>{cell.replace('>', '&gt;')}</td>" in page for cell in row)


def test_answer_names_the_best_variant_of_the_tables(found: Findings) -> None:
    # So short a run leaves nobody's plateau.
    found = with_values(found, summary=found.summary.assign(escaped=1))
    summary = found.summary.set_index("variant").loc[FIVE]
    first = answer(found, METRICS["test_mse"])[0]
    assert f"Of 5 variants, {summary['test_mse_mean'].idxmin()} has the lowest test error" in first
    assert f"per pixel): {summary['test_mse_mean'].min():.5f} on average over 2 seeds" in first
    best = summary["test_psnr_db_mean"].idxmax()
    first = answer(found, METRICS["test_psnr_db"])[0]
    assert f"Of 5 variants, {best} has the highest test signal-to-noise" in first
    limits = caveats(found, METRICS["test_mse"])
    assert limits[-1].startswith("2 seeds cannot make any difference significant at 5 %")
    assert "The rate that is best for the shorter time need not be best for the longer." in limits


def test_digits_are_the_originals_then_each_variants_then_pcas(found: Findings) -> None:
    assert [name for name, _ in found.digits] == ["original", *FIVE, "PCA"]
    assert {strip.shape for _, strip in found.digits} == {(10, 784)}


def test_names_are_escaped(found: Findings) -> None:
    evil = with_values(found, manifest={**found.manifest, "versions": {"<script>alert(1)</script>": "1"}})
    page = render_html(evil, METRICS["test_mse"], {})
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_settings_of_a_grown_run_are_those_of_its_plan_alone(found: Findings) -> None:
    as_planned = found.manifest["plan"]
    grown = with_values(found, manifest={**found.manifest, "plan": {"grown_from": as_planned, **as_planned}})
    for write in (render_html, render_markdown):
        assert write(grown, METRICS["test_mse"], {}) == write(found, METRICS["test_mse"], {})


def test_incomplete_run_says_what_is_missing(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(published, folder)
    for unit, _ in read_run(folder).units():
        if unit.variant == "tied":
            (folder / "units" / f"{unit.id}.json").unlink()
    publish(folder)
    text = (folder / "report.md").read_text()
    assert "tied: 0 of 2 trials done; tied: 0 of 2 seeds confirmed" in text


def test_colours_and_markers_of_variants_are_all_different() -> None:
    names = [*FIVE, "mine", "yours"]
    assert len(set(colours(names).values())) == len(set(markers(names).values())) == len(names)


def test_every_table_of_the_page_is_in_the_markdown_cell_by_cell(published: Path, found: Findings) -> None:
    page, text = ((published / f"report.{kind}").read_text() for kind in ("html", "md"))
    tables = [
        block for section in sections(found, ()) for block in section.blocks if isinstance(block, Table)
    ]
    assert {table.name for table in tables} >= {"contrasts", "levels", "claims", "one_rate", "budget"}
    for table in tables:
        for row in table.rows:
            assert f"| {' | '.join(row)} |" in text
            assert "".join(f"<td>{escape(cell)}</td>" for cell in row) in page.replace(' class="word"', "")


def test_contents_lead_to_every_section(published: Path) -> None:
    page = (published / "report.html").read_text()
    targets = re.findall(r'<a href="#([^"]+)">', page)
    assert len(targets) >= 7
    assert targets == re.findall(r'<h2 id="([^"]+)">', page)


def test_notes_name_files_that_are_there(published: Path) -> None:
    named = set(re.findall(r"`(tables/[a-z_]+\.csv)`", (published / "report.md").read_text()))
    assert len(named) >= 8
    assert all((published / name).is_file() for name in named)


def test_controls_stand_in_the_attribution_and_not_in_the_headline(split: Split, tmp_path: Path) -> None:
    plan = Plan(
        variants=("plain", "plain_mse", "layer_mse"), widths=(784, 16, 8), batch_size=64, trials=2,
        tune_epochs=1, epochs=1, seeds=2, train_images=600, valid_images=100, test_images=200,
    )  # fmt: skip
    ablate(plan, tmp_path, split, Display(Console(quiet=True)))
    publish(tmp_path)
    found = findings(tmp_path)
    _, rows = headline_rows(found.summary, METRICS["test_mse"])
    assert [row[0] for row in rows] == ["plain", "layer_mse", "mean image", "PCA"]
    assert found.contrasts["variant"].tolist() == ["layer_mse"]
    _, steps = ATTRIBUTION.rows(found.attribution)
    assert [row[:2] for row in steps] == [
        ["plain → plain_mse", "squared error at the output"],
        ["plain_mse → layer_mse", "inner levels matched by squared error"],
    ]
    members = found.members.set_index(["variant", "seed"])["test_mse"]
    step = [members["plain_mse", seed] - members["plain", seed] for seed in (0, 1)]
    assert steps[0][2] == format_difference(sum(step) / 2)


def test_collapsed_variant_is_explained(found: Findings) -> None:
    levels = found.levels.copy()
    summary = found.summary.copy()
    rows = summary["variant"] == "layer_bce"
    summary.loc[rows, ["seeds", "escaped", "diverged"]] = [2, 0, 0]
    summary.loc[summary["variant"].isin(["plain", "tied"]), "escaped"] = 2
    stuck = with_values(found, summary=summary, levels=levels)
    code = level_medians(found.plan, found.levels).set_index(["variant", "level"])["variance"]
    said = explanation.collapse_paragraph(stuck)
    assert said.startswith("Nearly the same answer to every image: `layer_bce`")
    assert f"in `plain` {code['plain', 2]:.2g}, with" in said
    assert f"in `layer_bce` {code['layer_bce', 2]:.2g}, with" in said
    assert "BCE(e, d) = H(e) + KL(e ‖ d)" in explanation.entropy_paragraph(stuck)
    assert explanation.correspondence_paragraph(stuck).startswith(
        "No variant has opposite levels that are all closer"
    )
    levels.loc[levels["variant"].isin(["tied", "layer_bce"]), "nmse"] = [0.25, float("nan")] * 4
    said = explanation.correspondence_paragraph(with_values(stuck, levels=levels))
    assert said.startswith(
        "Opposite levels are closest in `tied`: the match error of its worst level is 0.25 of"
    )
    assert "at their worst level, are those of `plain`" in said
    assert "`layer_bce`" not in said


def test_no_id_stands_twice_on_the_page_and_every_reference_is_answered(published: Path) -> None:
    page = (published / "report.html").read_text()
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', page)) <= set(ids)


def test_differences_are_written_with_a_sign_and_digits_that_say_something() -> None:
    written = [format_difference(value) for value in (0.0375, -0.00021, 1.234e-06, -0.0, float("nan"))]
    assert written == ["+0.03750", "−0.00021", "+1.2e-06", "+0.00000", "–"]
