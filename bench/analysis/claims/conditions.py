"""The conditions under which claims are tried: what is trained for each, and what was."""

from collections.abc import Collection, Iterator, Sequence
from types import MappingProxyType

from bench.analysis.claims.claim import Claim, Setting
from bench.analysis.claims.question import known_claims
from bench.io.text import quantity
from bench.plan import Plan
from bench.records.records import FinishedUnit

STATED = MappingProxyType(
    {
        "dataset": "another data set",
        "widths": "other widths",
        "batch_size": "another batch size",
        "train_images": "other training images",
        "test_images": "other test images",
    }
)
"""Fields of the plan that must be the question's own, Plan's defaults."""
Conditions = frozenset[tuple[str, float, int]]
"""Variant, learning rate and epochs of each of some settings."""


def claim_settings(plan: Plan, *, beyond: bool = False, only: Collection[str] = ()) -> list[Setting]:
    """What there is to train for the plan's claims, each setting once; beyond: also what takes more epochs.

    only: ids of the claims that matter, all if there are none.
    """
    found: dict[tuple[str, float, int], Setting] = {}
    for claim in select_claims(only):
        for one in () if reason_not_tried(plan, claim, beyond=beyond) else claim.settings:
            key = (one.variant, one.lr, epochs_of(one, plan))
            # Epochs that are stated stay the same where the plan grows, so they belong to its first.
            found[key] = one if one.epochs else found.get(key, one)
    return list(found.values())


def claim_conditions(plan: Plan, *, beyond: bool = False) -> frozenset[tuple[str, float, int]]:
    """Variant, learning rate and epochs of each of the `claim_settings`: what a unit of one has."""
    return frozenset(
        (one.variant, one.lr, epochs_of(one, plan)) for one in claim_settings(plan, beyond=beyond)
    )


def select_claims(only: Collection[str]) -> list[Claim]:
    """The claims with these ids, all if there are none."""
    return [claim for claim in known_claims().values() if not only or claim.id in only]


def reason_not_tried(plan: Plan, claim: Claim, *, beyond: bool = False) -> str:
    """Why the plan does not train the claim's settings; empty if it does."""
    return next(_obstacles(plan, claim.settings, beyond), "")


def epochs_of(setting: Setting, plan: Plan) -> int:
    """The setting's epochs, or the plan's."""
    return setting.epochs or plan.epochs


def claim_epochs(plan: Plan, *, beyond: bool = False, only: Collection[str] = ()) -> int:
    """Model-epochs of all that is trained for claims; see `claim_settings`."""
    return plan.claim_seeds * sum(
        epochs_of(one, plan) for one in claim_settings(plan, beyond=beyond, only=only)
    )


def differences_from_question(plan: Plan) -> Iterator[str]:
    """What the plan has that the question does not."""
    default = Plan()
    for name, words in STATED.items():
        if getattr(plan, name) != getattr(default, name):
            yield f"the plan has {words} than it is about"


def claims_beyond(plan: Plan) -> dict[str, Conditions]:
    """What each claim states that takes more epochs than the plan has, by its id; without claims that state none."""
    found = {
        claim.id: frozenset(
            (one.variant, one.lr, epochs_of(one, plan))
            for one in claim.settings
            if epochs_of(one, plan) > plan.epochs
        )
        for claim in known_claims().values()
        if not reason_not_tried(plan, claim, beyond=True)
    }
    return {name: stated for name, stated in found.items() if stated}


def tried_claims(plan: Plan, finished: Sequence[FinishedUnit]) -> tuple[str, ...]:
    """Ids of the claims that were tried beyond the plan.

    Those of which all is there, and those that began the rest: claims may share a setting.
    """
    stated = claims_beyond(plan)
    there = {unit.condition for unit, _ in finished if unit.stage == "claim" and unit.epochs > plan.epochs}
    whole = {name for name, mine in stated.items() if mine <= there}
    rest = there.difference(*(stated[name] for name in whole))
    return tuple(name for name, mine in stated.items() if name in whole or mine & rest)


def _obstacles(plan: Plan, stated: Sequence[Setting], beyond: bool) -> Iterator[str]:
    if not plan.claim_seeds:
        yield "the plan has no seeds for claims"
    yield from differences_from_question(plan)
    for setting in stated:
        if setting.variant not in plan.variants:
            yield f"{setting.variant} is not in the plan"
        if epochs_of(setting, plan) > plan.epochs and not beyond:
            yield f"it takes {quantity(epochs_of(setting, plan), 'epoch')}"
