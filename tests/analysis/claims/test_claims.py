"""Every rule gives the verdict that it states, on tables small enough to judge by eye."""

from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from ablating import ablate, try_claims
from finished_run import FinishedRuns
from made_evidence import evidence

from bench.analysis.claims import question
from bench.analysis.claims.claim import Claim, Evidence, Setting, Verdict
from bench.analysis.claims.conditions import claim_epochs, claim_settings, reason_not_tried
from bench.analysis.claims.ledger import _judge
from bench.analysis.claims.question import known_claims as claims
from bench.data.split import Split
from bench.io.errors import BenchError
from bench.plan import Plan
from bench.presets import PRESETS
from bench.report.findings import findings
from bench.run.progress import Display
from bench.run.store import read_run

NEAR, FAR = (0.01, 0.011, 0.012, 0.0105), (0.067, 0.068, 0.0675, 0.0672)


@pytest.mark.parametrize(
    ("claim", "material", "outcome"),
    [
        ("C1", evidence(plain=NEAR), "supported"),
        ("C1", evidence(plain=FAR), "refuted"),
        ("C1", evidence(plain=[*NEAR, *FAR, *FAR]), "undecided"),
        ("C1", evidence(plain=[0.01]), "undecided"),
        ("C2", evidence(layer_bce=FAR), "supported"),
        ("C2", evidence(layer_bce=[*FAR, 0.01]), "refuted"),
        ("C2", evidence(layer_bce=FAR[:2]), "undecided"),
        ("C3", evidence(layer_mse=NEAR + NEAR), "supported"),
        ("C3", evidence(layer_mse=FAR + FAR), "refuted"),
        ("C3", evidence(layer_mse=NEAR + FAR), "undecided"),
        ("C3", evidence(layer_mse=NEAR), "undecided"),
        ("C4", evidence(plain=NEAR, layer_mse=[1.05 * e for e in NEAR]), "supported"),
        ("C4", evidence(plain=NEAR, layer_mse=[1.2 * e for e in NEAR]), "refuted"),
        ("C4", evidence(plain=NEAR, layer_mse=[0.8 * NEAR[0], *[1.5 * e for e in NEAR[1:]]]), "undecided"),
        ("C4", evidence(plain=FAR, layer_mse=FAR), "refuted"),
        ("C5", evidence(layer_bce=FAR, layer_mse=FAR, layer_mse_bce_output=NEAR), "supported"),
        ("C5", evidence(layer_bce=FAR, layer_mse=NEAR, layer_mse_bce_output=FAR[::-1]), "undecided"),
        ("C5", evidence(layer_bce=NEAR, layer_mse=FAR, layer_mse_bce_output=NEAR[::-1]), "refuted"),
        ("C5", evidence(layer_bce=FAR, layer_mse=NEAR), "supported"),
        ("C6", evidence([("layer_mse", "1", "W_1", 0.0), ("layer_mse", "0", "W_1", 1.0)]), "supported"),
        ("C6", evidence([("layer_mse", "1", "W_1", 1e-12), ("layer_mse", "1", "W_2", 1.0)]), "refuted"),
        ("C6", evidence([("layer_mse", "1", "W_2", 1.0), ("layer_mse", "all", "W_1", 1.0)]), "not run"),
        ("C7", evidence(nmse={"tied": (0.001, 0.002)}), "supported"),
        ("C7", evidence(nmse={"tied": (0.001, 0.5)}), "refuted"),
        ("C7", evidence(nmse={"tied": (0.001, 0.05)}), "undecided"),
        ("C7", evidence(tied=NEAR), "not run"),
        (
            "C8",
            evidence(plain=NEAR, truncated=NEAR, nmse={"plain": (2.0, 3.0), "truncated": (0.2, 0.3)}),
            "supported",
        ),
        (
            "C8",
            evidence(plain=NEAR, truncated=FAR, nmse={"plain": (2.0, 3.0), "truncated": (0.2, 0.3)}),
            "refuted",
        ),
        (
            "C8",
            evidence(plain=NEAR, truncated=NEAR, nmse={"plain": (2, 3), "truncated": (0.2, 0.6)}),
            "refuted",
        ),
        ("C8", evidence(plain=NEAR, truncated=NEAR), "not run"),
        (
            "C8",
            evidence(plain=FAR, truncated=FAR, nmse={"plain": (2.0, 3.0), "truncated": (0.2, 0.3)}),
            "refuted",
        ),
        (
            "C8",
            evidence(plain=NEAR, truncated=NEAR, nmse={"plain": (2.0, 0.1), "truncated": (0.2, 0.2)}),
            "refuted",
        ),
        (
            "C8",
            evidence(
                plain=NEAR,
                truncated=[0.8 * NEAR[0], *[1.5 * e for e in NEAR[1:]]],
                nmse={"plain": (2.0, 3.0), "truncated": (0.2, 0.3)},
            ),
            "undecided",
        ),
    ],
)
def test_rule_gives_the_verdict_that_it_states(claim: str, material: Evidence, outcome: str) -> None:
    assert claims()[claim].judge(material).outcome == outcome


def test_difference_to_plain_is_taken_over_the_seeds_that_both_have() -> None:
    material = evidence(plain=[0.01, 0.02, 0.5], layer_mse=[0.011, 0.022, np.nan])
    low, mean, high = material.beside_plain("layer_mse")
    assert mean == pytest.approx(0.1)
    assert low <= mean <= high
    assert material.escaped("layer_mse") == (2, 3)


def test_plan_that_is_not_about_the_question_judges_none_of_its_claims(
    plan: Plan, runs: FinishedRuns
) -> None:
    ledger = findings(runs.of(replace(plan, variants=("plain", "tied")))).claims
    tuned = ledger[ledger["conditions"].str.startswith("each at its tuned")]
    assert set(tuned["verdict"]) == {"not run"}
    assert set(tuned["figure"]) == {"not judged under this plan: the plan has other widths than it is about"}


def test_claim_with_conditions_of_its_own_is_judged_on_others_only_where_it_says_so() -> None:
    named = replace(MINE, settings=(Setting("plain", 0.02, 3),))
    assert [one.on_tuned for one in (MINE, named, replace(named, tuned=True))] == [True, False, True]


def test_verdict_tells_of_seeds_that_diverged() -> None:
    claim = claims()["C1"]
    verdict = _judge(claim, evidence(plain=[*NEAR, np.nan]), claim.needs)
    assert verdict.figure.endswith("; 1 of 5 seeds of plain diverged")


def test_verdict_says_the_figure_behind_it() -> None:
    verdict = claims()["C3"].judge(evidence(layer_mse=NEAR + NEAR))
    assert verdict.figure == f"8 of 8 seeds escaped (share {0.025 ** (1 / 8):.2f} to 1.00)"
    norms = [("layer_mse", "1", "W_1", 0.25), ("layer_mse", "2", "W_2", 0.0), ("layer_mse", "2", "W_1", 0.5)]
    figure = claims()["C6"].judge(evidence(norms)).figure
    assert figure == "2 of 3 such gradients are not 0, the largest 0.5, level 2's loss at W_1"


@pytest.mark.parametrize(
    ("claim", "material", "figure"),
    [
        ("C1", evidence(plain=[0.01]), "test mse 0.01000 (–), bound 0.06075"),
        (
            "C4",
            evidence(plain=[0.02], layer_mse=[0.019]),
            "test mse −5% against plain's (–), 1.7 times PCA's",
        ),
        (
            "C5",
            evidence(layer_bce=FAR, layer_mse=[error - 0.0415 for error in FAR]),
            "layer_mse against layer_bce: −0.04150 (−0.04150 to −0.04150), bound −0.00675",
        ),
        (
            "C8",
            evidence(plain=[0.02], truncated=[0.01], nmse={"plain": (2e4, 3.0), "truncated": (0.2, 0.3)}),
            "match error by level 0.2, 0.3 (plain >1000, 3); test mse −50% against plain's (–)",
        ),
    ],
)
def test_figure_has_minus_signs_and_a_dash_where_there_is_no_interval(
    claim: str, material: Evidence, figure: str
) -> None:
    assert claims()[claim].judge(material).figure == figure


def test_preset_trains_the_claims_that_its_budget_allows() -> None:
    assert claim_settings(PRESETS["smoke"]) == []
    quick = [Setting("plain", 1e-3), Setting("layer_mse", 1e-2, 5)]
    assert claim_settings(PRESETS["quick"]) == quick
    assert claim_epochs(PRESETS["quick"]) == 3 * (9 + 5)
    assert {one.epochs for one in claim_settings(PRESETS["full"])} == {5, 100}
    assert set(claim_settings(PRESETS["quick"], beyond=True)) == {quick[0], *claim_settings(PRESETS["full"])}
    assert reason_not_tried(PRESETS["quick"], claims()["C2"]) == "it takes 100 epochs"
    assert reason_not_tried(replace(Plan(), variants=("tied",)), claims()["C1"]) == "plain is not in the plan"
    assert (
        reason_not_tried(replace(Plan(), claim_seeds=0), claims()["C1"]) == "the plan has no seeds for claims"
    )
    assert (
        reason_not_tried(PRESETS["smoke"], claims()["C1"])
        == "the plan has other training images than it is about"
    )


def test_setting_of_two_claims_is_trained_once_however_its_epochs_are_stated() -> None:
    full = PRESETS["full"]
    plain = [one for one in claim_settings(full) if one.variant == "plain"]
    assert plain == [Setting("plain", 1e-3, full.epochs)]
    assert claim_epochs(full) == full.claim_seeds * (3 * 100 + 5)
    assert len(claim_settings(replace(full, epochs=full.epochs + 1))) == 5


def test_claims_are_tried_and_judged_on_their_own_models(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.analysis.claims.conditions.STATED", {})
    mine = Claim(
        "M1",
        "it learns",
        "the error lies below 1",
        _learns,
        ("plain",),
        (Setting("plain", 0.02, 3),),
        tuned=True,
    )
    monkeypatch.setattr(question, "QUESTION_CLAIMS", (mine, replace(mine, id="M2", settings=())))
    plan = replace(plan, variants=("plain",), claim_seeds=2)
    assert ablate(plan, folder, split, display)
    ledger = findings(folder).claims
    assert ledger["verdict"].tolist() == ["not run", "not run", "supported"]
    assert ledger["figure"].tolist()[:2] == [
        "not run under this plan: it takes 3 epochs", "not judged under this plan: it is about 3 epochs",
    ]  # fmt: skip
    try_claims(plan, folder, split, display)
    tried = [unit for unit, _ in read_run(folder).units() if unit.stage == "claim"]
    assert [(member.lr, member.seed) for member in tried[0].members] == [(0.02, 0), (0.02, 1)]
    assert claim_epochs(plan, beyond=True, only=["M2"]) == 0
    assert claim_settings(plan, beyond=True, only=["M1"]) == [Setting("plain", 0.02, 3)]
    ledger = findings(folder).claims
    assert ledger["conditions"].tolist() == [
        "plain, learning rate 0.02, 3 epochs",
        *["each at its tuned learning rate, 2 epochs"] * 2,
    ]
    assert ledger["verdict"].tolist() == ["supported", "not run", "supported"]
    assert ledger["figure"].nunique() == 3
    assert findings(folder).summary["seeds"].tolist() == [2, 0, 0]


def test_rule_that_raises_and_models_that_are_missing_do_not_end_the_report(
    plan: Plan, split: Split, display: Display, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Claim("B1", "it breaks", "never", lambda _: 1 / 0, ("plain",))  # type: ignore[arg-type,return-value]
    lacking = Claim("B2", "there is more", "never", _learns, ("layer_bce",))
    monkeypatch.setattr(question, "QUESTION_CLAIMS", (broken, lacking))
    ablate(replace(plan, variants=("plain",)), folder, split, display)
    assert findings(folder).claims["figure"].tolist() == [
        "its rule failed: ZeroDivisionError('division by zero')",
        "no finished model of layer_bce",
    ]


def test_claims_of_installed_packages_are_admitted_and_others_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def declare(value: str) -> None:
        entry = EntryPoint("mine", value, question.GROUP)
        monkeypatch.setattr(
            question, "entry_points", lambda group: [entry] if group == question.GROUP else []
        )

    declare(f"{__name__}:MINE")
    assert list(claims())[-1] == "M9"
    declare(f"{__name__}:NEAR")
    with pytest.raises(BenchError, match=r"must be a bench\.claims\.Claim with an id of its own"):
        claims()
    declare("tests.nowhere:MINE")
    with pytest.raises(BenchError, match=r"the claim tests\.nowhere:MINE cannot be loaded"):
        claims()


def test_claim_with_two_settings_of_a_variant_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    twice = (Setting("plain", 0.02, 3), Setting("tied", 0.02), Setting("plain", 0.01, 3))
    message = (
        "settings of claim M9 must be of different variants but 2 are of plain; make it a claim for each"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        replace(MINE, settings=twice)
    (tmp_path / "merging.py").write_text(
        "from dataclasses import replace\nfrom bench.claims import Setting\n"
        f"from bench.analysis.claims.question import QUESTION_CLAIMS\n"
        f"MINE = replace(QUESTION_CLAIMS[0], id='M9', settings={twice!r})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("mine", "merging:MINE", question.GROUP)
    monkeypatch.setattr(question, "entry_points", lambda **_: [entry])
    with pytest.raises(BenchError, match=f"^the claim merging:MINE cannot be loaded: {message}$"):
        claims()


def _learns(found: Evidence) -> Verdict:
    errors = found.errors("plain")
    return Verdict("supported" if errors.max() < 1 else "refuted", f"test mse {errors.mean()!r}")


MINE = Claim("M9", "it learns", "the error lies below 1", _learns, ("plain",))
