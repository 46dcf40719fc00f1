"""Watching the tasks of a Ray cluster from outside, as psutil sees them."""

import time
from collections.abc import Callable

import psutil

from bench.records.jobs import Progress

ROW = "13 cluster: worker or driver killed, node lost, of other code or too small, nobody there"
"""Of the fault matrix."""
PATIENCE = 60.0
"""Seconds that anything may take here."""


class Told:
    """Counts how often a unit begins."""

    def __init__(self) -> None:
        self.begun = 0

    def __call__(self, now: Progress) -> None:
        self.begun += now.begun


def worker() -> psutil.Process:
    """The one that trains, once it does."""
    until(lambda: bool(workers()))
    return workers()[0]


def workers() -> list[psutil.Process]:
    """Processes of the cluster below this one that are in a task; Ray names them after it."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "train_unit" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until it does."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
