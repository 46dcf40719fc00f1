"""Which variants there are, in report order."""

import re
from collections.abc import Mapping
from importlib.metadata import entry_points

from variants.interface import Variant
from variants.layer_bce import LayerBce
from variants.layer_mse import LayerMse
from variants.layer_mse_bce_output import LayerMseBceOutput
from variants.layer_mse_target import LayerMseTarget
from variants.plain import Plain
from variants.plain_mse import PlainMse
from variants.tied import Tied
from variants.tied_mse import TiedMse
from variants.truncated import Truncated
from variants.truncated_bce_output import TruncatedBceOutput

BUILT_IN: tuple[type[Variant], ...] = (Plain, LayerBce, LayerMse, Truncated, Tied)
CONTROLS: tuple[type[Variant], ...] = (
    PlainMse, LayerMseBceOutput, LayerMseTarget, TruncatedBceOutput, TiedMse,
)  # fmt: skip
GROUP = "aebench.variants"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def registry() -> Mapping[str, type[Variant]]:
    """Every variant by name: the five, their controls, then those that installed packages declare.

    An outside package declares `[project.entry-points."aebench.variants"]` with `name = "module:Class"`.
    Raises ValueError for an entry that is no Variant, or whose name is malformed or taken.
    """
    variants = {variant.name: variant for variant in (*BUILT_IN, *CONTROLS)}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        variant = checked(entry.load(), entry.value)
        if variant.name in variants:
            raise ValueError(f"variant name {variant.name!r} of {entry.value} is taken")
        variants[variant.name] = variant
    return variants


def checked(candidate: object, source: str) -> type[Variant]:
    """The candidate if it is a Variant class that can be built and has a proper name; else ValueError."""
    if not (isinstance(candidate, type) and issubclass(candidate, Variant)):
        raise ValueError(f"{source} must be a subclass of variants.Variant but is {candidate!r}")
    if getattr(candidate, "__abstractmethods__", None):
        raise ValueError(f"{source} must define {', '.join(sorted(candidate.__abstractmethods__))}")
    if not NAME.fullmatch(getattr(candidate, "name", "")):
        raise ValueError(f"{source} must have a name of lower-case letters, digits and underscores")
    return candidate
