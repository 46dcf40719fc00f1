"""Which claims a run has tried beyond its plan: what `aebench claims` added to it."""

from collections.abc import Sequence

from bench.claim_settings import epochs_of, obstacle
from bench.known_claims import known_claims
from bench.plan import Plan
from bench.records import Finished

Conditions = frozenset[tuple[str, float, int]]
"""Variant, learning rate and epochs of each of some settings."""


def beyond(plan: Plan) -> dict[str, Conditions]:
    """What each claim states that takes more epochs than the plan has, by its id; without claims that state none."""
    found = {
        claim.id: frozenset(
            (one.variant, one.lr, epochs_of(one, plan))
            for one in claim.settings
            if epochs_of(one, plan) > plan.epochs
        )
        for claim in known_claims().values()
        if not obstacle(plan, claim, beyond=True)
    }
    return {name: stated for name, stated in found.items() if stated}


def tried(plan: Plan, finished: Sequence[Finished]) -> tuple[str, ...]:
    """Ids of the claims that were tried beyond the plan.

    Those of which all is there, and those that began the rest: claims may share a setting.
    """
    stated = beyond(plan)
    there = {unit.condition for unit, _ in finished if unit.stage == "claim" and unit.epochs > plan.epochs}
    whole = {name for name, mine in stated.items() if mine <= there}
    rest = there.difference(*(stated[name] for name in whole))
    return tuple(name for name, mine in stated.items() if name in whole or mine & rest)
