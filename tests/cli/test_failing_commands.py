"""Commands whose units fail say so, keep what there is, and end with exit code 1."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aebench import Aebench
from finished_run import cut

from bench.analysis.claims import question
from bench.analysis.claims.claim import Claim, Evidence, Setting, Verdict
from bench.data.split import Split
from bench.engine import work
from bench.plan import Plan
from bench.presets import PRESETS
from bench.records.records import Unit
from bench.report.publish import publish_tuning
from bench.run.lock import open_run
from bench.run.manifest import make_manifest
from bench.run.store import read_run
from bench.run.verify import verify

TUNE = ("tune", "plain", "--widths", "784,16,8", "--trials", "2", "--sampler", "grid", "--population", "1")
SAID = "aebench: not every unit could be trained; `aebench status {}` says which and why\n"


@pytest.fixture
def run(aebench: Aebench, monkeypatch: pytest.MonkeyPatch, split: Split, tmp_path: Path) -> Aebench:
    """`aebench` on the small data set and in an empty folder."""
    small = replace(PRESETS["smoke"], train_images=600, valid_images=100, test_images=200, epochs=1)
    monkeypatch.setattr("bench.presets.PRESETS", {**PRESETS, "quick": small})
    monkeypatch.setattr("bench.cli.data.load_dataset", lambda *_: split)
    monkeypatch.setattr("bench.data.catalog.Dataset.missing", lambda *_: [])
    monkeypatch.setattr("bench.engine.choice.default_workers", lambda _: 0)
    monkeypatch.chdir(tmp_path)
    return aebench


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Unit], bool]], None]:
    """From now on the units of which this holds fail."""
    train = work.train

    def fail(holds: Callable[[Unit], bool]) -> None:
        def failing_train(unit: Unit, *rest: object) -> object:
            if holds(unit):
                raise MemoryError("too little")
            return train(unit, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(work, "train", failing_train)

    return fail


@pytest.mark.parametrize("finished", [0, 1])
def test_tuning_that_cannot_be_finished_is_exit_code_1_and_no_advice_about_rates(
    run: Aebench, failing: Callable[..., None], capsys: pytest.CaptureFixture[str], finished: int
) -> None:
    failing(lambda unit: unit.trials[0] >= finished)
    assert run(*TUNE, "--out", "my tuning") == 1
    shown = capsys.readouterr()
    assert shown.err == SAID.format("'my tuning'")
    assert "failed: MemoryError: too little" in shown.out
    assert "--lr-high" not in shown.out
    assert shown.out.count("█ ") == finished
    assert Path("my tuning/figures/lr.svg").exists() == bool(finished)
    assert len(Path("my tuning/tables/trials.csv").read_text().splitlines()) == 1 + finished
    assert verify(Path("my tuning")).faults == ()


def test_tuning_in_which_every_trial_diverges_advises_lower_rates(
    run: Aebench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.tuning.trials.error_after", lambda *_: float("inf"))
    assert run(*TUNE) == 1
    shown = capsys.readouterr()
    assert shown.err == "aebench: no trial finished; search lower rates with a lower --lr-high\n"
    assert shown.out.count("diverged") == 2


def test_claims_whose_models_fail_are_exit_code_1_after_the_verdicts(
    run: Aebench,
    failing: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _declare_claims(monkeypatch)
    failing(lambda unit: unit.variant == "tied")
    assert run("claims", "here", "--seeds", "1") == 1
    shown = capsys.readouterr()
    assert shown.err == SAID.format("here")
    assert "not trained yet" in shown.out
    assert "it learned" in Path("here/tables/claims.csv").read_text()
    assert run("status", "here") == 0
    assert "tied: 1 model of stage claim failed: MemoryError: too little" in capsys.readouterr().out
    failing(lambda _: False)
    assert run("claims", "here") == 0


def test_claims_keep_the_device_of_the_folders_plan(
    run: Aebench, split: Split, plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_run(Path("here"), make_manifest(plan, split.digest)):
        pass
    assert run("claims", "here", "--device", "cuda", "--dry-run") == 2
    told = "here was planned for --device cpu but got cuda; leave out --device, or name another folder"
    assert capsys.readouterr().err == f"aebench: {told}\n"
    for device in ("cpu", "auto"):
        assert run("claims", "here", "--device", device, "--dry-run") == 0


def test_damaged_record_does_not_cost_what_a_command_has_trained(
    run: Aebench, monkeypatch: pytest.MonkeyPatch, copied: Path
) -> None:
    monkeypatch.setattr("bench.cli.claims.publish", lambda _: None)
    # Claims do not look at it, so they do not make it again.
    tuned = next(unit for unit, _ in read_run(copied).units() if unit.stage == "tune")
    cut(copied / "units" / f"{tuned.id}.json")
    assert run("claims", str(copied), "--workers", "0") == 0
    assert (copied / "tables" / "claims.csv").exists()
    assert publish_tuning(copied) == copied / "figures" / "lr.svg"


def _declare_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of plain and one of tied, tried in small folders of their own."""
    mine = Claim("M1", "it learns", "never", _learns, ("plain",), (Setting("plain", 0.02, 1),))
    other = replace(mine, id="M2", settings=(Setting("tied", 0.02, 1),))
    monkeypatch.setattr(question, "QUESTION_CLAIMS", (mine, other))
    monkeypatch.setattr("bench.analysis.claims.conditions.STATED", {})
    alone = replace(Plan(), widths=(784, 16, 8), train_images=600, valid_images=100, test_images=200)
    monkeypatch.setattr("bench.cli.claims.PRESETS", {"full": alone})


def _learns(_: Evidence) -> Verdict:
    return Verdict("supported", "it learned")
