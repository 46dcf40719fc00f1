"""Who of a plan's variants competes, and with whom all are compared."""

from collections.abc import Mapping

from bench.plan import Plan
from variants import registry

REFERENCE = "plain"


def is_control(name: str) -> bool:
    """Whether the variant's own class says that it is there to tell causes apart, whatever class it builds on."""
    known = registry()
    return name in known and bool(vars(known[name]).get("control", False))


def steps_of(name: str) -> Mapping[str, str]:
    """The single changes that the variant's own class declares; none if nothing by this name is installed."""
    known = registry()
    steps: Mapping[str, str] = vars(known[name]).get("steps", {}) if name in known else {}
    return steps


def contestants(plan: Plan) -> list[str]:
    """The plan's variants but for controls, in its order; all of them where they are all controls."""
    return [name for name in plan.variants if not is_control(name)] or list(plan.variants)


def challengers(plan: Plan) -> list[str]:
    """The contestants that are compared with plain; none where the plan lacks it."""
    there = REFERENCE in plan.variants
    return [name for name in contestants(plan) if there and name != REFERENCE]
