"""What `aebench compare` does: compare two runs, print and leave what comes of it, fail by the rules given."""

from collections.abc import Sequence
from pathlib import Path

from bench.cli.checks import check_metric
from bench.io.console import say, show_wide_table
from bench.io.errors import BenchError, UsageError
from bench.io.files import require_writable, write_atomic
from bench.records.metrics import METRICS
from bench.report.comparison import Comparison, compare, parse_rule
from bench.report.comparison_report import (
    comparison_answer,
    differences_between,
    left_out,
    markdown,
    seeds_apart,
    table_rows,
)
from bench.report.escaping import csv_text
from bench.report.findings import Findings, findings


def run_compare(
    folders: tuple[Path, Path], metric_name: str, rule_texts: Sequence[str], out: Path | None
) -> None:
    """Compare the runs in the folders; BenchError where a rule holds, UsageError where nothing can be compared."""
    check_metric(metric_name)
    rules = [parse_rule(text) for text in dict.fromkeys(rule_texts)]
    a, b = map(_read, folders)
    _check_comparable(a, b)
    if out:
        require_writable(out)
    comparison = compare(a, b, METRICS[metric_name])
    held = [(rule.text, rule.held(comparison)) for rule in rules]
    _show(comparison)
    if out:
        _leave(out, comparison, folders, held)
    _conclude(comparison, held)


def _read(folder: Path) -> Findings:
    """The run in the folder without its damaged records; UsageError where there is none that can be read."""
    try:
        return findings(folder, skip_damaged=True)
    except (BenchError, OSError) as error:
        raise UsageError(f"{folder} cannot be compared: {error}") from error


def _check_comparable(a: Findings, b: Findings) -> None:
    """UsageError for runs that were not tested on the same images, or that share no variant."""
    digests = [str(run.manifest.get("data")) for run in (a, b)]
    if digests[0] != digests[1]:
        raise UsageError(
            f"both runs must be on the same data set but A has {digests[0][:12]} and B {digests[1][:12]}"
        )
    images = [run.plan.test_images for run in (a, b)]
    if images[0] != images[1]:
        raise UsageError(
            f"both runs must be tested on the same images but A has {images[0]:,} and B {images[1]:,}"
        )
    if not set(a.plan.variants) & set(b.plan.variants):
        names = [", ".join(run.plan.variants) for run in (a, b)]
        raise UsageError(f"the runs must share a variant but A has {names[0]} and B has {names[1]}")


def _show(comparison: Comparison) -> None:
    """Print the answer, the table, what was left out and what else differs."""
    for sentence in comparison_answer(comparison):
        say(sentence)
    show_wide_table(*table_rows(comparison))
    for line in left_out(comparison):
        say(f"left out: {line}")
    for line in differences_between(comparison.a, comparison.b):
        say(f"differs: {line}")


def _leave(
    out: Path, comparison: Comparison, folders: tuple[Path, Path], held: Sequence[tuple[str, list[str]]]
) -> None:
    """Write compare.csv and compare.md."""
    write_atomic(out / "compare.csv", csv_text(comparison.table).encode())
    write_atomic(out / "compare.md", markdown(comparison, folders, held).encode())
    say(f"report {out / 'compare.md'}")


def _conclude(comparison: Comparison, held: Sequence[tuple[str, list[str]]]) -> None:
    """A line for each variant that a rule holds for, and the error that ends the command, if one does."""
    lines = [line for _, found in held for line in found]
    for line in lines:
        say(line)
    if lines:
        raise BenchError(f"--fail-if holds: {', '.join(text for text, found in held if found)}")
    if seeds_apart(comparison):
        raise UsageError(
            "the runs must share a finished seed but share none; finish both, with the same --seed"
        )
