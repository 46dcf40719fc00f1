"""The command line: exact words and exit codes, and nothing lost."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from aebench import Aebench
from repository import ROOT

from bench.data.split import Split
from bench.engine import work
from bench.plan import Plan
from bench.presets import PRESETS
from bench.run.store import NON_UNIT_FILES
from bench.run.workload import confirmation_seeds
from variants.tied import Tied

SMALL = ("--widths", "784,16,8", "--trials", "2", "--seeds", "2")


@pytest.fixture(autouse=True)
def small_data(monkeypatch: pytest.MonkeyPatch, split: Split, tmp_path: Path) -> None:
    """Commands find the small data set and write into an empty folder."""
    plan = replace(PRESETS["smoke"], train_images=600, valid_images=100, test_images=200)
    presets = {**PRESETS, "smoke": plan, "quick": replace(plan, tune_epochs=1)}
    monkeypatch.setattr("bench.presets.PRESETS", presets)
    monkeypatch.setattr("bench.cli.data.load_dataset", lambda *_: split)
    monkeypatch.setattr("bench.data.catalog.Dataset.missing", lambda *_: [])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bench.engine.choice.default_workers", lambda _: 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--variants", "tide"],
            "unknown variant 'tide'; did you mean 'tied'? choose from plain, layer_bce, layer_mse, truncated, tied",
        ),
        (["--variants", ""], "--variants must be names separated by commas but got ''"),
        (["--variants", "plain,"], "--variants must be names separated by commas but got 'plain,'"),
        (["--variants", "plain, tide"], "unknown variant 'tide'; did you mean 'tied'?"),
        (["--variants", "TIED"], "unknown variant 'TIED'; did you mean 'tied'?"),
        (["--preset", "fast"], "unknown preset 'fast'; choose from smoke, quick, reference, full"),
        (
            ["--metric", "mae"],
            "unknown metric 'mae'; choose from test_mse, test_sse, test_bce_nats, test_psnr_db",
        ),
        (["--lr-low", "1", "--lr-high", "0.1"], "lr_low must be below lr_high 0.1 but got 1"),
        (["--lr-low", "-1"], "lr_low must be positive and finite but got -1.0"),
        (["--trials", "0"], "trials must be at least 1 but got 0"),
        (["--seeds", "0"], "seeds must be at least 1 but got 0"),
        (["--epochs", "0"], "epochs must be at least 1 but got 0"),
        (["--widths", "100,50"], "widths must start at 784, the pixels of an image of mnist, but got 100"),
        (["--widths", "784,a"], "--widths must be whole numbers separated by commas but got '784,a'"),
        (["--widths", ""], "--widths must be whole numbers separated by commas but got ''"),
        (["--trials", "many"], "'many' is not a valid integer"),
        (["--device", "tpu"], "'tpu' is not one of 'auto', 'cpu', 'cuda'"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(
    aebench: Aebench, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert aebench("run", *arguments) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown
    assert message.startswith("'") or shown.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_unwritable_folder_is_found_out_before_training(
    aebench: Aebench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("")
    monkeypatch.setattr(work, "train", None)
    assert aebench("run", "--preset", "smoke", "--out", "file/run") == 1
    assert "cannot write to file/run: Not a directory; choose another folder" in capsys.readouterr().err


def test_run_prints_the_summary_and_where_the_report_lies(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("run", "--preset", "smoke", "--variants", "plain,tied", *SMALL) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == "report results/smoke/report.html"
    assert "training " in lines[-1]
    assert [line.split()[0] for line in lines if line.startswith((" plain", " tied", " mean", " PCA"))] == [
        "plain", "tied", "mean", "PCA",
    ]  # fmt: skip
    assert sum(line.startswith("confirm ") for line in lines) == 2
    assert Path("results/smoke/report.html").is_file()


def test_folder_of_another_plan_is_exit_code_2_and_left_alone(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("run", "--preset", "smoke", "--variants", "plain", "--out", "here", *SMALL)
    assert aebench(*arguments) == 0
    before = {path: path.read_bytes() for path in Path("here").rglob("*") if path.is_file()}
    assert aebench(*arguments, "--epochs", "1") == 2
    assert "here holds another run (epochs: 2 there, 1 asked for)" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path("here").rglob("*") if path.is_file()} == before


def test_interrupt_keeps_what_is_finished_and_says_how_to_go_on(
    aebench: Aebench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train, calls = work.train, iter([True, False])

    def stopping(*arguments: object) -> object:
        if next(calls):
            return train(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    arguments = ("run", "--preset", "smoke", "--variants", "plain", "--out", "my run", *SMALL)
    with monkeypatch.context() as patched:
        patched.setattr(work, "train", stopping)
        assert aebench(*arguments) == 130
    shown = capsys.readouterr().err
    assert "interrupted; what was finished is kept; go on with: aebench run --preset smoke" in shown
    assert "'my run'" in shown
    assert len([path for path in Path("my run/units").iterdir() if path.stem not in NON_UNIT_FILES]) == 1
    assert aebench(*arguments) == 0


def test_tune_prints_the_trials_by_rate_and_names_the_edge(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    search = ("--trials", "3", "--sampler", "grid", "--lr-low", "1e-5", "--lr-high", "1e-4")
    assert aebench("tune", "plain", "--widths", "784,16,8", *search, "--epochs", "2") == 0
    shown = capsys.readouterr().out
    rates = [float(line.split()[0]) for line in shown.splitlines() if "█" in line]
    assert rates == pytest.approx([10 ** (-5 + (place + 0.5) / 3) for place in range(3)], rel=0.01)
    assert sum(line.rstrip().endswith(" best") for line in shown.splitlines()) == 1
    assert Path("results/tune-plain/figures/lr.svg").is_file()


def test_best_rate_at_the_edge_is_said_aloud(aebench: Aebench, capsys: pytest.CaptureFixture[str]) -> None:
    search = ("--trials", "8", "--sampler", "grid", "--lr-low", "1e-6", "--lr-high", "1e-3")
    assert aebench("tune", "plain", "--widths", "784,16,8", *search) == 0
    shown = capsys.readouterr().out
    assert "lies at the high edge of the range 1e-06 to 0.001: widen it with --lr-high" in shown


def test_tuning_an_unknown_variant_is_exit_code_2(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("tune", "tide") == 2
    assert "unknown variant 'tide'" in capsys.readouterr().err


def test_dry_run_counts_and_does_nothing(aebench: Aebench, capsys: pytest.CaptureFixture[str]) -> None:
    assert aebench("run", "--preset", "smoke", "--dry-run", *SMALL) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "19 units, 10 trials, 38 model-epochs of 600 images: about" in shown
    assert list(Path().iterdir()) == []


def test_report_is_rebuilt_from_records_with_another_metric(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("run", "--preset", "smoke", "--variants", "plain", "--out", "here", *SMALL) == 0
    capsys.readouterr()
    assert aebench("report", "here", "--metric", "test_psnr_db") == 0
    assert "test psnr_db" in capsys.readouterr().out
    assert "psnr, dB" in Path("here/report.md").read_text()


def test_report_of_no_run_is_exit_code_2(aebench: Aebench, capsys: pytest.CaptureFixture[str]) -> None:
    assert aebench("report", "nowhere") == 2
    assert "no run in nowhere: it has no manifest.json" in capsys.readouterr().err


def test_audit_prints_the_norms_and_reads_them(aebench: Aebench, capsys: pytest.CaptureFixture[str]) -> None:
    assert aebench("audit", "truncated", "--widths", "784,16,8,6", "--seed", "3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "on the first 128 training images, seed 3" in lines[0]
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.startswith((" W_", " V_"))}
    assert list(rows) == ["W_1", "W_2", "W_3", "V_2", "V_1", "V_0"]
    assert [cell == "0" for cell in rows["W_2"]] == [False, False, True, False]
    assert [cell == "0" for cell in rows["V_0"]] == [False, True, True, False]
    assert all(len(cell.partition("e")[0].replace(".", "").lstrip("0")) <= 3 for cell in rows["V_1"])
    assert lines[-3:] == [
        "level 0's loss trains every weight",
        "level 1's loss trains W_2, W_3, V_2, V_1 and leaves W_1, V_0 untouched",
        "level 2's loss trains W_3, V_2 and leaves W_1, W_2, V_1, V_0 untouched",
    ]


def test_audit_of_a_variant_with_one_loss_names_no_level(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("audit", "tied", "--widths", "784,16,8") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "its one loss trains every weight"


def test_auditing_what_is_not_there_is_exit_code_2(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("audit", "tide") == 2
    assert (
        "unknown variant 'tide'; did you mean 'tied'? choose from plain, layer_bce" in capsys.readouterr().err
    )
    assert aebench("audit", "plain", "--seed", "-1") == 2


@pytest.mark.parametrize("command", ["tune", "audit"])
def test_name_of_one_variant_is_trimmed_and_guessed_at(
    aebench: Aebench, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    for asked, message in {
        " Tide ": "unknown variant 'Tide'; did you mean 'tied'?",
        " ": "unknown variant ''; ",
    }.items():
        assert aebench(command, asked) == 2
        shown = capsys.readouterr().err
        assert shown.startswith(f"aebench: {message}")
        assert shown.count("\n") == 1
    assert aebench(command, " tied ", "--widths", "1") == 2
    assert "widths must be two or more positive" in capsys.readouterr().err


def test_variant_that_cannot_be_audited_is_one_line_and_exit_code_1(
    aebench: Aebench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Tied, "level_losses", lambda *_: 1 / 0)
    assert aebench("audit", "tied") == 1
    shown = capsys.readouterr().err
    assert shown == "aebench: tied cannot be audited: it raised ZeroDivisionError: division by zero\n"


def test_list_shows_each_variant_and_what_it_changes(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("list") == 0
    shown = capsys.readouterr().out
    for name in ("plain", "layer_bce", "layer_mse", "truncated", "tied"):
        assert name in shown


def test_help_needs_none_of_the_heavy_libraries() -> None:
    heavy = {"torch", "pandas", "optuna", "seaborn", "matplotlib", "sklearn", "scipy", "numpy", "rich"}
    code = f"import sys, bench.cli.main; print(*({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_claims_say_what_they_would_train_and_train_nothing(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("claims", "--only", "C1, C3", "--seeds", "2", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert [line.split() for line in shown.splitlines() if line.startswith(" C")] == [
        ["C1", "plain", "0.001", "100", "2", "200"],
        ["C3", "layer_mse", "0.01", "5", "2", "10"],
    ]
    assert "210 model-epochs in all; nothing was trained" in shown
    assert aebench("claims", "--only", "C1,C4,C6,C7", "--seeds", "1", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert [line.split()[0] for line in shown.splitlines() if line.startswith(" C")] == ["C1", "C4", "C4"]
    assert "C6 trains nothing: it is judged on the gradients before training" in shown
    assert "C7 trains nothing: it is judged on a run's tuned models" in shown
    assert "200 model-epochs in all, what claims share counted once; nothing was trained" in shown
    assert list(Path().iterdir()) == []


def test_unknown_claim_is_exit_code_2(aebench: Aebench, capsys: pytest.CaptureFixture[str]) -> None:
    for asked, message in {
        "C11": "unknown claim 'C11'; did you mean 'C1'? choose from C1, C2",
        "c3": "unknown claim 'c3'; did you mean 'C3'?",
        "": "--only must be names separated by commas but got ''",
    }.items():
        assert aebench("claims", "--only", asked, "--dry-run") == 2
        assert capsys.readouterr().err.startswith(f"aebench: {message}")


def test_what_the_seed_does_is_what_help_and_readme_say(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert confirmation_seeds(replace(Plan(), seed=2), 2) == [2 * 10_000, 2 * 10_000 + 1]
    assert aebench("run", "--help") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "--seed N Adds 10,000 N to the seed of every model" in shown
    assert "`--seed N` adds 10,000 N" in (ROOT / "README.md").read_text()
