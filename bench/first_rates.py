"""The learning rates that a study asks for before it learns from any."""

import math
from collections.abc import Sequence
from itertools import pairwise

from bench.growth import tuning_lineage
from bench.plan import Plan


def first_rates(plan: Plan) -> list[float]:
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


def _in_widest_gap(rates: Sequence[float]) -> float:
    """The middle of the two neighbours that are furthest apart in decades, the lowest of equals."""
    low, high = max(pairwise(rates), key=lambda pair: round(math.log(pair[1] / pair[0]), 9))
    return math.sqrt(low * high)
