"""What a person sees while a run works: a progress bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from bench.records import Unit


class Display:
    """Progress over a known number of model-epochs, with what is running, best so far and time left."""

    def __init__(self, console: Console) -> None:
        """Nothing is shown before `working`."""
        self._console = console
        self._total = self._done = self._here = 0.0
        self._began = 0.0
        self._what = self._found = ""
        self._epochs = 0
        self._skipped = False
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=1.0, left="")

    @contextmanager
    def working(self, model_epochs: float) -> Iterator[None]:
        """Show progress over so much work while the block runs."""
        self._total, self._began = model_epochs, time.monotonic()
        self._bar.update(self._task, total=model_epochs)
        with self._bar:
            yield

    def line(self, text: str) -> None:
        """Say one thing, above the bar if there is one."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def skip(self, model_epochs: float) -> None:
        """So much was found done."""
        if not self._skipped:
            self.line("going on from the records that are there")
        self._skipped = True
        self._total -= model_epochs
        self._bar.update(self._task, total=self._total)

    @contextmanager
    def unit(self, unit: Unit) -> Iterator[None]:
        """Show this unit as the one running; one line remains of it when it is done."""
        lrs = sorted({member.lr for member in unit.members})
        rates = f"lr {lrs[0]:.2g}" if len(lrs) == 1 else f"lr {lrs[0]:.2g} to {lrs[-1]:.2g}"
        models = "1 model" if len(unit.members) == 1 else f"{len(unit.members)} models"
        self._what = f"{unit.stage} {unit.variant}, {models}, {rates}"
        self._epochs, self._here = unit.epochs, 0.0
        self._bar.update(self._task, description=self._what)
        start = time.monotonic()
        yield
        self._settle(len(unit.members) * unit.epochs)
        self.line(f"{self._what}: {self._found}, {time.monotonic() - start:.0f} s; {self.time_left()}")

    def advance(self, model_epochs: float) -> None:
        """So much more is done."""
        self._here += model_epochs
        self._done += model_epochs
        self._bar.update(self._task, completed=self._done, left=self.time_left())

    def epoch(self, epoch: int, valid_mse: Mapping[int, float]) -> None:
        """An epoch ended with these validation errors."""
        best = min(valid_mse.values(), default=float("inf"))
        self._found = f"best validation mse {best:.5f}"
        self._bar.update(self._task, description=f"{self._what}: epoch {epoch}/{self._epochs}, {self._found}")

    def time_left(self) -> str:
        """An estimate from the pace so far, e.g. '3 min left'."""
        if not self._done:
            return ""
        left = (time.monotonic() - self._began) / self._done * max(0.0, self._total - self._done)
        return f"{left / 60:.0f} min left" if left >= 90 else f"{left:.0f} s left"

    def _settle(self, model_epochs: float) -> None:
        """Count what ended early (pruned, diverged) as done."""
        self.advance(model_epochs - self._here)
