"""The options of the commands that train, about where they do it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click


@dataclass(frozen=True)
class EngineOptions:
    """The engine's options as they were given; None where one was not."""

    workers: int | None = None
    threads: int | None = None
    stall_minutes: float = 30.0

    def choice(self, plan: Any, folder: Path) -> Any:
        """The engine for the plan, with as many threads as the run in the folder was begun with."""
        from bench.engine.choice import local
        from bench.store import begun_with

        return local(plan, self.workers, self.threads, begun_with(folder), 60 * self.stall_minutes)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; they reach it together, as `engine`."""

    @wraps(command)
    def gathered(
        *arguments: Any, workers: int | None, threads: int | None, stall_minutes: float, **others: Any
    ) -> Any:
        return command(*arguments, engine=EngineOptions(workers, threads, stall_minutes), **others)

    for option in reversed(OPTIONS):
        gathered = option(gathered)
    return gathered


OPTIONS = (
    click.option(
        "--workers",
        type=click.IntRange(min=0),
        help="Units trained at once, each in a process of its own; 0: in this one. [default: cores, or variants]",
    ),
    click.option(
        "--threads",
        type=click.IntRange(min=1),
        help="Of each worker. [default: what the folder was begun with, else the cores shared out]",
    ),
    click.option(
        "--stall-minutes",
        type=click.FloatRange(min=0, min_open=True),
        default=30.0,
        show_default=True,
        help="End a unit that takes no step for so long.",
    ),
)
