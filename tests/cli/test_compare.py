"""`aebench compare`: exit codes and exact words, for sound runs and for what is left of others."""

from pathlib import Path

import pandas as pd
import pytest
from aebench import Aebench
from made_runs import make_run

from bench.io.errors import UsageError
from bench.records.metrics import METRICS
from bench.report.comparison import Missing, Worse, parse_rule
from bench.run.store import read_run

A = {"plain": (0.020, 0.022, 0.024, 0.026), "tied": (0.010, 0.012, 0.014, 0.016)}
WORSE = {"plain": A["plain"], "tied": tuple(1.05 * mse for mse in A["tied"])}


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run `a`, and `b`, which is the same but for 5 % more error of `tied`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    make_run(Path("a"), A)
    make_run(Path("b"), WORSE)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("worse:2%", 1),
        ("worse:4.9%", 1),  # of A's mean; of B's it would be 4.76 %
        ("worse:5.1%", 0),
        ("worse:10%", 0),
        ("worse:0", 1),
        ("worse:0.0006", 1),
        ("worse:0.0007", 0),
        ("missing", 0),
    ],
)
def test_five_percent_worse_fails_under_rules_below_that(
    aebench: Aebench, capsys: pytest.CaptureFixture[str], rule: str, code: int
) -> None:
    assert aebench("compare", "a", "b", "--fail-if", rule) == code
    shown = capsys.readouterr()
    lines = [line for line in shown.out.splitlines() if line.startswith(f"{rule}: ")]
    assert len(lines) == code
    assert shown.err == (f"aebench: --fail-if holds: {rule}\n" if code else "")
    if code:
        assert lines[0].startswith(
            f"{rule}: tied has test_mse 0.01365 in B and 0.01300 in A, +0.00065 (+5.00 %) over 4 seeds; "
            "95 % interval +0.000"
        )


def test_run_against_itself_is_the_same_under_every_rule(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = ("--fail-if", "worse:0", "--fail-if", "worse:0%", "--fail-if", "missing")
    assert aebench("compare", "a", "a", *rules) == 0
    shown = capsys.readouterr().out
    assert "not told apart from A on 2 (plain +0.00 %, tied +0.00 %)." in shown
    assert shown.count("0 of 4, 4 equal") == 2
    assert not any(line.startswith(("left out: plain: seed", "differs")) for line in shown.splitlines())


def test_better_is_never_worse(aebench: Aebench) -> None:
    assert aebench("compare", "b", "a", "--fail-if", "worse:0") == 0


def test_lower_psnr_fails(aebench: Aebench, capsys: pytest.CaptureFixture[str]) -> None:
    psnr = ("--metric", "test_psnr_db", "--fail-if", "worse:0.2")  # 10 log10(1.05) = 0.212 dB
    assert aebench("compare", "a", "b", *psnr) == 1
    assert "worse:0.2: tied has test_psnr_db 18.7" in capsys.readouterr().out
    assert aebench("compare", "a", "b", *psnr[:-1], "worse:0.22") == 0
    assert aebench("compare", "b", "a", *psnr[:-1], "worse:0") == 0


def test_negative_differences_have_a_minus_sign_and_no_hyphen(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("compare", "a", "b", "--metric", "test_psnr_db", "--fail-if", "worse:0") == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("worse:0: ")]
    assert ", −0.21 (−1.12 %) over 4 seeds; 95 % interval −0.21 to −0.21" in line
    assert METRICS["test_psnr_db"].text(-1.234) == "−1.23"


def test_mean_beyond_the_limit_is_not_enough_where_the_interval_holds_0(
    aebench: Aebench,
) -> None:
    make_run(Path("noisy"), {"plain": (0.019, 0.020, 0.023, 0.040)})
    assert aebench("compare", "a", "noisy", "--fail-if", "worse:2%") == 0


def test_of_one_pair_the_mean_alone_decides_and_the_line_says_so(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run(Path("one"), {"plain": (0.0205,)})
    assert aebench("compare", "a", "one", "--fail-if", "worse:3%") == 0
    assert aebench("compare", "a", "one", "--fail-if", "worse:2%") == 1
    assert (
        "worse:2%: plain has test_mse 0.02050 in B and 0.02000 in A, +0.00050 (+2.50 %) over 1 seed; "
        "judged by the mean alone, as fewer than two pairs have no interval\n"
    ) in capsys.readouterr().out


@pytest.mark.parametrize("b", [{"plain": A["plain"]}, {**A, "tied": ()}, {**A, "tied": (None, None)}])
def test_variant_that_b_lacks_is_missing(
    aebench: Aebench, capsys: pytest.CaptureFixture[str], b: dict[str, tuple[float, ...]]
) -> None:
    make_run(Path("less"), b)
    assert aebench("compare", "a", "less", "--fail-if", "missing") == 1
    assert "\nmissing: tied has finished seeds in A and none in B\n" in capsys.readouterr().out
    assert aebench("compare", "less", "a", "--fail-if", "missing") == 0


def test_damaged_records_are_named_and_the_rest_is_compared(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    (tied,) = [unit for unit, _ in read_run(Path("b")).units() if unit.variant == "tied"]
    path = Path("b") / "units" / f"{tied.id}.json"
    path.write_bytes(path.read_bytes()[:100])
    assert aebench("compare", "a", "b") == 0
    shown = capsys.readouterr().out
    assert f"left out: B is not complete: {path} is damaged" in shown
    assert "left out: B is not complete: tied: 0 of 4 seeds confirmed" in shown
    assert "not told apart from A on 1 (plain +0.00 %); undecided, with fewer than two pairs, on 1" in shown
    assert aebench("compare", "a", "b", "--fail-if", "missing") == 1


def test_report_and_table_are_left(aebench: Aebench, capsys: pytest.CaptureFixture[str]) -> None:
    assert aebench("compare", "a", "b", "--out", "new/out", "--fail-if", "worse:2%") == 1
    assert "report new/out/compare.md" in capsys.readouterr().out
    assert {path.name for path in Path("new/out").iterdir()} == {"compare.csv", "compare.md"}
    table = pd.read_csv("new/out/compare.csv").set_index("variant")
    assert table["difference"]["tied"] == pytest.approx(0.05 * 0.013, rel=1e-12)
    text = Path("new/out/compare.md").read_text()
    assert text.index("B is worse than A on 1 (tied +5.00 %)") < text.index("| variant |")
    assert "| plain | 4 | 0.02300 | 0.02300 | +0.00000 |" in text
    assert "- worse:2%: tied has test_mse 0.01365 in B" in text
    assert "not told apart where it does not" in text
    assert "Nothing: plan, tuned learning rates, code, versions and machine are the same." in text


def test_narrow_console_loses_no_column(aebench: Aebench, capsys: pytest.CaptureFixture[str]) -> None:
    assert aebench("compare", "a", "b") == 0
    shown = capsys.readouterr().out
    assert "…" not in shown
    for cell in ("0.01365", "+0.00065", "+5.00", "0.125", "0.25", "0 of 4", "4, 4 of 4"):
        assert cell in shown


@pytest.mark.parametrize(
    "rule",
    ["", "worse", "worse:", "worse:x", "worse:-1", "worse:-1%", "worse:nan", "worse:inf%", "worse:2%%", "better:1",
     "missing:1"],
)  # fmt: skip
def test_bad_rule_is_one_clear_line(aebench: Aebench, capsys: pytest.CaptureFixture[str], rule: str) -> None:
    assert aebench("compare", "a", "b", "--fail-if", rule) == 2
    assert capsys.readouterr().err == (
        "aebench: --fail-if must be worse:NUMBER, worse:NUMBER% (NUMBER at least 0) or missing "
        f"but got {rule!r}\n"
    )


def test_rules_are_read_as_written() -> None:
    assert parse_rule("worse:2%") == Worse("worse:2%", 2.0, True)
    assert parse_rule("worse:1e-3") == Worse("worse:1e-3", 0.001, False)
    assert parse_rule("missing") == Missing()
    with pytest.raises(UsageError, match="but got 'Missing'"):
        parse_rule("Missing")


def test_what_cannot_be_compared_is_one_clear_line_and_exit_code_2(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run(Path("data"), A, data="letters")
    make_run(Path("fewer"), A, test_images=200)
    make_run(Path("other"), {"truncated": (0.02,)})
    make_run(Path("seeds"), A, seed=1)
    make_run(Path("begun"), A)
    (Path("begun") / "units" / "baselines.json").unlink()
    make_run(Path("hurt"), A)
    (Path("hurt") / "manifest.json").write_text("{}")
    for folder, message in {
        "nowhere": "nowhere cannot be compared: no run in nowhere: it has no manifest.json",
        "data": "both runs must be on the same data set but A has digits and B letters",
        "fewer": "both runs must be tested on the same images but A has 10,000 and B 200",
        "other": "the runs must share a variant but A has plain, tied and B has truncated",
        "seeds": "the runs must share a finished seed but share none; finish both, with the same --seed",
        "begun": "begun cannot be compared: begun holds no results yet",
        "hurt": "hurt cannot be compared: hurt/manifest.json is damaged",
    }.items():
        assert aebench("compare", "a", folder) == 2, folder
        shown = capsys.readouterr().err
        assert shown.startswith(f"aebench: {message}")
        assert shown.count("\n") == 1


def test_unknown_metric_and_unwritable_folder_are_refused(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("compare", "a", "b", "--metric", "mae") == 2
    assert "unknown metric 'mae'; choose from test_mse" in capsys.readouterr().err
    Path("file").write_text("")
    assert aebench("compare", "a", "b", "--out", "file/out") == 1
    assert "cannot write to file/out" in capsys.readouterr().err
