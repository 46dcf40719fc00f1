"""Which claims there are."""

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from bench.claims import Claim
from bench.errors import BenchError
from bench.thread_claims import THREAD

GROUP = "aebench.claims"


def known_claims() -> Mapping[str, Claim]:
    """Every claim by id: the thread's, then those that installed packages declare.

    An outside package declares `[project.entry-points."aebench.claims"]` with `name = "module:CLAIM"`.
    Raises BenchError for an entry that cannot be loaded, is no Claim, or whose id is taken.
    """
    found = {claim.id: claim for claim in THREAD}
    for entry in _entries(entry_points, tuple(sys.path)):
        try:
            claim = entry.load()
        except Exception as error:  # whatever a foreign module may raise
            raise BenchError(f"the claim {entry.value} cannot be loaded: {error}") from error
        if not isinstance(claim, Claim) or claim.id in found:
            raise BenchError(f"{entry.value} must be a bench.claims.Claim with an id of its own")
        found[claim.id] = claim
    return found


@lru_cache(maxsize=1)
def _entries(find: Callable[..., Iterable[EntryPoint]], path: tuple[str, ...]) -> list[EntryPoint]:
    """By name; read once for each path to import from, for looking through all packages takes a while."""
    del path
    return sorted(find(group=GROUP), key=lambda entry: entry.name)
