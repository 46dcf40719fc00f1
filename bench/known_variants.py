"""Which variants there are, for the bench: a broken package is a line and no traceback."""

from collections.abc import Mapping

from bench.errors import BenchError
from variants import Variant, registry
from variants.registry import OWN


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
