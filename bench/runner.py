"""How a run gets a unit's records: from its folder, or by training."""

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from torch import Tensor

from bench.audit import audit
from bench.audit_records import AuditRecord, Audits
from bench.baselines import baselines
from bench.clock import Clock
from bench.data import Split
from bench.display import Display
from bench.errors import BenchError
from bench.evaluate import ten_digits
from bench.models import model_facts, save_model
from bench.pixels import to_text
from bench.records import BaselineRecord, Baselines, Record, Unit
from bench.store import Run
from bench.timings import note_time
from bench.train import Observer, Result, train
from variants import registry


class Runner:
    """Gives a unit's records: from the store if it is finished, else by training it here."""

    def __init__(self, store: Run, split: Split, display: Display, clock: Clock | None = None) -> None:
        """The store must be open for writing; clock: where the time goes is added there."""
        self.store = store
        self.plan = store.plan
        self._split = split
        self._display = display
        self._clock = clock or Clock()
        self._with_model = {name for name in self.plan.variants if self._model_facts(name)}

    def __call__(self, unit: Unit, observer: Observer) -> Sequence[Record]:
        """The records, in the order of the unit's members."""
        found = self.store.get(unit)
        if found is not None and not self._lacks_model(unit, found):
            self._display.skip(len(unit.members) * unit.epochs)
            return found
        start = time.perf_counter()
        with self._display.unit(unit):
            watch = _Watch(observer, self._display, self._clock)
            result = train(unit, registry()[unit.variant], self.plan, self._split, watch)
        with self._clock.during("records"):
            self._keep_best(unit, result)
            self.store.put(unit, result.records)
            note_time(self.store.folder, unit, result.records, time.perf_counter() - start)
        return result.records

    def baselines(self) -> None:
        """Compute the reference lines unless they are there."""
        if self.store.get_baselines() is not None:
            return
        digits = ten_digits(self._split.test)
        parts = (self._split.train.images, self._split.valid.images, self._split.test.images)
        lines = baselines(*parts, components=self.plan.widths[-1], digits=digits.images)
        self.store.put_baselines(
            Baselines(
                originals=to_text(digits.images),
                labels=tuple(digits.labels.tolist()),
                lines=tuple(
                    BaselineRecord(line.name, line.valid_mse, line.test, to_text(line.digits))
                    for line in lines
                ),
            )
        )

    def audits(self, seed: int) -> None:
        """Audit the gradients of every variant unless that is there; images: the first batch in file order."""
        if self.store.get_audits() is None:
            images = self._split.train.images[: self.plan.batch_size]
            records = tuple(self._audit(name, images, seed) for name in self.plan.variants)
            self.store.put_audits(Audits(seed, len(images), records))

    def _audit(self, variant: str, images: Tensor, seed: int) -> AuditRecord:
        """A variant that cannot be audited may still be trained: what it said is shown and kept."""
        try:
            return AuditRecord(variant, audit(registry()[variant], self.plan.widths, images, seed))
        except BenchError as error:
            self._display.line(str(error))
            return AuditRecord(variant, None, str(error))

    def _keep_best(self, unit: Unit, result: Result) -> None:
        """Leave the variant's model with the lowest validation error in `models/`, before its record.

        A crash between the two trains the unit again, to the same bits.
        """
        if result.best is None or unit.stage != "confirm":
            return
        record = min(result.records, key=lambda record: record.valid_mse)
        there = self._model_facts(unit.variant)
        if not there or float(there["valid_mse"]) > record.valid_mse:
            facts = {"lr": repr(record.lr), "seed": str(record.seed), "valid_mse": repr(record.valid_mse)}
            save_model(self._model_path(unit.variant), result.best, facts | {"plan": unit.plan})

    def _lacks_model(self, unit: Unit, records: Sequence[Record]) -> bool:
        """Whether the variant's model was gone at the start: then the unit is trained again, to the same records."""
        confirmed = unit.stage == "confirm" and any(record.outcome for record in records)
        return confirmed and unit.variant not in self._with_model

    def _model_facts(self, variant: str) -> Mapping[str, str]:
        """The facts of the variant's model; none where its file is missing, damaged or of another plan."""
        try:
            facts = model_facts(self._model_path(variant))
        except BenchError:
            return {}
        return facts if facts.get("plan") == self.plan.identity else {}

    def _model_path(self, variant: str) -> Path:
        return self.store.folder / "models" / f"{variant}.safetensors"


class _Watch(Observer):
    """Shows what is observed and leaves the decisions to another observer."""

    def __init__(self, decider: Observer, display: Display, clock: Clock) -> None:
        super().__init__(clock)
        self._decider = decider
        self._display = display

    def advance(self, model_epochs: float) -> None:
        self._display.advance(model_epochs)

    def prune(self, epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
        pruned = self._decider.prune(epoch, valid_mse)
        self._display.epoch(epoch, valid_mse)
        return pruned
