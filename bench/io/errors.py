"""What ends a command early: two kinds of failure, Ctrl-C and SIGTERM.

Signals end a command soon, but never in the midst of what must stay whole.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class BenchError(Exception):
    """The work failed; the message is one line that says what and the way out. Exit code 1."""

    exit_code = 1


class UsageError(BenchError):
    """The request itself is wrong: the rule, the value given, the choices. Exit code 2."""

    exit_code = 2


class DamagedError(BenchError):
    """A stored file is not what the bench wrote."""

    def __init__(self, path: Path, reason: str) -> None:
        """reason: what is wrong, to follow the file's name."""
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path} {self.reason}; delete it and run again to make it anew"


class TerminatedError(BaseException):
    """SIGTERM came. Not an Exception, so that nothing takes it for a failure of its own. Exit code 143."""


def raise_on_signals() -> None:
    """From now on the first of them raises KeyboardInterrupt or TerminatedError, and what follows is ignored.

    Tidying takes less than a second; a second Ctrl-C would only break it off, and `kill -9` harms nothing.
    """
    for number in ENDING_SIGNALS:
        signal.signal(number, _raise)


def ignore_signals() -> None:
    """From now on none of them has an effect."""
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def deferred_signals() -> Iterator[None]:
    """Those that come meanwhile take effect at the end; only the main thread is ever interrupted."""
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number)) for number in ENDING_SIGNALS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for one in came:
            signal.raise_signal(one)


def _raise(number: int, _: FrameType | None) -> None:
    ignore_signals()
    raise KeyboardInterrupt if number == signal.SIGINT else TerminatedError
