"""The gradient audits of a run: what is kept of them, and their JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.audit import Audit


@dataclass(frozen=True)
class AuditRecord:
    """One variant's audit, or what the variant said when it could not be audited."""

    variant: str
    audit: Audit | None
    error: str = ""


@dataclass(frozen=True)
class Audits:
    """The audits of a run's variants, on its first training images, before training."""

    seed: int
    images: int
    variants: tuple[AuditRecord, ...]


def audits_from_json(values: Mapping[str, Any]) -> Audits:
    """The audits behind `to_json(audits)`; KeyError or TypeError where fields are wrong."""
    variants = tuple(
        AuditRecord(one["variant"], one["audit"] and _audit_from_json(one["audit"]), one["error"])
        for one in values["variants"]
    )
    return Audits(values["seed"], values["images"], variants)


def _audit_from_json(values: Mapping[str, Any]) -> Audit:
    norms = tuple(tuple(float(norm) for norm in row) for row in values["norms"])
    return Audit(tuple(values["levels"]), tuple(values["weights"]), norms)
