"""The whole run: audits, tune every variant, confirm over seeds, one rate for all, claims."""

from collections.abc import Collection, Sequence

import optuna

from bench.analysis.claims.claim import Setting
from bench.analysis.claims.conditions import claim_epochs, claim_settings, epochs_of
from bench.contestants import REFERENCE, challengers, get_variant
from bench.io.text import quantity
from bench.plan import Plan
from bench.records.jobs import Workflow
from bench.records.records import Member
from bench.run.session import Session
from bench.run.workload import best_trial_under, confirmation_seeds, make_units, planned_model_epochs
from bench.tuning.study import new_study, study_storage
from bench.tuning.trials import Trial, best_trial
from bench.tuning.tune import tune

Tuned = dict[str, Sequence[Trial]]
"""The trials of each variant that is tuned; none for one whose tuning could not be finished."""


def run(session: Session) -> bool:
    """Run the session's plan, from the records on that its folder has.

    Returns whether every unit could be trained and every variant had a learning rate to confirm.
    """
    plan = session.plan
    tuned: Tuned = {}
    with study_storage(session.folder / "optuna.db") as storage:
        workflows = [_ablate(session, name, new_study(plan, name, storage), tuned) for name in plan.variants]
        session.follow([*workflows, _claims(plan, claim_settings(plan), tuned)], planned_model_epochs(plan))
    return not session.runner.failed and all(map(best_trial, tuned.values()))


def tune_only(session: Session) -> tuple[list[Trial], bool]:
    """Tune the first variant of the session's plan.

    Returns its trials, and whether every unit could be trained.
    """
    plan = session.plan
    name = plan.variants[0]
    trials: list[Trial] = []

    def tuning(study: optuna.Study) -> Workflow[None]:
        trials.extend((yield from tune(get_variant(name), plan, study)))

    with study_storage(session.folder / "optuna.db") as storage:
        workflow = tuning(new_study(plan, name, storage))
        session.follow([workflow], plan.trials * plan.tune_seeds * plan.tune_epochs)
    return trials, not session.runner.failed


def claims_only(session: Session, only: Collection[str] = ()) -> bool:
    """Train what claims state, whatever epochs that takes.

    only: ids of the claims, all if there are none. Returns whether every unit could be trained.
    """
    plan = session.plan
    workflow = _claims(plan, claim_settings(plan, beyond=True, only=only))
    session.follow([workflow], claim_epochs(plan, beyond=True, only=only))
    return not session.runner.failed


def _ablate(session: Session, name: str, study: optuna.Study, tuned: Tuned) -> Workflow[None]:
    """Tune the variant, confirm it, and train it at plain's rate; what was tuned goes into `tuned`."""
    plan = session.plan
    trials = yield from tune(get_variant(name), plan, study)
    done = len(trials)
    tuned[name] = trials = trials if done == plan.trials else []
    trial = best_trial(trials)
    if trial is None:
        cut = f"its tuning could not be finished: {done} of {quantity(plan.trials, 'trial')}"
        lost = "no trial finished, so there is no learning rate to confirm"
        session.display.line(f"{name}: {cut if done < plan.trials else lost}")
        return
    same = [one for one in plan.lineage if _rates(one, plan, trials) == _rates(plan, plan, trials)]
    counts = [(one, one.seeds) for one in same if one.epochs == plan.epochs]
    yield make_units(name, "confirm", _members(plan, plan.seeds, trial.lr, trial), plan.epochs, counts)
    if name not in challengers(plan):
        return
    while REFERENCE not in tuned:
        yield ()
    reference = best_trial(tuned[REFERENCE])
    if reference:
        theirs = tuned[REFERENCE]
        counts = [
            (one, one.one_lr_seeds)
            for one, _ in counts
            if _rates(one, plan, theirs) == _rates(plan, plan, theirs)
        ]
        members = _members(plan, plan.one_lr_seeds, reference.lr, trial)
        yield make_units(name, "one_lr", members, plan.epochs, counts)


def _rates(one: Plan, now: Plan, trials: Sequence[Trial]) -> tuple[object, ...]:
    """The learning rate and other hyperparameters that an earlier plan had tuned, none if they are not known."""
    trial = best_trial_under(one, now, trials)
    return (trial.lr, trial.extra) if trial else ()


def _claims(plan: Plan, stated: Sequence[Setting], tuned: Tuned | None = None) -> Workflow[None]:
    """Train what claims state, once all are tuned."""
    while tuned is not None and len(tuned) < len(plan.variants):
        yield ()
    for one in stated:
        epochs = epochs_of(one, plan)
        members = [Member(one.lr, seed) for seed in confirmation_seeds(plan, plan.claim_seeds)]
        counts = [(each, each.claim_seeds) for each in plan.lineage if epochs_of(one, each) == epochs]
        yield make_units(one.variant, "claim", members, epochs, counts)


def _members(plan: Plan, seeds: int, lr: float, trial: Trial) -> list[Member]:
    """The first confirmation seeds at this rate, with the trial's other hyperparameters."""
    return [Member(lr, seed, trial.extra) for seed in confirmation_seeds(plan, seeds)]
