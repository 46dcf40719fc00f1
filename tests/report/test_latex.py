"""LaTeX tables hold the report's cells, and nothing in them that TeX would read as a command."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.report.blocks import Table
from bench.report.escaping import LATEX_SPECIAL, latex_escape, latex_table


def test_table_is_a_tabular_with_words_to_the_left() -> None:
    table = Table(
        "t", ["from → to", "the change", "95 %"], [["a_b → c", "50 & more", "+0.1 to –"]], "", words=2
    )
    assert latex_table(table) == (
        "% needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}\n"
        "\\begin{tabular}{llr}\n"
        "\\toprule\n"
        "from $\\rightarrow$ to & the change & 95 \\% \\\\\n"
        "\\midrule\n"
        "a\\_b $\\rightarrow$ c & 50 \\& more & +0.1 to -- \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
    )


@given(some.text())
def test_no_character_reaches_tex_as_a_command(text: str) -> None:
    left = latex_escape(text)
    for written in sorted(set(LATEX_SPECIAL.values()), key=len, reverse=True):
        left = left.replace(written, "")
    assert not re.search(r"[\\{}$&#%_~^]", left)
    assert left.isascii()


def test_characters_of_its_own_become_what_tex_prints() -> None:
    assert latex_escape("x_1^2 {50 %} \\cmd") == r"x\_1\textasciicircum{}2 \{50 \%\} \textbackslash{}cmd"
    assert latex_escape("0.1–0.2 ↓ ü") == r"0.1--0.2 $\downarrow$ ?"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="there is no pdflatex on this machine")
def test_table_compiles(tmp_path: Path) -> None:
    table = Table("t", list(LATEX_SPECIAL), [list(LATEX_SPECIAL)], "")
    text = f"\\documentclass{{article}}\\usepackage{{booktabs}}\\usepackage[T1]{{fontenc}}\\begin{{document}}{latex_table(table)}\\end{{document}}"  # noqa: E501
    (tmp_path / "t.tex").write_text(text)
    subprocess.run(["pdflatex", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True, timeout=60)


def test_columns_of_many_words_break_into_lines() -> None:
    assert "{p{0.3\\linewidth}p{0.3\\linewidth}p{0.3\\linewidth}r}" in latex_table(
        Table("t", ["a", "b", "c", "d"], [], "", words=3)
    )
