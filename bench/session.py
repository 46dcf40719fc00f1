"""A run's folder open for writing, with all that its units are trained with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.chain import Chain
from bench.clock import Clock
from bench.data import Split
from bench.display import Display
from bench.drive import drive
from bench.engine import Engine
from bench.engine.choice import Choice
from bench.engine.taking import TakingEngine
from bench.groundwork import lay_audits, lay_baselines
from bench.growth import growth
from bench.handed_in import FOLDER
from bench.opening import open_run
from bench.parts import shape_of
from bench.plan import Plan
from bench.provenance import machine, manifest
from bench.runner import Runner
from bench.store import Run
from bench.threads import limited


@dataclass(frozen=True)
class Session:
    """What runs its chains, and where."""

    store: Run
    split: Split
    display: Display
    runner: Runner
    engine: Engine

    def follow(self, chains: Sequence[Chain[None]], model_epochs: float) -> None:
        """Run the chains side by side to their ends, so many epochs of one model in all."""
        with self.display.working(model_epochs):
            drive(chains, self.runner, self.engine)


@contextmanager
def open_session(
    plan: Plan,
    folder: Path,
    split: Split,
    display: Display,
    choice: Choice,
    clock: Clock | None = None,
    *,
    audited: bool = True,
) -> Iterator[Session]:
    """The plan's run in the folder, with its groundwork, and the engine; raises what `open_run` raises.

    audited: whether the gradients of its variants are of interest.
    """
    facts = manifest(plan, split.digest, shape_of(split), choice.threads)
    with open_run(folder, facts) as store:
        _say_where_begun(store, display, choice)
        if store.plan != plan and store.plan.grown_from:
            display.line(growth(store.plan))
        with limited(choice.threads):
            lay_baselines(store, split, display)
            if audited:
                lay_audits(store, split, display)
        engine: Engine = choice.open(split, display)
        engine = TakingEngine(engine, folder / FOLDER, display, display.line)
        try:
            runner = Runner(store, display, clock or Clock(), workers=engine.workers)
            yield Session(store, split, display, runner, engine)
        finally:
            engine.close()


def _say_where_begun(store: Run, display: Display, choice: Choice) -> None:
    """Point out that the folder's other records come from another machine."""
    there, here = store.manifest.get("machine", {}), machine(store.plan.device, choice.threads)
    differences = [key for key in ("processor", "threads", "gpu") if there.get(key) != here[key]]
    if differences:
        display.line(
            f"begun with another {' and '.join(differences)}: the last digits of new records may differ"
        )
