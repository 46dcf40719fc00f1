"""Between a unit that trains and the Optuna trials that it answers."""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from statistics import median

import optuna

from bench.observer import Observer
from bench.records import Record, Unit
from bench.trials import error_after


class Reporter(Observer):
    """Passes the members' errors on to the pruner, each trial as the median of its seeds."""

    def __init__(self, unit: Unit, asked: Sequence[optuna.Trial]) -> None:
        super().__init__()
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
