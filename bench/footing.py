"""What must be the same wherever the units of one run are trained: the code and the decisive packages."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.errors import BenchError
from bench.plan import Plan
from bench.provenance import DECISIVE_PACKAGES, code_digest, versions


@dataclass(frozen=True)
class Footing:
    """What a machine trains with."""

    code: str
    """See `bench.provenance.code_digest`."""
    versions: Mapping[str, str]
    """Of the packages that may change a record's numbers."""


def footing(plan: Plan) -> Footing:
    """What this machine would train the plan's units with; BenchError for a variant missing or broken."""
    there = versions()
    return Footing(code_digest(plan), {name: str(there[name]) for name in DECISIVE_PACKAGES})


def check_footing(plan: Plan, wanted: Footing, place: str) -> None:
    """BenchError that names what differs here from what the run was begun with; place: what to call here."""
    try:
        here = footing(plan)
    except BenchError as error:
        raise BenchError(f"{place}: {error}; install what the run has") from None
    pairs = {"code": (here.code[:12], wanted.code[:12])} if here.code != wanted.code else {}
    for name, version in wanted.versions.items():
        if here.versions.get(name) != version:
            pairs[name] = (str(here.versions.get(name)), version)
    if pairs:
        found = "; ".join(
            f"{name}: {mine} there, {other} in the run" for name, (mine, other) in pairs.items()
        )
        raise BenchError(f"{place} would train with something else ({found}); install what the run has")
