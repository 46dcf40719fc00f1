"""No text from outside is more than text in what the bench writes."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from damaged_copies import with_digest
from finished_run import FinishedRuns
from hypothesis import given, settings
from hypothesis import strategies as some

from bench.io.errors import BenchError
from bench.io.files import read_json
from bench.io.text import printable
from bench.plan import Plan
from bench.report.blocks import Table
from bench.report.escaping import FORMULA, csv_text, latex_table, markdown_code, markdown_line
from bench.report.publish import publish

TAG = "<img src=x onerror=alert(1)>"


@settings(derandomize=True, deadline=None)
@given(some.lists(some.text(), min_size=1), some.floats(allow_nan=False))
def test_no_text_of_a_table_is_a_formula_and_every_number_is_itself(texts: list[str], number: float) -> None:
    frame = pd.DataFrame({"=name": texts, "number": [number] * len(texts)}, dtype=object)
    frame["number"] = frame["number"].astype(float)
    rows = list(csv.reader(io.StringIO(csv_text(frame), newline="")))
    assert rows[0] == ["'=name", "number"]
    assert not any(row[0].startswith(FORMULA) for row in rows[1:])
    assert [float(row[1]) for row in rows[1:]] == [number] * len(texts)


def test_only_what_begins_like_a_formula_is_changed() -> None:
    frame = pd.DataFrame({"text": ["=1+1", "+a", "-a", "@a", "\ta", "a-1", "−0.1", ""], "n": -0.5})
    assert csv_text(frame) == "text,n\n" + "".join(
        f"{text},-0.5\n" for text in ("'=1+1", "'+a", "'-a", "'@a", "a", "a-1", "−0.1", "")
    )


@settings(derandomize=True, deadline=None)
@given(some.text())
def test_text_in_markdown_stays_one_cell_on_one_line_without_tags(text: str) -> None:
    shown = markdown_line(text)
    assert shown.isprintable()
    assert "|" not in shown.replace("\\\\", "").replace(r"\|", "")
    assert "`" not in markdown_code(text)


def test_tags_links_and_entities_are_shown_as_they_are_written() -> None:
    assert markdown_line(TAG) == rf"\{TAG}"
    assert markdown_line("[a](b) ![c](d) &lt; *e*") == r"\[a\](b) !\[c\](d) \&lt; \*e\*"
    assert markdown_line("p < 0.05, `tables/a|b.csv`, R&D") == r"p < 0.05, `tables/a\|b.csv`, R\&D"


def test_row_of_a_tex_table_cannot_begin_with_an_argument_of_the_line_before() -> None:
    text = latex_table(Table("t", ["[9cm]", "b"], [["*", "[2]"]], ""))
    assert "{[}9cm] & b" in text
    assert "{*} & {[}2]" in text


def test_message_holds_nothing_that_a_screen_obeys() -> None:
    assert printable("a\x1b[2Jb\nc\u202ed") == "a?[2Jb c?d"


@pytest.fixture
def run(plan: Plan, runs: FinishedRuns, folder: Path) -> Path:
    """A run whose files hold markup wherever text is free."""
    runs.copy(plan, folder)
    manifest = read_json(folder / "manifest.json")
    manifest["machine"] = {"processor": f"{TAG}\n| `x` |"}
    manifest["versions"] = {TAG: TAG}
    manifest["code"] = TAG
    (folder / "manifest.json").write_bytes(with_digest(manifest))
    audits = read_json(folder / "units" / "audit.json")
    for one in audits["audits"]["variants"]:
        if one["audit"]:
            one["audit"]["weights"] = ["=1+1", TAG + "$\\bad$", *one["audit"]["weights"][2:]]
    (folder / "units" / "audit.json").write_bytes(with_digest(audits))
    (folder / "units" / f"{TAG}.json").write_text("{")
    return folder


def test_report_of_a_run_full_of_markup_holds_none_of_it(run: Path) -> None:
    publish(run)
    for name in ("report.html", "report.md"):
        text = (run / name).read_text()
        assert "onerror" in text
        assert TAG not in text.replace(rf"\{TAG}", "").replace(f"`{TAG}`", "")
    rows = list(csv.reader(io.StringIO((run / "tables" / "audit.csv").read_text())))
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert any(cell == "'=1+1" for row in rows for cell in row)


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", "", "a.b", "x\n", "=1", "a" * 41])
def test_no_name_of_a_variant_leads_out_of_the_folder(run: Path, name: str) -> None:
    path = run / "manifest.json"
    manifest = read_json(path)
    manifest["plan"]["variants"] = [name]
    path.write_bytes(with_digest(json.loads(json.dumps(manifest))))
    with pytest.raises(BenchError, match=r"manifest\.json does not hold what .*variants must be names of"):
        publish(run)
