"""Who of a plan's variants competes, and with whom all are compared."""

from collections.abc import Mapping

from bench.known_variants import find_variant
from bench.plan import Plan

REFERENCE = "plain"


def is_control(name: str) -> bool:
    """Whether the variant's own class says that it is there to tell causes apart, whatever class it builds on."""
    found = find_variant(name)
    return found is not None and bool(vars(found).get("control", False))


def steps_of(name: str) -> Mapping[str, str]:
    """The single changes that the variant's own class declares; none if nothing by this name is installed."""
    found = find_variant(name)
    steps: Mapping[str, str] = vars(found).get("steps", {}) if found else {}
    return steps


def contestants(plan: Plan) -> list[str]:
    """The plan's variants but for controls, in its order; all of them where they are all controls."""
    return [name for name in plan.variants if not is_control(name)] or list(plan.variants)


def challengers(plan: Plan) -> list[str]:
    """The contestants that are compared with plain; none where the plan lacks it."""
    there = REFERENCE in plan.variants
    return [name for name in contestants(plan) if there and name != REFERENCE]
