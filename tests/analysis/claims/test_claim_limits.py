"""Where each rule of the claims ledger turns from one verdict to the next: just below and just above its limits."""

import math
from dataclasses import replace

import pytest
from made_evidence import evidence
from pandas import DataFrame

from bench.analysis.claims.claim import Evidence
from bench.analysis.claims.question import known_claims

MEAN_IMAGE = 0.0675
"""Of the evidence."""
PLAIN = (0.02,) * 4
MATCHED = {"plain": (2.0, 3.0), "truncated": (0.2, 0.3)}


def _alike(error: float, count: int = 4) -> tuple[float, ...]:
    """Seeds without a spread: both ends of every interval are the value itself."""
    return (error,) * count


@pytest.mark.parametrize(
    ("claim", "material", "outcome"),
    [
        ("C1", evidence(plain=_alike(0.899 * MEAN_IMAGE)), "supported"),
        ("C1", evidence(plain=_alike(0.901 * MEAN_IMAGE)), "refuted"),
        ("C2", evidence(layer_bce=_alike(0.067, 3)), "supported"),
        ("C2", evidence(layer_bce=_alike(0.067, 2)), "undecided"),
        ("C2", evidence(layer_bce=(*_alike(0.067, 9), 0.01)), "refuted"),
        ("C2", evidence(layer_bce=(0.01,)), "refuted"),
        # By Clopper and Pearson 6 of 6 are more than half of all, 5 of 5 may be fewer.
        ("C3", evidence(layer_mse=_alike(0.01, 6)), "supported"),
        ("C3", evidence(layer_mse=_alike(0.01, 5)), "undecided"),
        ("C3", evidence(layer_mse=_alike(0.067, 5)), "undecided"),
        ("C3", evidence(layer_mse=_alike(0.067, 6)), "refuted"),
        ("C4", evidence(plain=PLAIN, layer_mse=_alike(0.0219)), "supported"),
        ("C4", evidence(plain=PLAIN, layer_mse=_alike(0.0221)), "refuted"),
        ("C4", evidence(plain=_alike(0.899 * MEAN_IMAGE), layer_mse=_alike(0.899 * MEAN_IMAGE)), "supported"),
        ("C4", evidence(plain=_alike(0.901 * MEAN_IMAGE), layer_mse=_alike(0.901 * MEAN_IMAGE)), "refuted"),
        ("C5", evidence(layer_bce=_alike(0.05), layer_mse=_alike(0.05 - 0.101 * MEAN_IMAGE)), "supported"),
        ("C5", evidence(layer_bce=_alike(0.05), layer_mse=_alike(0.05 - 0.099 * MEAN_IMAGE)), "refuted"),
        # Where neither left the mean image there is nothing to choose between.
        ("C5", evidence(layer_bce=_alike(0.067), layer_mse=_alike(0.066)), "undecided"),
        ("C5", evidence(layer_bce=(0.067, 0.067, 0.01), layer_mse=(0.066, 0.066, 0.066)), "refuted"),
        ("C5", evidence(layer_bce=_alike(0.067), layer_mse=_alike(0.063)), "refuted"),
        ("C5", evidence(layer_bce=_alike(0.063), layer_mse=_alike(0.067)), "refuted"),
        ("C6", evidence([("layer_mse", "2", "W_2", 0.0), ("layer_mse", "2", "W_1", 5e-324)]), "refuted"),
        ("C6", evidence([("layer_mse", "2", "W_1", 0.0), ("tied", "2", "W_1", 1.0)]), "supported"),
        ("C6", evidence([("layer_mse", "2", "W_2", 1.0), ("layer_mse", "1", "W_1", 0.0)]), "refuted"),
        ("C6", evidence([("layer_mse", "1", "W_1", 0.0), ("layer_mse", "1", "V_0", 1.0)]), "supported"),
        ("C7", evidence(nmse={"tied": (0.0099, 0.0099)}), "supported"),
        ("C7", evidence(nmse={"tied": (0.0099, 0.0101)}), "undecided"),
        ("C7", evidence(nmse={"tied": (0.099, 0.099)}), "undecided"),
        ("C7", evidence(nmse={"tied": (0.0, 0.1)}), "undecided"),
        ("C7", evidence(nmse={"tied": (0.0, 0.101)}), "refuted"),
        ("C8", evidence(plain=PLAIN, truncated=_alike(0.0219), nmse=MATCHED), "supported"),
        ("C8", evidence(plain=PLAIN, truncated=_alike(0.0221), nmse=MATCHED), "refuted"),
        ("C8", evidence(plain=PLAIN, truncated=PLAIN, nmse=MATCHED | {"truncated": (0.2, 0.499)}), "supported"),
        ("C8", evidence(plain=PLAIN, truncated=PLAIN, nmse=MATCHED | {"truncated": (0.2, 0.501)}), "refuted"),
        ("C8", evidence(plain=PLAIN, truncated=PLAIN, nmse=MATCHED | {"plain": (0.201, 3.0)}), "supported"),
        ("C8", evidence(plain=PLAIN, truncated=PLAIN, nmse=MATCHED | {"plain": (0.2, 3.0)}), "refuted"),
        ("C8", evidence(plain=PLAIN, truncated=PLAIN, nmse={"plain": (2.0, 3.0)}), "not run"),
        ("C8", evidence(plain=PLAIN, truncated=PLAIN, nmse={"truncated": (0.2, 0.3)}), "not run"),
    ],
)  # fmt: skip
def test_rule_turns_at_its_limit(claim: str, material: Evidence, outcome: str) -> None:
    assert known_claims()[claim].judge(material).outcome == outcome


def test_differences_are_those_of_the_seeds_that_both_have() -> None:
    material = evidence(plain=[0.01, math.nan, 0.03, 0.05], tied=[0.02, 0.02, math.nan, 0.01])
    assert material.differences("tied", "plain") == pytest.approx([0.01, -0.04])
    assert material.errors("plain") == pytest.approx([0.01, 0.03, 0.05])
    _, mean, _ = material.beside_plain("tied")
    assert mean == pytest.approx(-0.015 / 0.03)


def test_match_errors_are_compared_by_their_medians_over_the_seeds() -> None:
    """Of each variant one seed lies on the other side of the other's median."""
    rows = [
        {"variant": name, "seed": seed, "level": 1, "nmse": nmse}
        for name, nmses in (("truncated", (0.3, 0.3, 0.9)), ("plain", (0.4, 0.1, 0.4)))
        for seed, nmse in enumerate(nmses)
    ]
    material = replace(evidence(plain=PLAIN, truncated=PLAIN), levels=DataFrame(rows))
    assert known_claims()["C8"].judge(material).outcome == "supported"
    turned = DataFrame(
        [row | {"variant": {"plain": "truncated"}.get(row["variant"], "plain")} for row in rows]
    )
    assert known_claims()["C8"].judge(replace(material, levels=turned)).outcome == "refuted"
