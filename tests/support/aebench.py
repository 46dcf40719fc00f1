"""The command line called in this process."""

import os
import signal
import sys
from typing import Protocol
from unittest.mock import patch

from bench.cli.main import main
from bench.io.errors import ENDING_SIGNALS


class Aebench(Protocol):
    """The fixture `aebench`."""

    def __call__(self, *arguments: str) -> int:
        """The exit code of `aebench` with these arguments."""


def call_main(*arguments: str) -> None:
    """`aebench` with these arguments; ends as it ends, by SystemExit where the exit code is not 0."""
    with patch.object(sys, "argv", ["aebench", *arguments]):
        main()


def exit_code(*arguments: str) -> int:
    """Of `aebench` with these arguments; this process goes on, and is interrupted as it was before."""
    handlers = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    try:
        with patch.object(os, "_exit", sys.exit):
            call_main(*arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return 0
