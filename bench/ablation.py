"""The whole run: baselines, tune every variant, confirm over seeds, publish."""

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from bench.baselines import baselines
from bench.clock import Clock
from bench.data import Split
from bench.display import Display
from bench.evaluate import ten_digits
from bench.models import model_facts, save_model
from bench.pixels import to_text
from bench.plan import Plan
from bench.population import Member
from bench.provenance import machine, manifest
from bench.records import BaselineRecord, Baselines, Record, Unit
from bench.store import Run, open_run
from bench.study import new_study, study_storage
from bench.timings import note_time
from bench.train import Observer, Result, train
from bench.trials import Trial, best
from bench.tune import tune
from variants import registry


def run(plan: Plan, folder: Path, split: Split, display: Display, clock: Clock | None = None) -> bool:
    """Run the plan in the folder, from its records on if it has some; raises what `open_run` raises.

    Returns whether every variant had a learning rate that could be confirmed.
    """
    with open_run(folder, manifest(plan, split.digest)) as store:
        runner = Runner(store, split, display, clock)
        _say_where_begun(store, display)
        runner.baselines()
        with display.working(model_epochs(plan)):
            tuned = {name: best(trials) for name, trials in tune_variants(runner).items()}
            for name, trial in tuned.items():
                if trial is None:
                    display.line(f"{name}: no trial finished, so there is no learning rate to confirm")
                else:
                    confirm(runner, name, trial)
    return None not in tuned.values()


def _say_where_begun(store: Run, display: Display) -> None:
    """Point out that the folder's other records come from another machine."""
    there, here = (
        facts.get("machine", {}) for facts in (store.manifest, {"machine": machine(store.plan.device)})
    )
    differences = [key for key in ("processor", "threads", "gpu") if there.get(key) != here[key]]
    if differences:
        display.line(
            f"begun with another {' and '.join(differences)}: the last digits of new records may differ"
        )


def tune_only(plan: Plan, folder: Path, split: Split, display: Display) -> list[Trial]:
    """Tune the plan's first variant in the folder and return its trials; raises what `open_run` raises."""
    with open_run(folder, manifest(plan, split.digest)) as store:
        runner = Runner(store, split, display)
        runner.baselines()
        with display.working(plan.trials * plan.tune_seeds * plan.tune_epochs):
            return tune_variants(runner)[plan.variants[0]]


def tune_variants(runner: "Runner") -> dict[str, list[Trial]]:
    """Each variant's trials, by name in the plan's order."""
    plan, tuned = runner.plan, {}
    with study_storage(runner.store.folder / "optuna.db") as storage:
        for name in plan.variants:
            study = new_study(plan, name, storage)
            tuned[name] = tune(registry()[name], plan, study, runner)
    return tuned


def confirm(runner: "Runner", variant: str, trial: Trial) -> None:
    """Train the plan's seeds at the tuned setting, as many at once as a population holds."""
    plan = runner.plan
    seeds = [plan.seed * 10_000 + number for number in range(plan.seeds)]
    for start in range(0, len(seeds), plan.population):
        members = tuple(
            Member(trial.lr, seed, trial.extra) for seed in seeds[start : start + plan.population]
        )
        runner(Unit(plan.identity, variant, "confirm", members, plan.epochs), Observer())


def model_epochs(plan: Plan) -> int:
    """Epochs of one model in the whole plan: its cost in units that do not depend on the machine."""
    tuning = plan.trials * plan.tune_seeds * plan.tune_epochs
    return len(plan.variants) * (tuning + plan.seeds * plan.epochs)


class Runner:
    """Gives a unit's records: from the store if it is finished, else by training it here."""

    def __init__(self, store: Run, split: Split, display: Display, clock: Clock | None = None) -> None:
        """The store must be open for writing; clock: where the time goes is added there."""
        self.store = store
        self.plan = store.plan
        self._split = split
        self._display = display
        self._clock = clock or Clock()

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

    def _keep_best(self, unit: Unit, result: Result) -> None:
        """Leave the variant's model with the lowest validation error in `models/`, before its record.

        A crash between the two trains the unit again, to the same bits.
        """
        if result.best is None:
            return
        record = min(result.records, key=lambda record: record.valid_mse)
        path = self._model_path(unit)
        there = model_facts(path) if path.exists() else {}
        if there.get("plan") != unit.plan or float(there["valid_mse"]) > record.valid_mse:
            facts = {"lr": repr(record.lr), "seed": str(record.seed), "valid_mse": repr(record.valid_mse)}
            save_model(path, result.best, facts | {"plan": unit.plan})

    def _lacks_model(self, unit: Unit, records: Sequence[Record]) -> bool:
        """Whether the variant's model was deleted: then the unit is trained again, to the same records."""
        confirmed = any(record.outcome for record in records)
        return confirmed and not self._model_path(unit).exists()

    def _model_path(self, unit: Unit) -> Path:
        return self.store.folder / "models" / f"{unit.variant}.safetensors"


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
