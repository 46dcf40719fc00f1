"""The whole run: audits, tune every variant, confirm over seeds, one rate for all, claims."""

from collections.abc import Sequence
from pathlib import Path

import optuna

from bench.chain import Chain
from bench.claim_settings import claim_epochs, epochs_of, settings
from bench.clock import Clock
from bench.contestants import REFERENCE, challengers
from bench.data import Split
from bench.display import Display
from bench.engine.choice import HERE, EngineChoice
from bench.groundwork import lay_audits
from bench.plan import Plan
from bench.population import Member
from bench.records import Stage, Unit
from bench.session import open_session
from bench.study import new_study, study_storage
from bench.trials import Trial, best
from bench.tune import tune
from variants import registry

Tuned = dict[str, Trial | None]
"""Each tuned variant's best trial; None for one whose tuning did not finish or has no finished trial."""


def run(
    plan: Plan,
    folder: Path,
    split: Split,
    display: Display,
    clock: Clock | None = None,
    engine: EngineChoice = HERE,
) -> bool:
    """Run the plan in the folder, from its records on if it has some; raises what `open_run` raises.

    Returns whether every unit could be trained and every variant had a learning rate to confirm.
    """
    tuned: Tuned = {}
    with (
        open_session(plan, folder, split, display, engine, clock) as session,
        study_storage(folder / "optuna.db") as storage,
    ):
        lay_audits(session.store, split, confirmation_seeds(plan, 1)[0], display)
        chains = [
            _ablate(plan, name, new_study(plan, name, storage), tuned, display) for name in plan.variants
        ]
        session.follow([*chains, _claims(plan, tuned)], model_epochs(plan))
        return not session.runner.failed and None not in tuned.values()


def tune_only(
    plan: Plan, folder: Path, split: Split, display: Display, engine: EngineChoice = HERE
) -> list[Trial]:
    """Tune the plan's first variant in the folder and return its trials; raises what `open_run` raises."""
    name = plan.variants[0]
    trials: list[Trial] = []

    def tuning(study: optuna.Study) -> Chain[None]:
        trials.extend((yield from tune(registry()[name], plan, study)))

    with (
        open_session(plan, folder, split, display, engine) as session,
        study_storage(folder / "optuna.db") as storage,
    ):
        chain = tuning(new_study(plan, name, storage))
        session.follow([chain], plan.trials * plan.tune_seeds * plan.tune_epochs)
    return trials


def claims_only(
    plan: Plan, folder: Path, split: Split, display: Display, engine: EngineChoice = HERE
) -> None:
    """Train what claims state in the folder, whatever epochs that takes; raises what `open_run` raises."""
    with open_session(plan, folder, split, display, engine) as session:
        session.follow([_claims(plan, beyond=True)], claim_epochs(plan, beyond=True))


def _ablate(plan: Plan, name: str, study: optuna.Study, tuned: Tuned, display: Display) -> Chain[None]:
    """Tune the variant, confirm it, and train it at plain's rate; what was tuned goes into `tuned`."""
    trials = yield from tune(registry()[name], plan, study)
    tuned[name] = trial = best(trials) if len(trials) == plan.trials else None
    if trial is None:
        display.line(f"{name}: no trial finished, so there is no learning rate to confirm")
        return
    yield units(plan, name, "confirm", _members(plan, plan.seeds, trial.lr, trial), plan.epochs)
    if name not in challengers(plan):
        return
    while REFERENCE not in tuned:
        yield ()
    reference = tuned[REFERENCE]
    if reference:
        members = _members(plan, plan.one_lr_seeds, reference.lr, trial)
        yield units(plan, name, "one_lr", members, plan.epochs)


def _claims(plan: Plan, tuned: Tuned | None = None, *, beyond: bool = False) -> Chain[None]:
    """Train what claims state and the plan's budget allows, once all are tuned; beyond: also what takes longer."""
    while tuned is not None and len(tuned) < len(plan.variants):
        yield ()
    for one in settings(plan, beyond=beyond):
        members = [Member(one.lr, seed) for seed in confirmation_seeds(plan, plan.claim_seeds)]
        yield units(plan, one.variant, "claim", members, epochs_of(one, plan))


def units(plan: Plan, variant: str, stage: Stage, members: Sequence[Member], epochs: int) -> tuple[Unit, ...]:
    """The members as units, as many in each as a population holds."""
    starts = range(0, len(members), plan.population)
    parts = [tuple(members[start : start + plan.population]) for start in starts]
    return tuple(Unit(plan.identity, variant, stage, part, epochs) for part in parts)


def _members(plan: Plan, seeds: int, lr: float, trial: Trial) -> list[Member]:
    """The first confirmation seeds at this rate, with the trial's other hyperparameters."""
    return [Member(lr, seed, trial.extra) for seed in confirmation_seeds(plan, seeds)]


def confirmation_seeds(plan: Plan, count: int) -> list[int]:
    """The first seeds of those that confirm."""
    return [plan.seed * 10_000 + number for number in range(count)]


def model_epochs(plan: Plan) -> int:
    """Epochs of one model in the whole plan: its cost in units that do not depend on the machine."""
    tuning = plan.trials * plan.tune_seeds * plan.tune_epochs
    beside = len(challengers(plan)) * plan.one_lr_seeds * plan.epochs + claim_epochs(plan)
    return len(plan.variants) * (tuning + plan.seeds * plan.epochs) + beside
