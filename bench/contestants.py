"""Which variants there are and which of a plan's compete; a broken package is a line and no traceback."""

from collections.abc import Mapping

from bench.io.errors import BenchError
from bench.plan import Plan
from variants import Variant, registry
from variants.registry import OWN

REFERENCE = "plain"


def known_variants() -> Mapping[str, type[Variant]]:
    """The registry; BenchError where an installed package declares a variant that cannot be had."""
    try:
        return registry()
    except ValueError as error:
        raise BenchError(f"an installed package's variant is broken: {error}") from error


def find_variant(name: str) -> type[Variant] | None:
    """The variant of this name, None where none is installed.

    A built-in one is found whatever is installed beside it; for others raises what `known_variants` raises.
    """
    return OWN.get(name) or known_variants().get(name)


def get_variant(name: str) -> type[Variant]:
    """The variant of this name; BenchError where none is installed or an installed package is broken."""
    found = find_variant(name)
    if found is None:
        raise BenchError(f"variant {name!r} is not installed")
    return found


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
