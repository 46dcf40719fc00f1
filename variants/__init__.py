"""The contestants, one file each, behind one interface; they know torch and nothing of the bench."""

from variants.contract.interface import Trace, Variant
from variants.contract.untied import Untied
from variants.registry import registry

__all__ = ["Trace", "Untied", "Variant", "registry"]
