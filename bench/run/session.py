"""A run's folder open for writing, with its reference lines and gradient audits, and the engine that trains."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from torch import Tensor

from bench.contestants import get_variant
from bench.data.split import Split
from bench.engine.choice import IN_THIS_PROCESS, EngineChoice
from bench.engine.provenance import machine
from bench.engine.work import thread_limit
from bench.io.clock import Clock
from bench.io.errors import BenchError
from bench.plan import Plan, describe_growth
from bench.records.jobs import Workflow
from bench.records.records import AuditRecord, Audits, BaselineRecord, Baselines, encode_images
from bench.run.lock import open_run
from bench.run.manifest import make_manifest
from bench.run.progress import Display
from bench.run.runner import Runner
from bench.run.scheduler import run_workflows
from bench.run.store import Run
from bench.run.workload import confirmation_seeds
from bench.training.baselines import measure_baselines
from bench.training.evaluate import ten_digits
from bench.training.gradient_audit import audit_gradients

Content = TypeVar("Content")


def ensure_baselines(store: Run, split: Split, display: Display) -> None:
    """Compute the reference lines unless they are there and whole."""
    if _whole(store.get_baselines, display) is not None:
        return
    digits = ten_digits(split.test)
    parts = (split.train.images, split.valid.images, split.test.images)
    lines = measure_baselines(*parts, components=store.plan.widths[-1], digits=digits.images)
    records = (
        BaselineRecord(line.name, line.valid_mse, line.test, encode_images(line.digits)) for line in lines
    )
    store.put_baselines(
        Baselines(encode_images(digits.images), tuple(digits.labels.tolist()), tuple(records))
    )


def ensure_audits(store: Run, split: Split, display: Display) -> None:
    """Audit the gradients of every variant unless that is there and whole: first seed, first batch in file order.

    Where one could not be audited, all are audited anew: it may have been mended since.
    """
    (seed,) = confirmation_seeds(store.plan, 1)
    found = _whole(store.get_audits, display)
    if found is None or any(one.audit is None for one in found.variants):
        images = split.train.images[: store.plan.batch_size]
        records = tuple(_audit(store, name, images, seed, display) for name in store.plan.variants)
        store.put_audits(Audits(seed, len(images), records))


@dataclass(frozen=True)
class Session:
    """What runs its workflows, and where."""

    store: Run
    display: Display
    runner: Runner

    @property
    def plan(self) -> Plan:
        """The run's, which may be a grown one."""
        return self.store.plan

    @property
    def folder(self) -> Path:
        """The run's."""
        return self.store.folder

    def follow(self, workflows: Sequence[Workflow[None]], model_epochs: float) -> None:
        """Run the workflows side by side to their ends, so many epochs of one model in all."""
        with self.display.working(model_epochs):
            run_workflows(workflows, self.runner)


@contextmanager
def open_session(
    plan: Plan,
    folder: Path,
    split: Split,
    display: Display,
    choice: EngineChoice = IN_THIS_PROCESS,
    clock: Clock | None = None,
    *,
    audited: bool = True,
) -> Iterator[Session]:
    """The plan's run in the folder, its reference lines and audits, and the engine; raises what `open_run` raises.

    audited: whether the gradients of its variants are of interest.
    """
    facts = make_manifest(plan, split.digest, split.shape, choice.fitted(plan).threads)
    with open_run(folder, facts) as store:
        choice = choice.fitted(plan, store.begun_with)
        _say_where_begun(store, display, choice)
        if store.plan != plan and store.plan.grown_from:
            display.line(describe_growth(store.plan))
        with thread_limit(choice.threads):
            ensure_baselines(store, split, display)
            if audited:
                ensure_audits(store, split, display)
        engine = choice.open(split, display.tell)
        try:
            yield Session(store, display, Runner(store, display, clock or Clock(), engine))
        finally:
            engine.close()


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
        return AuditRecord(variant, audit_gradients(get_variant(variant), store.plan.widths, images, seed))
    except BenchError as error:
        display.line(str(error))
        return AuditRecord(variant, None, str(error))


def _say_where_begun(store: Run, display: Display, choice: EngineChoice) -> None:
    """Point out that the folder's other records come from another machine."""
    there, here = store.manifest.get("machine", {}), machine(store.plan.device, choice.threads)
    differences = [key for key in ("processor", "threads", "gpu") if there.get(key) != here[key]]
    if differences:
        display.line(
            f"begun with another {' and '.join(differences)}: the last digits of new records may differ"
        )
