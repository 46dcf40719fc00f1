"""What a plan asks to be trained beyond its tuning: seeds, units, and the cost of all."""

from collections.abc import Sequence

from bench.claim_settings import claim_epochs
from bench.contestants import challengers
from bench.growth import parts
from bench.plan import Plan
from bench.records import Member, Stage, Unit
from bench.seeds import confirming


def units(
    variant: str, stage: Stage, members: Sequence[Member], epochs: int, counts: Sequence[tuple[Plan, int]]
) -> tuple[Unit, ...]:
    """The members as units, each of the plan that asked for it first; counts: how many each plan asks for."""
    return tuple(
        Unit(plan.identity, variant, stage, tuple(members[part]), epochs) for plan, part in parts(counts)
    )


def confirmation_seeds(plan: Plan, count: int) -> list[int]:
    """The first seeds of those that confirm."""
    return list(confirming(plan.seed, count))


def model_epochs(plan: Plan) -> int:
    """Epochs of one model in the whole plan: its cost in units that do not depend on the machine."""
    tuning = plan.trials * plan.tune_seeds * plan.tune_epochs
    beside = len(challengers(plan)) * plan.one_lr_seeds * plan.epochs + claim_epochs(plan)
    return len(plan.variants) * (tuning + plan.seeds * plan.epochs) + beside
