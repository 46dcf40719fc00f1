"""Which variants there are, in report order."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from variants.contract.interface import Variant
from variants.controls.layer_mse_bce_output import LayerMseBceOutput
from variants.controls.layer_mse_target import LayerMseTarget
from variants.controls.plain_mse import PlainMse
from variants.controls.tied_mse import TiedMse
from variants.controls.truncated_bce_output import TruncatedBceOutput
from variants.layer_bce import LayerBce
from variants.layer_mse import LayerMse
from variants.plain import Plain
from variants.tied import Tied
from variants.truncated import Truncated

BUILT_IN: tuple[type[Variant], ...] = (Plain, LayerBce, LayerMse, Truncated, Tied)
CONTROLS: tuple[type[Variant], ...] = (
    PlainMse, LayerMseBceOutput, LayerMseTarget, TruncatedBceOutput, TiedMse,
)  # fmt: skip
OWN: Mapping[str, type[Variant]] = MappingProxyType({one.name: one for one in (*BUILT_IN, *CONTROLS)})
"""Those that come with the bench, by name."""
GROUP = "aebench.variants"
VARIANT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def registry() -> Mapping[str, type[Variant]]:
    """Every variant by name: the five, their controls, then those that installed packages declare.

    An outside package declares `[project.entry-points."aebench.variants"]` with `name = "module:Class"`.
    Raises ValueError for an entry that cannot be loaded, is no Variant, or whose name is malformed or taken.
    """
    return _all(entry_points, tuple(sys.path))


def checked(candidate: object, source: str) -> type[Variant]:
    """The candidate if it is a Variant class that can be built and tells what it must; else ValueError."""
    if not (isinstance(candidate, type) and issubclass(candidate, Variant)):
        raise ValueError(f"{source} must be a subclass of variants.Variant but is {candidate!r}")
    if getattr(candidate, "__abstractmethods__", None):
        raise ValueError(f"{source} must define {', '.join(sorted(candidate.__abstractmethods__))}")
    for attribute, rule, holds in (
        ("name", "a name of at most 40 lower-case letters, digits and underscores, a letter first", _is_name),
        ("summary", "a summary of one line", _is_line),
        ("steps", "steps that map the names of variants to a line each", _are_steps),
        ("space", "a space that maps names but lr to numeric distributions of Optuna's", _is_space),
    ):
        found = getattr(candidate, attribute, None)
        if not holds(found):
            raise ValueError(f"{source} must have {rule} but has {found!r}")
    return candidate


@lru_cache(maxsize=1)
def _all(find: Callable[..., Iterable[EntryPoint]], path: tuple[str, ...]) -> Mapping[str, type[Variant]]:
    """The registry, read once for each path to import from: looking through all packages takes a while."""
    del path
    variants = dict(OWN)
    for entry in sorted(find(group=GROUP), key=lambda entry: entry.name):
        variant = checked(_loaded(entry), entry.value)
        if variant.name in variants:
            raise ValueError(f"variant name {variant.name!r} of {entry.value} is taken")
        variants[variant.name] = variant
    return MappingProxyType(variants)


def _loaded(entry: EntryPoint) -> object:
    """What the entry declares; ValueError that names it and its package where that cannot be had."""
    try:
        return entry.load()
    except Exception as error:  # whatever a foreign module may raise
        package = f" of package {entry.dist.name}" if entry.dist else ""
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise ValueError(
            f"{entry.value}{package} cannot be loaded ({said}); mend the package or uninstall it"
        ) from error


def _is_name(found: object) -> bool:
    return isinstance(found, str) and VARIANT_NAME.fullmatch(found) is not None


def _is_line(found: object) -> bool:
    return isinstance(found, str) and bool(found.strip()) and len(found.splitlines()) == 1


def _are_steps(found: object) -> bool:
    return isinstance(found, Mapping) and all(
        _is_name(name) and _is_line(line) for name, line in found.items()
    )


def _is_space(found: object) -> bool:
    if not isinstance(found, Mapping) or not found:
        return isinstance(found, Mapping)
    # Only here, for it takes a while to import.
    from optuna.distributions import FloatDistribution, IntDistribution

    numeric = (FloatDistribution, IntDistribution)
    return all(isinstance(name, str) and name != "lr" for name in found) and all(
        isinstance(distribution, numeric) for distribution in found.values()
    )
