"""The conformance checks under the name that authors of variants know: `variants.conformance.CHECKS`."""

from variants.contract.conformance import CHECKS

__all__ = ["CHECKS"]
