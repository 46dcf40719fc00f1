"""The command that makes a run again also makes what was tried beside its plan."""

from dataclasses import replace
from pathlib import Path

import pytest
from made_records import RECORD
from made_runs import make_run

from bench.analysis.claims import question
from bench.analysis.claims.claim import Claim, Evidence, Setting, Verdict
from bench.analysis.claims.conditions import claims_beyond, tried_claims
from bench.plan import Plan
from bench.records.records import Member, Unit
from bench.report.publish import publish
from bench.run.rerun_command import rerun_command
from bench.run.store import read_run

PLAIN, TIED, SHORT = Setting("plain", 0.02, 50), Setting("tied", 0.02, 40), Setting("tied", 0.03, 5)
STATED = {
    "M1": (PLAIN,),
    "M2": (PLAIN, TIED),
    "M3": (SHORT,),
    "M4": (replace(TIED, lr=0.05), replace(PLAIN, lr=1.0)),
}


@pytest.fixture(autouse=True)
def claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims with these settings, on any data; the third within the plan's epochs."""
    found = (
        Claim(name, "it learns", "never", _learns, ("plain",), stated) for name, stated in STATED.items()
    )
    monkeypatch.setattr(question, "QUESTION_CLAIMS", tuple(found))
    monkeypatch.setattr("bench.analysis.claims.conditions.STATED", {})


@pytest.mark.parametrize(
    ("there", "names"),
    [
        ([], ()),
        ([SHORT], ()),
        ([PLAIN], ("M1",)),
        ([PLAIN, TIED], ("M1", "M2")),
        ([TIED], ("M2",)),
        ([PLAIN, *STATED["M4"][:1]], ("M1", "M4")),
        ([PLAIN, TIED, *STATED["M4"]], ("M1", "M2", "M4")),
    ],
)
def test_claims_tried_beyond_a_plan_are_those_that_explain_the_models_there(
    there: list[Setting], names: tuple[str, ...]
) -> None:
    plan = Plan(variants=("plain", "tied"))
    assert list(claims_beyond(plan)) == ["M1", "M2", "M4"]
    assert tried_claims(plan, [(_unit(plan, one), ()) for one in there]) == names


def test_command_ends_with_the_claims_that_were_tried() -> None:
    plan = Plan(variants=("plain", "tied"))
    first = "aebench run --preset=quick --variants=plain,tied"
    assert rerun_command(plan) == first
    assert rerun_command(plan, tried=["M1", "M4"]) == f"{first} && aebench claims results/quick --only=M1,M4"
    everything = rerun_command(plan, out="my runs", tried=["M1", "M2", "M4"])
    assert everything == f"{first} '--out=my runs' && aebench claims 'my runs'"
    grown = replace(plan, seeds=9, grown_from=plan)
    assert rerun_command(grown, tried=["M1"]).count("&&") == 2


def test_report_tells_how_to_make_the_models_of_claims_beyond_the_plan_again(folder: Path) -> None:
    make_run(folder, {"plain": [0.02, 0.03], "tied": [0.02, 0.03]}, one_lr_seeds=0)
    run, said = read_run(folder), "&amp;&amp; aebench claims results/again"
    for units, ending in (((), ""), ((PLAIN,), f" {said} --only=M1<"), ((TIED, *STATED["M4"]), f" {said}<")):
        for one in units:
            unit = _unit(run.plan, one)
            run.put(unit, (replace(RECORD, lr=one.lr, seed=0),))
        publish(folder)
        page = (folder / "report.html").read_text()
        assert ending in page
        assert page.count("aebench claims results/again") == bool(units)
        assert ("&& aebench claims" in (folder / "report.md").read_text()) == bool(units)


def _unit(plan: Plan, setting: Setting) -> Unit:
    assert setting.epochs
    return Unit(plan.identity, setting.variant, "claim", (Member(setting.lr, 0),), setting.epochs)


def _learns(_: Evidence) -> Verdict:
    return Verdict("supported", "it learned")
