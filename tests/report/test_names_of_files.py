"""What a report leaves is what `aebench verify` takes for a run's own: the names stand in both."""

from bench.report.figures import FIGURES
from bench.report.tables import TABLES
from bench.run import checksums


def test_every_table_and_figure_of_a_report_is_known_to_verify() -> None:
    assert sorted(checksums.TABLES) == sorted(one.name for one in TABLES if one.file != "none")
    assert sorted(checksums.LATEX_TABLES) == sorted(
        ["headline", *(one.name for one in TABLES if one.columns)]
    )
    assert sorted(checksums.FIGURES) == sorted(FIGURES)
