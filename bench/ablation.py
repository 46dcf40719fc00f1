"""The whole run: baselines, tune every variant, confirm over seeds, publish."""

from pathlib import Path

from bench.clock import Clock
from bench.data import Split
from bench.display import Display
from bench.plan import Plan
from bench.population import Member
from bench.provenance import machine, manifest
from bench.records import Unit
from bench.runner import Runner
from bench.store import Run, open_run
from bench.study import new_study, study_storage
from bench.train import Observer
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


def tune_variants(runner: Runner) -> dict[str, list[Trial]]:
    """Each variant's trials, by name in the plan's order."""
    plan, tuned = runner.plan, {}
    with study_storage(runner.store.folder / "optuna.db") as storage:
        for name in plan.variants:
            study = new_study(plan, name, storage)
            tuned[name] = tune(registry()[name], plan, study, runner)
    return tuned


def confirm(runner: Runner, variant: str, trial: Trial) -> None:
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
