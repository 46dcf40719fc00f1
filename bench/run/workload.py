"""What a plan asks to be trained, and how much of that is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.analysis.claims.conditions import claim_conditions, claim_epochs
from bench.contestants import REFERENCE, challengers
from bench.plan import Plan, population_slices, tuning_lineage
from bench.records.records import FinishedUnit, Member, Stage, Unit
from bench.seeds import confirmation_range
from bench.tuning.trials import Trial, best_trial, trials_of


def best_trial_under(plan: Plan, now: Plan, trials: Sequence[Trial]) -> Trial | None:
    """The best trial that an earlier plan had, among those of the plan now; None where its trials were shorter."""
    return best_trial(trials[: plan.trials]) if plan.tune_epochs == now.tune_epochs else None


def current_units(plan: Plan, finished: Sequence[FinishedUnit]) -> list[FinishedUnit]:
    """Those of a run's units that its plan still asks for, and all that were trained for claims."""
    asked = wanted_by(plan, finished)
    return [pair for pair in finished if asked(pair[0])]


def wanted_by(plan: Plan, finished: Sequence[FinishedUnit]) -> Callable[[Unit], bool]:
    """Whether a run's plan still asks for a unit: of its epochs, and at the rates now tuned; any for claims."""
    if plan.grown_from is None:
        return lambda _: True
    tuning = {one.identity for one in tuning_lineage(plan)}
    trials: dict[str, list[Trial]] = {}
    for unit, records in finished:
        if unit.stage == "tune" and unit.plan in tuning:
            trials.setdefault(unit.variant, []).extend(trials_of(unit, records))
    tuned = {name: best_trial(served) for name, served in trials.items()}

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


def make_units(
    variant: str, stage: Stage, members: Sequence[Member], epochs: int, counts: Sequence[tuple[Plan, int]]
) -> tuple[Unit, ...]:
    """The members as units, each of the plan that asked for it first; counts: how many each plan asks for."""
    return tuple(
        Unit(plan.identity, variant, stage, tuple(members[part]), epochs)
        for plan, part in population_slices(counts)
    )


def confirmation_seeds(plan: Plan, count: int) -> list[int]:
    """The first seeds of those that confirm."""
    return list(confirmation_range(plan.seed, count))


def planned_model_epochs(plan: Plan) -> int:
    """Epochs of one model in the whole plan: its cost in units that do not depend on the machine."""
    tuning = plan.trials * plan.tune_seeds * plan.tune_epochs
    beside = len(challengers(plan)) * plan.one_lr_seeds * plan.epochs + claim_epochs(plan)
    return len(plan.variants) * (tuning + plan.seeds * plan.epochs) + beside


@dataclass(frozen=True)
class Completion:
    """So many models of those that a variant's stage asks for."""

    done: int
    asked: int

    def __str__(self) -> str:
        """E.g. '3 of 8'; a dash where none is asked for."""
        return f"{self.done} of {self.asked}" if self.asked else "–"


def counted_units(plan: Plan, finished: Sequence[FinishedUnit]) -> list[Unit]:
    """Those of a run's units that the plan itself asks for: none at rates or epochs of before, no claim beyond it."""
    asked, stated = wanted_by(plan, finished), claim_conditions(plan)
    units = (unit for unit, _ in finished if asked(unit))
    return [unit for unit in units if unit.stage != "claim" or unit.condition in stated]


def completion_by_stage(plan: Plan, name: str, units: Sequence[Unit]) -> dict[Stage, Completion]:
    """The variant's models done and asked for, by stage; units: the counted ones."""
    asked: dict[Stage, int] = {
        "tune": plan.trials * plan.tune_seeds,
        "confirm": plan.seeds,
        "one_lr": plan.one_lr_seeds * (name in challengers(plan)),
        "claim": plan.claim_seeds * sum(variant == name for variant, _, _ in claim_conditions(plan)),
    }
    mine = [unit for unit in units if unit.variant == name]
    done = {stage: sum(len(unit.members) for unit in mine if unit.stage == stage) for stage in asked}
    return {stage: Completion(done[stage], count) for stage, count in asked.items()}
