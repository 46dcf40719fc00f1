"""The contestants, one file each, behind one interface; they know torch and nothing of the bench."""

from variants.interface import Trace, Variant
from variants.registry import registry
from variants.untied import Untied

__all__ = ["Trace", "Untied", "Variant", "registry"]
