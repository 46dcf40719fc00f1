"""Ctrl-C and SIGTERM: they end a command soon, but never in the midst of what must stay whole."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

from bench.io.errors import TerminatedError

ENDING = (signal.SIGINT, signal.SIGTERM)


def raise_on_signals() -> None:
    """From now on the first of them raises KeyboardInterrupt or TerminatedError, and what follows is ignored.

    Tidying takes less than a second; a second Ctrl-C would only break it off, and `kill -9` harms nothing.
    """
    for number in ENDING:
        signal.signal(number, _raise)


def ignore_signals() -> None:
    """From now on none of them has an effect."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def deferred_signals() -> Iterator[None]:
    """Those that come meanwhile take effect at the end; only the main thread is ever interrupted."""
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in ENDING}
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
