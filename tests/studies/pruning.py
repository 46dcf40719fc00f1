"""What a pruner would have chosen and saved on the recorded curves of a run; run by hand.

    .venv/bin/python tests/studies/pruning.py results/RUN

Each variant's trials are asked again in their order and told their recorded errors; a pruner ends some. Fair is
a pruner whose chosen rate has a final error within 2 % of that of the best trial of all.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import optuna

from bench.plan import PRUNERS, Plan
from bench.records.jobs import Job
from bench.records.metrics import Epoch
from bench.records.records import FinishedUnit, Record, Unit
from bench.report.findings import findings
from bench.run.store import read_run
from bench.training.train import Prune
from bench.tuning.study import make_pruner
from bench.tuning.trials import Trial, best_trial, trials_of
from bench.tuning.tune import pruner_for, tune
from variants import registry

sys.path.append(str(Path(__file__).parents[1] / "support"))
from workflows import follow


def recorded_trials(folder: Path, variant: str) -> list[Trial]:
    """The run's trials of the variant, in their order."""
    units = [
        pair for pair in read_run(folder).units() if pair[0].variant == variant and pair[0].stage == "tune"
    ]
    return sorted((trial for pair in units for trial in trials_of(*pair)), key=lambda trial: trial.number)


def replay(plan: Plan, variant: str, recorded: Sequence[Trial]) -> tuple[Trial | None, int]:
    """The trial that the plan's pruner would have chosen, and the model-epochs it would have trained."""
    curves = {trial.lr: trial.curve for trial in recorded}
    trained = 0

    def execute(unit: Unit, prune: Prune) -> Sequence[Record]:
        nonlocal trained
        lengths = dict.fromkeys(range(len(unit.members)), 0)
        going = dict(enumerate(curves[member.lr] for member in unit.members))
        for epoch in range(1, unit.epochs + 1):
            lengths |= dict.fromkeys(going, epoch)
            ended = prune(epoch, {row: curve[epoch - 1] for row, curve in going.items()})
            going = {row: curve for row, curve in going.items() if row not in ended and len(curve) > epoch}
        trained += sum(lengths.values())
        return [
            Record(member.lr, member.seed, {}, "ok" if lengths[row] == unit.epochs else "pruned",
                   tuple(Epoch(mse, mse) for mse in curves[member.lr][: lengths[row]]))
            for row, member in enumerate(unit.members)
        ]  # fmt: skip

    def study() -> optuna.Study:
        asking = optuna.create_study(pruner=make_pruner(plan))
        for trial in recorded:
            asking.enqueue_trial({"lr": trial.lr})
        return asking

    earlier: list[FinishedUnit] = []

    def answer(unit: Unit) -> Sequence[Record]:
        records = execute(unit, pruner_for(Job(unit, plan, tuple(earlier)), study()))
        earlier.append((unit, tuple(records)))
        return records

    return best_trial(follow(tune(registry()[variant], plan, study()), answer)), trained


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder = Path(sys.argv[1])
    plan = findings(folder).plan
    for variant in plan.variants:
        recorded = recorded_trials(folder, variant)
        chosen = best_trial(recorded)
        assert chosen is not None
        whole = sum(len(trial.curve) for trial in recorded)
        for pruner in PRUNERS[1:]:
            kept, trained = replay(replace(plan, pruner=pruner, tune_seeds=1), variant, recorded)
            worse = kept.value / chosen.value - 1 if kept else float("inf")
            print(
                f"{variant:10} {pruner:8} error {worse:+7.1%}, model-epochs saved {1 - trained / whole:4.0%}"
            )
