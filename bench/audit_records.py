"""The gradient audits of a run: what is kept of them, and their JSON."""

from dataclasses import dataclass

from bench.audit import Audit
from bench.checked import checked


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


def audits_from_json(values: object) -> Audits:
    """The audits behind `to_json(audits)`; ValueError where fields are wrong."""
    return checked(Audits, values, "audits")
