"""The whole run: baselines, tune every variant, confirm over seeds, publish."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.claim_settings import claim_epochs, epochs_of, settings
from bench.clock import Clock
from bench.contestants import REFERENCE, challengers
from bench.data import Split
from bench.display import Display
from bench.opening import open_run
from bench.parts import shape_of
from bench.plan import Plan
from bench.population import Member
from bench.provenance import machine, manifest
from bench.records import Stage, Unit
from bench.runner import Runner
from bench.store import Run
from bench.study import new_study, study_storage
from bench.train import Observer
from bench.trials import Trial, best
from bench.tune import tune
from variants import registry


def run(plan: Plan, folder: Path, split: Split, display: Display, clock: Clock | None = None) -> bool:
    """Run the plan in the folder, from its records on if it has some; raises what `open_run` raises.

    Returns whether every variant had a learning rate that could be confirmed.
    """
    with open_run(folder, manifest(plan, split.digest, shape_of(split))) as store:
        runner = Runner(store, split, display, clock)
        _say_where_begun(store, display)
        runner.baselines()
        runner.audits(confirmation_seeds(plan, 1)[0])
        with display.working(model_epochs(plan)):
            tuned = {name: best(trials) for name, trials in tune_variants(runner).items()}
            for name, trial in tuned.items():
                if trial is None:
                    display.line(f"{name}: no trial finished, so there is no learning rate to confirm")
                else:
                    confirm(runner, name, trial)
            at_one_rate(runner, tuned)
            try_claims(runner)
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
    with open_run(folder, manifest(plan, split.digest, shape_of(split))) as store:
        runner = Runner(store, split, display)
        runner.baselines()
        with display.working(plan.trials * plan.tune_seeds * plan.tune_epochs):
            return tune_variants(runner)[plan.variants[0]]


def tune_variants(runner: Runner) -> dict[str, list[Trial]]:
    """Each variant's trials, by name in the plan's order."""
    plan, tuned = runner.plan, {}
    with study_storage(runner.store.folder / "optuna.db") as storage:
        for name in plan.variants:
            study = new_study(plan, name, storage)
            tuned[name] = tune(registry()[name], plan, study, runner)
    return tuned


def confirm(runner: Runner, variant: str, trial: Trial) -> None:
    """Train the plan's seeds at the tuned setting."""
    plan = runner.plan
    members = [Member(trial.lr, seed, trial.extra) for seed in confirmation_seeds(plan, plan.seeds)]
    train_members(runner, variant, "confirm", members, plan.epochs)


def at_one_rate(runner: Runner, tuned: Mapping[str, Trial | None]) -> None:
    """Train every other contestant at plain's tuned learning rate, with its own other hyperparameters."""
    plan, reference = runner.plan, tuned.get(REFERENCE)
    for name in challengers(plan):
        trial = tuned[name]
        if trial and reference:
            seeds = confirmation_seeds(plan, plan.one_lr_seeds)
            members = [Member(reference.lr, seed, trial.extra) for seed in seeds]
            train_members(runner, name, "one_lr", members, plan.epochs)


def claims_only(plan: Plan, folder: Path, split: Split, display: Display) -> None:
    """Train what claims state in the folder, whatever epochs that takes; raises what `open_run` raises."""
    with open_run(folder, manifest(plan, split.digest)) as store:
        runner = Runner(store, split, display)
        runner.baselines()
        with display.working(claim_epochs(plan, beyond=True)):
            try_claims(runner, beyond=True)


def try_claims(runner: Runner, *, beyond: bool = False) -> None:
    """Train what claims state and the plan's budget allows; beyond: also what takes more epochs."""
    plan = runner.plan
    for one in settings(plan, beyond=beyond):
        members = [Member(one.lr, seed) for seed in confirmation_seeds(plan, plan.claim_seeds)]
        train_members(runner, one.variant, "claim", members, epochs_of(one, plan))


def train_members(runner: Runner, variant: str, stage: Stage, members: Sequence[Member], epochs: int) -> None:
    """Train the members, as many at once as a population holds."""
    plan = runner.plan
    for start in range(0, len(members), plan.population):
        together = tuple(members[start : start + plan.population])
        runner(Unit(plan.identity, variant, stage, together, epochs), Observer())


def confirmation_seeds(plan: Plan, count: int) -> list[int]:
    """The first seeds of those that confirm."""
    return [plan.seed * 10_000 + number for number in range(count)]


def model_epochs(plan: Plan) -> int:
    """Epochs of one model in the whole plan: its cost in units that do not depend on the machine."""
    tuning = plan.trials * plan.tune_seeds * plan.tune_epochs
    beside = len(challengers(plan)) * plan.one_lr_seeds * plan.epochs + claim_epochs(plan)
    return len(plan.variants) * (tuning + plan.seeds * plan.epochs) + beside
