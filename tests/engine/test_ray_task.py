"""What is handed to a cluster's worker and what it leaves behind, without a cluster."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ray_tasks import PATIENCE, Told

from bench.data.split import Split
from bench.engine import ray as ray_engine
from bench.engine.choice import EngineChoice
from bench.engine.inline import InlineEngine
from bench.engine.protocol import Engine, Trained, UnitFailure
from bench.engine.provenance import training_environment
from bench.engine.worker_process import StallGuard, train_unit
from bench.plan import Plan
from bench.records.jobs import Job, Progress
from bench.records.records import Member, Record, Unit


class OneNode:
    """Stands for the module `ray`: one node, whose tasks are done at once and only remembered."""

    exceptions = SimpleNamespace(RayTaskError=RuntimeError, RayError=OSError)

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def remote(self, **_: Any) -> Any:
        task = SimpleNamespace(remote=self._start)
        return lambda _: SimpleNamespace(options=lambda **_: task)

    def nodes(self) -> list[Any]:
        return [{"Alive": True, "Resources": {"CPU": 1}}]

    def put(self, value: object) -> object:
        return value

    def shutdown(self) -> None:
        """Nothing runs."""

    def _start(self, job: Job, *_: object) -> Any:
        self.jobs.append(job)
        done: Future[Trained] = Future()
        done.set_result(Trained((Record(0.01, 0, {}, "diverged", ()),), None, {"all": 0.0}))
        return _Task(done)


class _Task:
    def __init__(self, outcome: "Future[Trained]") -> None:
        self.future = lambda: outcome


@pytest.fixture
def node() -> OneNode:
    return OneNode()


@pytest.fixture
def engine(node: OneNode, split: Split, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The engine on the node."""
    monkeypatch.setattr(ray_engine, "join_cluster", lambda *_: node)
    found = EngineChoice("ray", 1, 1).open(split, Told())
    yield found
    found.close()


def test_job_goes_to_the_cluster_without_the_drivers_checkpoint(
    node: OneNode, engine: Engine, plan: Plan, tmp_path: Path
) -> None:
    job = _job(plan)
    engine.submit(Job(job.unit, plan, checkpoint=tmp_path / "half.safetensors")).result(PATIENCE)
    assert node.jobs == [job]


@pytest.mark.parametrize("extra", [{}, {"none": 1.0}])
def test_worker_keeps_no_engine_whether_its_unit_is_trained_or_fails(
    plan: Plan, split: Split, monkeypatch: pytest.MonkeyPatch, extra: dict[str, float]
) -> None:
    closed: list[InlineEngine] = []
    close = InlineEngine.close

    def remember(engine: InlineEngine) -> None:
        closed.append(engine)
        close(engine)

    monkeypatch.setattr(InlineEngine, "close", remember)
    answer = train_unit(_job(plan, extra), split, training_environment(plan), 1, PATIENCE)
    assert isinstance(answer, UnitFailure) == bool(extra)
    assert len(closed) == 1


def test_what_is_passed_on_keeps_its_distance_but_no_end_of_an_epoch_is_left_out(plan: Plan) -> None:
    passed: list[Progress] = []
    unit = _job(plan).unit
    told = [Progress(unit), *(Progress(unit, done / 4, done // 4) for done in range(1, 9))]
    with StallGuard(PATIENCE, passed.append) as guard:
        for now in told:
            guard(now)
    assert [now.model_epochs for now in passed] == [0, 1, 2]


def _job(plan: Plan, extra: dict[str, float] | None = None) -> Job:
    unit = Unit(plan.identity, "plain", "confirm", (Member(0.01, 0, extra or {}),), 1)
    return Job(unit, plan)
