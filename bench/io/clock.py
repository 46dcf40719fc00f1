"""Where a run's time goes."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


class Clock:
    """Adds up the seconds of named phases, which do not overlap, since this process began."""

    def __init__(self) -> None:
        """The time from the start of the process until now counts as a phase of its own, `start`."""
        self._began = time.perf_counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._seconds["start"] = time.time() - psutil.Process().create_time()

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """What the block takes is added to the phase."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[phase] += time.perf_counter() - start

    def seconds(self) -> dict[str, float]:
        """The named phases so far, without the start."""
        return {phase: seconds for phase, seconds in self._seconds.items() if phase != "start"}

    def add(self, phase: str, seconds: float) -> None:
        """So much of the phase went by elsewhere."""
        self._seconds[phase] += seconds

    def total(self) -> float:
        """Seconds since the process began."""
        return time.perf_counter() - self._began + self._seconds["start"]

    def shares(self) -> dict[str, float]:
        """Each phase's share of all time so far, the largest first; what no phase covers is `other`."""
        total = self.total()
        covered = dict(self._seconds) | {"other": max(0.0, total - sum(self._seconds.values()))}
        return {
            phase: covered[phase] / total for phase in sorted(covered, key=covered.__getitem__, reverse=True)
        }
