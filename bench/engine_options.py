"""The options of the commands that train, about where they do it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench.errors import UsageError

if TYPE_CHECKING:  # PyTorch takes seconds to load, and `--help` needs none of it.
    from bench.engine.choice import Choice
    from bench.engine.emit import Emission
    from bench.plan import Plan


@dataclass(frozen=True)
class EngineOptions:
    """The engine's options as they were given; None where one was not."""

    workers: int | None = None
    threads: int | None = None
    stall_minutes: float = 30.0
    engine: str = "local"
    address: str | None = None
    emit: Path | None = None
    """Where jobs are written instead of being trained."""
    own_file: Path | None = None
    data_dir: Path | None = None

    def __post_init__(self) -> None:
        """UsageError for options that do not go together, or need what is not installed."""
        if self.emit and self.engine == "ray":
            raise UsageError("--emit writes units to be trained by hand; leave out --engine ray, or --emit")
        if self.engine == "ray":
            from bench.engine.ray_cluster import check_installed

            check_installed()
            if self.workers == 0:
                raise UsageError("--workers must be at least 1 with --engine ray but got 0")
            if self.address and self.workers:
                raise UsageError(
                    "--workers is for this machine; a cluster takes as many units as it has room for"
                )
        elif self.address:
            raise UsageError(f"--address is for a Ray cluster; give --engine ray --address {self.address}")

    def choice(self, plan: "Plan", folder: Path) -> "Choice":
        """The engine for the plan, with as many threads as the run in the folder was begun with."""
        from bench.engine.choice import local, on_ray
        from bench.store import begun_with

        here = local(plan, self.workers, self.threads, begun_with(folder), 60 * self.stall_minutes)
        if self.emit:
            return self._emission(here.threads, self.emit, folder)
        return on_ray(here, plan, self.address) if self.engine == "ray" else here

    def _emission(self, threads: int | None, emit: Path, folder: Path) -> "Emission":
        import torch

        from bench.engine.emit import Emission
        from bench.job_file import Source

        places = [str(path.absolute()) if path else None for path in (self.own_file, self.data_dir)]
        return Emission(emit, folder, Source(*places), threads or torch.get_num_threads())


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; they reach it together, as `engine`."""

    @wraps(command)
    def gathered(
        *arguments: Any, workers: int | None, threads: int | None, stall_minutes: float,
        engine: str, address: str | None, **others: Any,
    ) -> Any:  # fmt: skip
        options = EngineOptions(workers, threads, stall_minutes, engine, address)
        return command(*arguments, engine=options, **others)

    for option in reversed(OPTIONS):
        gathered = option(gathered)
    return gathered


OPTIONS = (
    click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Where units are trained: processes here, or a Ray cluster's.",
    ),
    click.option(
        "--address",
        metavar="auto|HOST:PORT",
        help="Of the Ray cluster that this machine belongs to. [default: a new one on this machine]",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=0),
        help="Units trained at once, each in a process of its own; 0: in this one. [default: cores, or variants]",
    ),
    click.option(
        "--threads",
        type=click.IntRange(min=1),
        help="Of each worker. [default: as the folder was begun with, else the cores shared out]",
    ),
    click.option(
        "--stall-minutes",
        type=click.FloatRange(min=0, min_open=True),
        default=30.0,
        show_default=True,
        help="End a unit that takes no step for this many minutes.",
    ),
)
