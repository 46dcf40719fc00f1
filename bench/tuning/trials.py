"""A trial as the records of the members that served it, and the learning rates that a study begins with."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from bench.plan import Plan, tuning_lineage
from bench.records.records import Record, Status, Unit


def first_learning_rates(plan: Plan) -> list[float]:
    """Learning rates at the middles of equal shares of the range's decades.

    All of a grid's trials, the first half of TPE's (a model of the curve needs a spread to start from),
    none of a random search's. Where the plan has grown, these are those of the first, and a grid goes on in
    its widest gaps.
    """
    first = tuning_lineage(plan)[0].trials
    count = {"grid": first, "tpe": math.ceil(first / 2), "random": 0}[plan.sampler]
    decades = math.log(plan.lr_high / plan.lr_low)
    rates = [plan.lr_low * math.exp(decades * (place + 0.5) / count) for place in range(count)]
    if plan.sampler == "grid":
        for _ in range(plan.trials - first):
            rates.append(_in_widest_gap(sorted([plan.lr_low, *rates, plan.lr_high])))
    return rates


@dataclass(frozen=True)
class Trial:
    """One setting tried: `curve` is the median validation error over the tuning seeds after each epoch."""

    number: int
    lr: float
    extra: Mapping[str, float]
    status: Status
    curve: tuple[float, ...]

    @property
    def value(self) -> float:
        """What the sampler is told: the error after the last epoch, inf for a diverged trial."""
        return math.inf if self.status == "diverged" else self.curve[-1]


def trials_of(unit: Unit, records: Sequence[Record]) -> list[Trial]:
    """The trials that a tuning unit served, in their order."""
    served: dict[int, list[Record]] = {}
    for number, record in zip(unit.trials, records, strict=True):
        served.setdefault(number, []).append(record)
    return [_trial(number, members) for number, members in sorted(served.items())]


def best_trial(trials: Sequence[Trial]) -> Trial | None:
    """The finished trial with the lowest value, the earlier one of equals; None if none finished."""
    finished = [trial for trial in trials if trial.status == "ok"]
    return min(finished, key=lambda trial: (trial.value, trial.number), default=None)


def search_edge(plan: Plan, lr: float, tried: Collection[float]) -> str:
    """'low' or 'high' if the learning rate lies at that edge of the search, else ''.

    It does in the outer tenth of the range's decades, and where none of several tried rates lies beyond it.
    """
    place = math.log(lr / plan.lr_low) / math.log(plan.lr_high / plan.lr_low)
    low, high = min(tried, default=lr), max(tried, default=lr)
    if place < 0.1 or lr == low < high:
        return "low"
    return "high" if place > 0.9 or low < high == lr else ""


def error_after(record: Record, epoch: int) -> float:
    """The member's validation error after this epoch, from 1; inf where it had diverged."""
    error = record.history[epoch - 1].valid_mse if epoch <= len(record.history) else math.inf
    return error if math.isfinite(error) else math.inf


def _in_widest_gap(rates: Sequence[float]) -> float:
    """The middle of the two neighbours that are furthest apart in decades, the lowest of equals."""
    low, high = max(pairwise(rates), key=lambda pair: round(math.log(pair[1] / pair[0]), 9))
    return math.sqrt(low * high)


def _trial(number: int, records: Sequence[Record]) -> Trial:
    """A trial is diverged if its median seed is; a diverged seed counts as inf from then on."""
    epochs = max(len(record.history) for record in records)
    errors = [[error_after(record, epoch) for record in records] for epoch in range(1, epochs + 1)]
    curve = tuple(median(seeds) for seeds in errors)
    pruned = any(record.status == "pruned" for record in records)
    status: Status = "diverged" if math.isinf(curve[-1]) else "pruned" if pruned else "ok"
    return Trial(number, records[0].lr, records[0].extra, status, curve)
