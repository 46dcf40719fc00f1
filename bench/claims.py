"""Where the parts of a claim were once imported from; `from bench import Claim` is the same."""

from bench.analysis.claims.claim import Claim, Evidence, Setting, Verdict

__all__ = ["Claim", "Evidence", "Setting", "Verdict"]
