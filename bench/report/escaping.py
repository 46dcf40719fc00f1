"""Text and tables as CSV, LaTeX, Markdown and HTML hold them, every special character escaped; templates filled."""

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from markupsafe import escape as html_escape

from bench.io.text import printable
from bench.report.blocks import FigureBlock, Table

FORMULA = ("=", "+", "-", "@")
"""A cell that begins so is computed, not shown, by spreadsheets; an apostrophe before it makes it text."""
LATEX_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "–": "--", "−": "$-$",
    "→": r"$\rightarrow$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "×": r"$\times$", "Σ": r"$\Sigma$",
    "σ": r"$\sigma$", "²": r"$^2$", "ᵀ": r"$^{\mathsf T}$", "≤": r"$\le$", "≥": r"$\ge$", "‖": r"$\|$",
    "[": "{[}", "*": "{*}",
}  # fmt: skip
"""TeX's special characters, those that it would take for an argument of `\\\\` at the beginning of a line, and those
of the report's own that T1 fonts lack."""
MARKDOWN_SPECIAL = re.compile(r"[\\\[\]*|]|<(?=[A-Za-z/!?])|&(?=[#A-Za-z])")
"""What begins emphasis, a link, a cell, a tag or an entity; a sign that begins none stays as it is."""
CODE = re.compile(r"(`[^`]*`)")


def csv_text(frame: pd.DataFrame) -> str:
    """The frame without its index; text that begins like a formula is led by an apostrophe, names of columns too.

    Every text is on one line, for a carriage return would end a row.
    """
    safe = frame.rename(columns=_text)
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_text)
    return safe.to_csv(index=False, lineterminator="\n")


def latex_table(table: Table) -> str:
    """A `tabular` with the rules of the package booktabs; `\\usepackage[T1]{fontenc}` for quotes and bars."""
    words = (
        ["l"] * table.words if table.words < 3 else [f"p{{{0.9 / table.words:.2g}\\linewidth}}"] * table.words
    )
    columns = "".join(words) + "r" * (len(table.header) - table.words)
    lines = [
        "% needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}",
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        _line(table.header),
        "\\midrule",
        *map(_line, table.rows),
        "\\bottomrule",
        "\\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def latex_escape(text: str) -> str:
    """The text as TeX prints it; a character that is neither ASCII nor known here becomes a question mark."""
    return "".join(LATEX_SPECIAL.get(one, one if " " <= one <= "~" else "?") for one in text)


def markdown_line(text: object) -> str:
    """The text on one line, its special characters escaped but for code between backticks."""
    parts = CODE.split(printable(text))
    return "".join(_code(part) if CODE.fullmatch(part) else _escaped(part) for part in parts)


def markdown_code(text: object) -> str:
    """The text on one line, as it can stand between backticks."""
    return printable(text).replace("`", "'")


def render(template: str, **values: Any) -> str:
    """The template of this name in `bench/report/templates` with these values, which are escaped where it is a page.

    Raises jinja2's UndefinedError where the template asks for another value.
    """
    environment = Environment(
        loader=PackageLoader("bench.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"marked": _marked, "line": markdown_line, "code": markdown_code}
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.tests["picture"] = lambda block: isinstance(block, FigureBlock)
    return environment.get_template(template).render(values)


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    shown = printable(value)
    return f"'{shown}" if shown.startswith(FORMULA) else shown


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(latex_escape, cells)) + r" \\"


def _escaped(text: str) -> str:
    return MARKDOWN_SPECIAL.sub(r"\\\g<0>", text).replace("`", r"\`")


def _code(text: str) -> str:
    """A cell ends at a bar even within code."""
    return text.replace("|", r"\|")


def _marked(text: str) -> Markup:
    """Escaped, with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(html_escape(text))))
