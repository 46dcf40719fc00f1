"""What a run needs beside trained units: the reference lines and the gradient audits, once each."""

from collections.abc import Callable
from typing import TypeVar

from torch import Tensor

from bench.asked import confirmation_seeds
from bench.audit import audit
from bench.audit_records import AuditRecord, Audits
from bench.baselines import baselines
from bench.data import Split
from bench.display import Display
from bench.errors import BenchError
from bench.evaluate import ten_digits
from bench.known_variants import get_variant
from bench.pixels import to_text
from bench.records import BaselineRecord, Baselines
from bench.store import Run

Content = TypeVar("Content")


def lay_baselines(store: Run, split: Split, display: Display) -> None:
    """Compute the reference lines unless they are there and whole."""
    if _whole(store.get_baselines, display) is not None:
        return
    digits = ten_digits(split.test)
    parts = (split.train.images, split.valid.images, split.test.images)
    lines = baselines(*parts, components=store.plan.widths[-1], digits=digits.images)
    records = (BaselineRecord(line.name, line.valid_mse, line.test, to_text(line.digits)) for line in lines)
    store.put_baselines(Baselines(to_text(digits.images), tuple(digits.labels.tolist()), tuple(records)))


def lay_audits(store: Run, split: Split, display: Display) -> None:
    """Audit the gradients of every variant unless that is there and whole: first seed, first batch in file order.

    Where one could not be audited, all are audited anew: it may have been mended since.
    """
    (seed,) = confirmation_seeds(store.plan, 1)
    found = _whole(store.get_audits, display)
    if found is None or any(one.audit is None for one in found.variants):
        images = split.train.images[: store.plan.batch_size]
        records = tuple(_audit(store, name, images, seed, display) for name in store.plan.variants)
        store.put_audits(Audits(seed, len(images), records))


def _whole(get: Callable[[], Content | None], display: Display) -> Content | None:
    """What the store has of it; what is damaged is said and counts as not there."""
    try:
        return get()
    except BenchError as error:
        display.line(f"made again: {error}")
        return None


def _audit(store: Run, variant: str, images: Tensor, seed: int, display: Display) -> AuditRecord:
    """A variant that cannot be audited may still be trained: what it said is shown and kept."""
    try:
        return AuditRecord(variant, audit(get_variant(variant), store.plan.widths, images, seed))
    except BenchError as error:
        display.line(str(error))
        return AuditRecord(variant, None, str(error))
