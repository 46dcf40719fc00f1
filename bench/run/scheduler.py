"""Running workflows side by side: every unit that some workflow needs is trained as soon as there is room."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from bench.engine.protocol import Trained
from bench.io.errors import deferred_signals
from bench.records.jobs import Answer, Workflow
from bench.records.records import Unit
from bench.run.runner import Runner


def run_workflows(workflows: Sequence[Workflow[None]], runner: Runner) -> None:
    """Run the workflows to their ends; whatever happens, none is left half asked.

    Only this thread asks, tells and writes; the runner's engine trains elsewhere.
    """
    try:
        # Inside, for the first units of the workflows are asked for here.
        course = _Course(workflows, runner)
        course.go_on()
        while course.running:
            done, _ = wait(course.running, return_when=FIRST_COMPLETED)
            for future in [one for one in course.running if one in done]:
                course.finish(future)
            course.go_on()
    finally:
        with deferred_signals():
            for workflow in workflows:
                workflow.close()


class _Course:
    """Which units each workflow waits for, which are being trained, and the answers so far."""

    def __init__(self, workflows: Sequence[Workflow[None]], runner: Runner) -> None:
        self.running: dict[Future[Trained], Unit] = {}
        self._runner = runner
        self._answers: dict[str, Answer] = {}
        self._needs: dict[Workflow[Any], tuple[Unit, ...]] = {}
        for workflow in workflows:
            self._step(workflow, None)

    def finish(self, future: Future[Trained]) -> None:
        """Take the outcome of a unit that was being trained."""
        unit = self.running.pop(future)
        if future.cancelled():  # left to others: whoever needs it gets no further for now
            return
        with deferred_signals():
            self._answers[unit.id] = self._runner.finish(unit, future)

    def go_on(self) -> None:
        """Send every workflow what it waits for, as long as any comes further."""
        moved = True
        while moved:
            moved = False
            for workflow, units in list(self._needs.items()):
                if all(unit.id in self._answers for unit in units):
                    self._step(workflow, tuple(self._answers[unit.id] for unit in units))
                    moved |= bool(units) or self._needs.get(workflow) != ()

    def _step(self, workflow: Workflow[None], answers: tuple[Answer, ...] | None) -> None:
        """Run the workflow to its next needs and see to them."""
        try:
            # An interrupt in the midst of asking or telling would leave the study's file locked.
            with deferred_signals():
                units = workflow.send(answers)  # type: ignore[arg-type]
        except StopIteration:
            self._needs.pop(workflow, None)
            return
        self._needs[workflow] = units
        for unit in units:
            found = self._runner.find(unit)
            if found is None:
                self.running[self._runner.start(unit)] = unit
            else:
                self._answers[unit.id] = found
