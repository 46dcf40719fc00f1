"""The fault matrix in a file: rows that ran are put in, others stay."""

from pathlib import Path

from fault_matrix import BEGIN, END, HEADER, Matrix


def test_rows_that_ran_replace_their_own_and_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(
        f"before\n{BEGIN}{HEADER}| 2 | cut | 9 | 9 | 0 | 1 |\n| 10 | full | 1 | 1 | 0 | 1 |\n{END}after\n"
    )
    matrix = Matrix()
    for name, faults in (("2 cut", 1_000), ("1 kill", 20)):
        row = matrix.row(name)
        row.inject(faults)
        row.survive(faults, lost=3)
    matrix.write(path)
    assert path.read_text() == (
        f"before\n{BEGIN}{HEADER}| 1 | kill | 20 | 20 | 3 | 0 |\n| 2 | cut | 1,000 | 1,000 | 3 | 0 |\n"
        f"| 10 | full | 1 | 1 | 0 | 1 |\n{END}after\n"
    )


def test_empty_table_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(BEGIN + END)
    matrix = Matrix()
    matrix.row("3 bits").inject()
    matrix.write(path)
    assert path.read_text() == f"{BEGIN}{HEADER}| 3 | bits | 1 | 0 | 0 | 0 |\n{END}"
