"""The gradient audits of a run: what is kept of them, and their JSON."""

from dataclasses import dataclass

from bench.checked import checked

ALL = "all"
"""In place of a level: the whole objective."""


@dataclass(frozen=True)
class Audit:
    """Norms of gradients, norms[row][column]: of the loss of levels[row] at weights[column].

    Rows are the levels "0", "1", …, then "all"; columns W_1 … W_L, V_{L-1} … V_0 in the order of the forward
    pass, then other weights by their own names. 0.0 means that no entry of the weight has any gradient.
    """

    levels: tuple[str, ...]
    weights: tuple[str, ...]
    norms: tuple[tuple[float, ...], ...]


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
