"""The fault matrix: what was injected on this run, what was survived, and the table that says so."""

from dataclasses import dataclass, field
from pathlib import Path

BEGIN, END = "<!-- matrix -->\n", "<!-- end of matrix -->\n"
HEADER = "| row | fault | injected | survived | bytes lost | seconds |\n|---:|---|---:|---:|---:|---:|\n"


@dataclass
class Row:
    """One kind of fault."""

    name: str
    injected: int = 0
    survived: int = 0
    lost: int = 0
    seconds: float = 0.0

    def inject(self, count: int = 1) -> None:
        """So many faults are about to happen."""
        self.injected += count

    def survive(self, count: int = 1, lost: int = 0) -> None:
        """So many have turned out well; lost: bytes of records that did not come back."""
        self.survived += count
        self.lost += lost

    def __str__(self) -> str:
        number, _, fault = self.name.partition(" ")
        return (
            f"| {number} | {fault} | {self.injected:,} | {self.survived:,} | {self.lost:,} "
            f"| {self.seconds:.0f} |\n"
        )


@dataclass
class Matrix:
    """The rows by name."""

    rows: dict[str, Row] = field(default_factory=dict)

    def row(self, name: str) -> Row:
        """The row of this name, '<number> <fault>', made where it is not there yet."""
        return self.rows.setdefault(name, Row(name))

    def write(self, path: Path) -> None:
        """Put the rows into the table between its two marks in the file; those that did not run stay."""
        before, _, rest = path.read_text().partition(BEGIN)
        table, _, after = rest.partition(END)
        lines = {_number(line): line for line in table.splitlines(keepends=True)[2:]}
        lines |= {_number(str(row)): str(row) for row in self.rows.values()}
        path.write_text(
            before + BEGIN + HEADER + "".join(lines[place] for place in sorted(lines)) + END + after
        )


def _number(line: str) -> int:
    """Of the table's line: what stands in its first cell."""
    return int(line.split("|")[1])
