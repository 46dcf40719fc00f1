"""What a run's manifest must say before any of it is believed."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.checked import checked, require
from bench.plan import Plan, said_in_full


@dataclass(frozen=True)
class Manifest:
    """What identifies a run, and what may help to understand it; `bench.provenance` says what each part is."""

    plan: Plan
    plan_id: str
    data: str
    code: str
    versions: Mapping[str, str | None]
    machine: Mapping[str, str | float | None]
    shape: tuple[int, int] | None
    """Height and width of an image; the one field that may be left out."""


def manifest_from_json(values: Mapping[str, object]) -> Manifest:
    """The manifest behind the JSON; ValueError or UsageError where it cannot be what a run left."""
    found = checked(Manifest, {"shape": None, **values, "plan": said_in_full(values.get("plan"))}, "manifest")
    require(found.plan_id == found.plan.identity, "plan_id", "that of the plan", found.plan_id)
    if found.shape:
        height, width = found.shape
        fits = min(height, width) > 0 and height * width == found.plan.widths[0]
        require(fits, "shape", f"of {found.plan.widths[0]} pixels", found.shape)
    return found
