"""A plan that asks for more than the folder has: what is there stays, only what is missing is trained."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace

from bench.contestants import REFERENCE
from bench.plan import Plan
from bench.records import Finished, Unit
from bench.trials import Trial, best, trials_of

GROWING = ("trials", "tune_epochs", "epochs", "seeds", "one_lr_seeds", "claim_seeds")
"""What may become more; anything else makes another run."""


def grow(there: Plan, wanted: Plan) -> Plan | None:
    """The plan of a run that becomes the wanted one; None where that is not only more of the same."""
    names = [field.name for field in fields(Plan) if field.name != "grown_from"]
    changed = [name for name in names if getattr(there, name) != getattr(wanted, name)]
    if not changed:
        return there
    if any(name not in GROWING or getattr(there, name) > getattr(wanted, name) for name in changed):
        return None
    return replace(wanted, grown_from=there)


def growth(plan: Plan) -> str:
    """What the plan's last growth added, and what of it is trained anew; empty for a plan that has not grown."""
    before = plan.grown_from
    if before is None:
        return ""
    more = [name for name in GROWING if getattr(before, name) != getattr(plan, name)]
    said = ", ".join(f"{name} {getattr(before, name)} to {getattr(plan, name)}" for name in more)
    anew = {"tune_epochs": "every trial is trained anew", "epochs": "confirmed models are trained anew"}
    longer = "".join(f"; {text}, for longer" for name, text in anew.items() if name in more)
    return f"this run grows: {said}; what it has is kept{longer}"


def tuning_lineage(plan: Plan) -> list[Plan]:
    """The plans of the lineage whose trials are still of use: those trained for as long as now."""
    return [one for one in plan.lineage if one.tune_epochs == plan.tune_epochs]


def tuned_under(plan: Plan, now: Plan, trials: Sequence[Trial]) -> Trial | None:
    """The best trial that an earlier plan had, among those of the plan now; None where its trials were shorter."""
    return best(trials[: plan.trials]) if plan.tune_epochs == now.tune_epochs else None


def current(plan: Plan, finished: Sequence[Finished]) -> list[Finished]:
    """Those of a run's units that its plan still asks for, and all that were trained for claims."""
    asked = asks(plan, finished)
    return [pair for pair in finished if asked(pair[0])]


def asks(plan: Plan, finished: Sequence[Finished]) -> Callable[[Unit], bool]:
    """Whether a run's plan still asks for a unit: of its epochs, and at the rates now tuned; any for claims."""
    if plan.grown_from is None:
        return lambda _: True
    tuning = {one.identity for one in tuning_lineage(plan)}
    trials: dict[str, list[Trial]] = {}
    for unit, records in finished:
        if unit.stage == "tune" and unit.plan in tuning:
            trials.setdefault(unit.variant, []).extend(trials_of(unit, records))
    tuned = {name: best(served) for name, served in trials.items()}

    def asked(unit: Unit) -> bool:
        if unit.stage == "tune":
            return unit.plan in tuning
        if unit.stage == "claim":
            return True
        own = tuned.get(unit.variant)
        rate = tuned.get(REFERENCE) if unit.stage == "one_lr" else own
        first = unit.members[0]
        at = own is not None and rate is not None and (first.lr, first.extra) == (rate.lr, own.extra)
        return at and unit.epochs == plan.epochs

    return asked


def parts(lineage: Sequence[tuple[Plan, int]]) -> Iterator[tuple[Plan, slice]]:
    """What each plan asked for first, of things counted through: the plans with their counts, oldest first.

    A part holds as many as one population of its plan.
    """
    done = 0
    for plan, count in lineage:
        for start in range(done, count, plan.population):
            yield plan, slice(start, min(count, start + plan.population))
        done = max(done, count)
