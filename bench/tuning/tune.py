"""Tuning one variant: Optuna asks, a population is trained somewhere, Optuna is told."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from statistics import median

import optuna
from optuna.trial import TrialState

from bench.contestants import get_variant
from bench.io.errors import BenchError
from bench.plan import Plan, tuning_lineage
from bench.records.jobs import Job, Workflow
from bench.records.records import Member, Record, Unit
from bench.seeds import tuning_range
from bench.training.train import Prune
from bench.tuning.study import make_sampler, new_study, search_space
from bench.tuning.trials import Trial, error_after, trials_of
from variants import Variant


class Reporter:
    """Passes the members' errors on to the pruner, each trial as the median of its seeds."""

    def __init__(self, unit: Unit, asked: Sequence[optuna.Trial]) -> None:
        self._serves = unit.trials
        self._asked = {trial.number: trial for trial in asked}

    def prune(self, epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
        """The members of the trials that the pruner ends, asked in the order of the trials."""
        errors = defaultdict(list)
        for row, number in enumerate(self._serves):
            errors[number].append(valid_mse.get(row, math.inf))
        ended = set()
        for number in sorted({self._serves[row] for row in valid_mse}):
            self._asked[number].report(median(errors[number]), epoch)
            if self._asked[number].should_prune():
                ended.add(number)
        return [row for row in valid_mse if self._serves[row] in ended]

    def replay(self, records: Sequence[Record]) -> None:
        """Ask the pruner again what it was asked while these were trained, for it remembers what it is asked."""
        for epoch in range(1, max(len(record.history) for record in records) + 1):
            errors = {row: error_after(record, epoch) for row, record in enumerate(records)}
            self.prune(epoch, {row: error for row, error in errors.items() if math.isfinite(error)})


def tune(variant: type[Variant], plan: Plan, study: optuna.Study) -> Workflow[list[Trial]]:
    """Run the plan's trials for the variant on a new study: yields each round's unit, returns the trials.

    Where the records come from a store, the same questions get the same answers, and the study goes on as
    if it had never been interrupted. A round that could not be trained ends the tuning.
    """
    trials: list[Trial] = []
    try:
        for asked, unit in rounds(variant, plan, study):
            (records,) = yield (unit,)
            if records is None:
                break
            trials += _answer(study, asked, unit, records)
    finally:
        _abandon(study)
    return trials


def rounds(
    variant: type[Variant], plan: Plan, study: optuna.Study
) -> Iterator[tuple[Sequence[optuna.Trial], Unit]]:
    """Each round's trials as Optuna asks them, with the unit that answers them; tell before going on."""
    for number, (asker, size) in enumerate(_rounds(plan)):
        study.sampler = make_sampler(plan, variant.name, number)
        asked = [study.ask(search_space(plan, variant)) for _ in range(size)]
        yield asked, _unit(variant, asker, asked)


def pruner_for(job: Job, study: optuna.Study | None = None) -> Prune:
    """The pruner's decisions for a tuning unit, on a study of their own that is told of the earlier rounds.

    So the unit can be trained anywhere: the run's study stays with the run. study: a new one, None to make it.
    """
    variant = get_variant(job.unit.variant)
    study = study or new_study(job.plan, variant.name)
    waiting = rounds(variant, job.plan, study)
    for unit, records in job.earlier:
        asked, _ = next(waiting)
        _answer(study, asked, unit, records)
    asked, unit = next(waiting)
    if unit != job.unit:
        raise BenchError(f"the study asks for other trials than those of unit {job.unit.id[:12]}")
    return Reporter(unit, asked).prune


def round_sizes(plan: Plan) -> Iterator[int]:
    """How many trials each round asks for: what one population holds, and of TPE's, which learns, at most half."""
    return (size for _, size in _rounds(plan))


def _answer(
    study: optuna.Study, asked: Sequence[optuna.Trial], unit: Unit, records: Sequence[Record]
) -> list[Trial]:
    """Tell the study what came of a round; returns the round's trials."""
    Reporter(unit, asked).replay(records)
    done = trials_of(unit, records)
    for trial, answer in zip(asked, done, strict=True):
        _tell(study, trial, answer)
    return done


def _rounds(plan: Plan) -> Iterator[tuple[Plan, int]]:
    """Each round's size, and the plan that first asked for it."""
    lineage = tuning_lineage(plan)
    most = max(1, plan.population // plan.tune_seeds)
    if plan.sampler == "tpe":
        most = min(most, math.ceil(lineage[0].trials / 2))
    done = 0
    for asker in lineage:
        for start in range(done, asker.trials, most):
            yield asker, min(most, asker.trials - start)
        done = asker.trials


def _unit(variant: type[Variant], plan: Plan, asked: Sequence[optuna.Trial]) -> Unit:
    """The population that answers the asked trials, each with every tuning seed."""
    served = [(trial, seed) for trial in asked for seed in tuning_range(plan.seed, plan.tune_seeds)]
    return Unit(
        plan=plan.identity,
        variant=variant.name,
        stage="tune",
        members=tuple(_member(trial, seed) for trial, seed in served),
        epochs=plan.tune_epochs,
        trials=tuple(trial.number for trial, _ in served),
    )


def _member(trial: optuna.Trial, seed: int) -> Member:
    """A model with the trial's setting."""
    extra = {name: float(value) for name, value in trial.params.items() if name != "lr"}
    return Member(trial.params["lr"], seed, extra)


def _tell(study: optuna.Study, trial: optuna.Trial, answer: Trial) -> None:
    """A diverged trial is told inf, not failed: the sampler must learn to leave that region."""
    trial.set_user_attr("status", answer.status)
    if answer.status == "pruned":
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, answer.value)


def _abandon(study: optuna.Study) -> None:
    """Leave no trial running in the study's file, wherever Ctrl-C came; the next start asks on a new study."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
