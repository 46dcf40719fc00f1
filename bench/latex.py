"""The report's tables for a paper, as LaTeX: the same cells, every one of TeX's special characters escaped."""

from collections.abc import Sequence

from bench.shown import Table

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "–": "--", "−": "$-$",
    "→": r"$\rightarrow$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "×": r"$\times$", "Σ": r"$\Sigma$",
    "σ": r"$\sigma$", "²": r"$^2$", "ᵀ": r"$^{\mathsf T}$", "≤": r"$\le$", "≥": r"$\ge$", "‖": r"$\|$",
    "[": "{[}", "*": "{*}",
}  # fmt: skip
"""TeX's special characters, those that it would take for an argument of `\\\\` at the beginning of a line, and those
of the report's own that T1 fonts lack."""


def latex(table: Table) -> str:
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


def escape(text: str) -> str:
    """The text as TeX prints it; a character that is neither ASCII nor known here becomes a question mark."""
    return "".join(SPECIAL.get(one, one if " " <= one <= "~" else "?") for one in text)


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(escape, cells)) + r" \\"
