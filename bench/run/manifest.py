"""A run's manifest: what identifies it, what helps to understand it, and how another one differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.engine.provenance import DECISIVE_PACKAGES, code_digest, machine, versions
from bench.io.errors import UsageError
from bench.io.validation import if_absent, require, validated
from bench.plan import Plan, with_growth_filled_in


@dataclass(frozen=True)
class Manifest:
    """What identifies a run, and what may help to understand it; `bench.engine.provenance` says what each part is."""

    plan: Plan
    plan_id: str
    data: str
    code: str
    versions: Mapping[str, str | None]
    machine: Mapping[str, str | float | None]
    shape: tuple[int, int] | None = if_absent(None)
    """Height and width of an image."""


def manifest_from_json(values: Mapping[str, object]) -> Manifest:
    """The manifest behind the JSON; ValueError or UsageError where it cannot be what a run left."""
    found = validated(Manifest, {**values, "plan": with_growth_filled_in(values.get("plan"))}, "manifest")
    require(found.plan_id == found.plan.identity, "plan_id", "that of the plan", found.plan_id)
    if found.shape:
        height, width = found.shape
        fits = min(height, width) > 0 and height * width == found.plan.widths[0]
        require(fits, "shape", f"of {found.plan.widths[0]} pixels", found.shape)
    return found


def make_manifest(
    plan: Plan, data_digest: str, shape: tuple[int, int] | None = None, threads: int | None = None
) -> dict[str, Any]:
    """What identifies a run (`plan`, `data`, `code`) and what may help to understand it.

    shape: height and width of the images, left out where they are not known; threads: see `machine`.
    """
    facts = {
        "plan": plan.as_json(),
        "plan_id": plan.identity,
        "data": data_digest,
        "code": code_digest(plan),
        "versions": versions(),
        "machine": machine(plan.device, threads),
    }
    return facts | ({"shape": list(shape)} if shape else {})


def require_same_run(
    folder: Path, there: Mapping[str, Any], wanted: Mapping[str, Any], *, alike: bool
) -> None:
    """UsageError that names each difference, unless both manifests lead to the same numbers; alike: the plans do."""
    differences = [
        f"{key}: {there['plan'].get(key)} there, {value} asked for"
        for key, value in wanted["plan"].items()
        if there["plan"].get(key) != value and not alike
    ]
    differences += [
        f"{name}: {there['versions'].get(name)} there, {wanted['versions'][name]} now"
        for name in DECISIVE_PACKAGES
        if there["versions"].get(name) != wanted["versions"][name]
    ]
    differences += [
        f"{key}: {str(there.get(key))[:12]} there, {str(wanted[key])[:12]} now"
        for key in ("data", "code")
        if there.get(key) != wanted[key]
    ]
    if differences:
        found = "; ".join(differences)
        raise UsageError(f"{folder} holds another run ({found}); choose another with --out, or remove it")
