"""What a run does about each unit: finds its records, or has it trained and keeps the outcome and its time."""

import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

from bench.engine.outcome_files import OUTCOME_FOLDER, read_outcome, remove_outcome
from bench.engine.protocol import Engine, Trained, UnitFailedError
from bench.io.clock import Clock
from bench.io.errors import BenchError
from bench.io.files import write_atomic
from bench.records.jobs import Job, Progress, finished_progress
from bench.records.records import FinishedUnit, Record, Unit
from bench.run.failures import Failure, forget_failure, note_failure
from bench.run.progress import Display
from bench.run.store import Run
from bench.training.model_files import load_model, model_facts

COLUMNS = ("unit", "variant", "stage", "members", "model_epochs", "seconds", "seconds_per_model_epoch")


def note_time(folder: Path, unit: Unit, records: Sequence[Record], seconds: float) -> None:
    """Add a line to the run's `timings.csv`: what the unit took, training and evaluation together."""
    path = folder / "timings.csv"
    model_epochs = sum(len(record.history) for record in records)
    each = f"{seconds / max(1, model_epochs):.3f}"
    row = (unit.id[:12], unit.variant, unit.stage, len(records), model_epochs, f"{seconds:.3f}", each)
    new = not path.exists()
    try:
        with path.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, row] if new else [row])
    except OSError as error:
        raise BenchError(f"cannot write {path}: {error.strerror or error}") from error


class Runner:
    """Gives a unit's records from the store, or sees to it that the engine's go there."""

    def __init__(self, store: Run, display: Display, clock: Clock, engine: Engine) -> None:
        """The store must be open for writing; clock: where the time goes, on average over the engine's workers."""
        self.store = store
        self.plan = store.plan
        self.failed = False
        self._display, self._clock, self._engine = display, clock, engine
        self._rounds: dict[str, list[FinishedUnit]] = {}
        self._with_model = {name for name in self.plan.variants if self._model_facts(name)}

    def find(self, unit: Unit) -> Sequence[Record] | None:
        """The records of a unit that needs no training, None for one that does."""
        try:
            found = self.store.get(unit)
        except BenchError as error:
            self._display.line(f"trained again: {error}")
            return None
        if found is None or self._lacks_model(unit, found):
            return None
        self._display.skip(len(unit.members) * unit.epochs)
        self._remember(unit, found)
        return found

    def start(self, unit: Unit) -> Future[Trained]:
        """The unit's outcome once it is there: as it was handed in, else from the engine."""
        trained = self._handed_in(unit)
        if trained is None:
            return self._engine.submit(self._job(unit))
        self._display.tell(Progress(unit))
        self._display.tell(finished_progress(unit, trained.records))
        future: Future[Trained] = Future()
        future.set_result(trained)
        return future

    def finish(self, unit: Unit, future: Future[Trained]) -> Sequence[Record] | None:
        """Keep the outcome of a unit that was trained; None for one that could not be."""
        try:
            trained = future.result()
        except UnitFailedError as error:
            self._fail(unit, str(error))
            return None
        for note in trained.notes:
            self._display.line(note)
        with self._clock.during("records"):
            self._keep_best(unit, trained)
            self.store.put(unit, trained.records)
            forget_failure(self.store.folder, unit)
            remove_outcome(self.store.folder / OUTCOME_FOLDER, unit)
            self._checkpoint(unit).unlink(missing_ok=True)
            note_time(self.store.folder, unit, trained.records, trained.seconds["all"])
        for phase, seconds in trained.seconds.items():
            if phase != "all":
                self._clock.add(phase, seconds / self._engine.workers)
        self._display.end(unit)
        self._remember(unit, trained.records)
        return trained.records

    def _handed_in(self, unit: Unit) -> Trained | None:
        """What `aebench unit` left of the unit; what is damaged is said and counts as not there."""
        try:
            return read_outcome(self.store.folder / OUTCOME_FOLDER, unit)
        except BenchError as error:
            self._display.line(f"trained again: {error}")
            return None

    def _job(self, unit: Unit) -> Job:
        """What the engine needs to train the unit."""
        looks_back = unit.stage == "tune" and self.plan.pruner != "none"
        earlier = tuple(self._rounds.get(unit.variant, ())) if looks_back else ()
        return Job(unit, self.plan, earlier, self._checkpoint(unit))

    def _fail(self, unit: Unit, reason: str) -> None:
        self.failed = True
        note_failure(self.store.folder, Failure(unit, reason))
        self._display.end(unit, f"failed: {reason}")

    def _remember(self, unit: Unit, records: Sequence[Record]) -> None:
        if unit.stage == "tune":
            self._rounds.setdefault(unit.variant, []).append((unit, tuple(records)))

    def _checkpoint(self, unit: Unit) -> Path:
        return self.store.folder / "checkpoints" / f"{unit.id}.safetensors"

    def _keep_best(self, unit: Unit, trained: Trained) -> None:
        """Leave the variant's model with the lowest validation error in `models/`, before its record.

        A crash between the two trains the unit again, to the same bits.
        """
        if trained.model is None or unit.stage != "confirm":
            return
        there = self._model_facts(unit.variant)
        stale = there.get("lr") != repr(unit.members[0].lr)
        if stale or float(there["valid_mse"]) > min(record.valid_mse for record in trained.records):
            write_atomic(self._model_path(unit.variant), trained.model)

    def _lacks_model(self, unit: Unit, records: Sequence[Record]) -> bool:
        """Whether the variant's model was gone at the start: then the unit is trained again, to the same records."""
        confirmed = unit.stage == "confirm" and any(record.outcome for record in records)
        return confirmed and unit.variant not in self._with_model

    def _model_facts(self, variant: str) -> Mapping[str, str]:
        """The facts of the variant's model; none where its file is missing, damaged or of another plan."""
        try:
            load_model(self._model_path(variant))
            facts = model_facts(self._model_path(variant))
        except BenchError:
            return {}
        alike = (one.identity for one in self.plan.lineage if one.epochs == self.plan.epochs)
        return facts if facts.get("plan") in set(alike) else {}

    def _model_path(self, variant: str) -> Path:
        return self.store.folder / "models" / f"{variant}.safetensors"
