"""Who of a plan's variants competes, and with whom all are compared."""

from bench.plan import Plan
from variants import registry

REFERENCE = "plain"


def is_control(name: str) -> bool:
    """Whether the variant is there to tell causes apart; not if nothing by this name is installed."""
    known = registry()
    return name in known and known[name].control


def contestants(plan: Plan) -> list[str]:
    """The plan's variants but for controls, in its order; all of them where they are all controls."""
    return [name for name in plan.variants if not is_control(name)] or list(plan.variants)
