"""How many models of those that a plan asks for are there, by variant and stage."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.claim_settings import conditions
from bench.contestants import challengers
from bench.growth import asks
from bench.plan import Plan
from bench.records import Finished, Stage, Unit


@dataclass(frozen=True)
class Share:
    """So many models of those that a variant's stage asks for."""

    done: int
    asked: int

    def __str__(self) -> str:
        """E.g. '3 of 8'; a dash where none is asked for."""
        return f"{self.done} of {self.asked}" if self.asked else "–"


def counted(plan: Plan, finished: Sequence[Finished]) -> list[Unit]:
    """Those of a run's units that the plan itself asks for: none at rates or epochs of before, no claim beyond it."""
    asked, stated = asks(plan, finished), conditions(plan)
    units = (unit for unit, _ in finished if asked(unit))
    return [unit for unit in units if unit.stage != "claim" or unit.condition in stated]


def shares(plan: Plan, name: str, units: Sequence[Unit]) -> dict[Stage, Share]:
    """The variant's models done and asked for, by stage; units: the counted ones."""
    asked: dict[Stage, int] = {
        "tune": plan.trials * plan.tune_seeds,
        "confirm": plan.seeds,
        "one_lr": plan.one_lr_seeds * (name in challengers(plan)),
        "claim": plan.claim_seeds * sum(variant == name for variant, _, _ in conditions(plan)),
    }
    mine = [unit for unit in units if unit.variant == name]
    done = {stage: sum(len(unit.members) for unit in mine if unit.stage == stage) for stage in asked}
    return {stage: Share(done[stage], count) for stage, count in asked.items()}
