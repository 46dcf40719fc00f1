"""What a run costs when one number of its plan doubles; run by hand on a quiet machine.

.venv/bin/python tests/studies/scaling.py results/perf/scaling.csv
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from ablating import ablate
from rich.console import Console

from bench.data.datasets import load_mnist
from bench.data.fit_plan import plan_part
from bench.plan import Plan
from bench.run.progress import Display
from bench.run.workload import planned_model_epochs

BASE = Plan(
    variants=("plain",), trials=2, tune_epochs=2, epochs=2, seeds=2, train_images=10_000, valid_images=1_000,
    test_images=1_000,
)  # fmt: skip


def plans() -> Iterator[tuple[str, object, Plan]]:
    """What is doubled, its value, and the plan."""
    for names in (("plain",), ("plain", "tied"), ("plain", "tied", "layer_mse", "layer_bce")):
        yield "variants", len(names), replace(BASE, variants=names)
    for name in ("trials", "seeds"):
        for count in (2, 4, 8):
            yield name, count, replace(BASE, **{name: count})
    for count in (2, 4, 8):
        yield "epochs", count, replace(BASE, epochs=count, tune_epochs=count)
    for factor in (1, 2, 4):
        widths = (784, *(factor * width for width in (200, 100, 50, 25)))
        yield "inner widths", "-".join(map(str, widths[1:])), replace(BASE, widths=widths)


def weights(widths: tuple[int, ...]) -> int:
    """Of encoder and decoder."""
    return 2 * sum(below * above for below, above in pairwise(widths))


if __name__ == "__main__":
    whole = load_mnist()
    rows = []
    for place, (what, value, plan) in enumerate([("", "", BASE), *plans()]):
        split = plan_part(whole, plan, first=True)
        with TemporaryDirectory() as folder:
            start = time.perf_counter()
            ablate(plan, Path(folder) / "run", split, Display(Console(quiet=True)))
            seconds = time.perf_counter() - start
        work = planned_model_epochs(plan) * weights(plan.widths) / 1e6
        row = {
            "doubled": what,
            "value": value,
            "model_epochs": planned_model_epochs(plan),
            "seconds": round(seconds, 2),
        }
        row["seconds_per_model_epoch_and_million_weights"] = round(seconds / work, 3)
        if place:
            rows.append(row)
            print(row, flush=True)
    pd.DataFrame(rows).to_csv(sys.argv[1], index=False, lineterminator="\n")
