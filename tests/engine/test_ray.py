"""A Ray cluster of several nodes, here on one machine: the same numbers, and nothing lost with what dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from ablating import ablate
from fault_matrix import Row
from ray_tasks import PATIENCE, Told, until, worker, workers
from ray_tasks import ROW as ROW

from bench.data.split import Split
from bench.engine.choice import EngineChoice
from bench.engine.inline import InlineEngine
from bench.engine.protocol import Engine, Trained, UnitFailedError
from bench.io.errors import BenchError, UsageError
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.records import Member, Unit, to_json
from bench.report.publish import publish
from bench.run.progress import Display

# Ray leaves files and sockets open.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture
def engine(cluster: Any, split: Split, told: Told) -> Iterator[Engine]:
    """The engine on the cluster."""
    found = EngineChoice("ray", 1, 1, stalled_s=PATIENCE, address=cluster.address).open(split, told)
    yield found
    found.close()


@pytest.fixture
def told() -> Told:
    return Told()


def test_unit_whose_worker_is_killed_is_trained_again_to_the_same_records(
    engine: Engine, plan: Plan, split: Split, told: Told, row: Row
) -> None:
    row.inject()
    job = _long(plan)
    future = engine.submit(job)
    worker().kill()
    assert to_json(future.result(PATIENCE).records) == _alone(job, split)
    assert told.begun == 2
    row.survive()


def test_unit_whose_node_is_lost_is_trained_on_another(
    cluster: Any, engine: Engine, plan: Plan, split: Split, told: Told, row: Row
) -> None:
    row.inject()
    job = _long(plan)
    (lost,) = cluster.worker_nodes
    future = engine.submit(job)
    worker()
    cluster.remove_node(lost, allow_graceful=False)
    cluster.add_node(num_cpus=1)
    assert to_json(future.result(PATIENCE).records) == _alone(job, split)
    assert told.begun == 2
    row.survive()


def test_unit_that_kills_every_worker_is_given_up(engine: Engine, plan: Plan, row: Row) -> None:
    row.inject()
    future = engine.submit(_long(plan))
    for _ in range(3):
        process = worker()
        process.kill()
        process.wait(PATIENCE)
    with pytest.raises(UnitFailedError, match="killed or crashed, or its node was lost, 3 times"):
        future.result(PATIENCE)
    row.survive()


def test_unit_that_raises_fails_with_its_reason_and_is_not_tried_again(
    engine: Engine, plan: Plan, told: Told, row: Row
) -> None:
    row.inject()
    job = _long(plan)
    wrong = replace(job, unit=replace(job.unit, members=(Member(0.01, 0, {"none": 1.0}),)))
    with pytest.raises(UnitFailedError, match="Error: "):
        engine.submit(wrong).result(PATIENCE)
    assert told.begun == 1
    row.survive()


def test_unit_that_takes_no_step_ends_its_worker(
    cluster: Any, plan: Plan, split: Split, told: Told, row: Row
) -> None:
    row.inject()
    engine = EngineChoice("ray", 1, 1, stalled_s=1e-6, address=cluster.address).open(split, told)
    try:
        future = engine.submit(_long(plan))
        process = worker()
        with pytest.raises(UnitFailedError, match="it took no step for 1e-06 seconds"):
            future.result(PATIENCE)
        process.wait(PATIENCE)
    finally:
        engine.close()
    assert told.begun == 1
    row.survive()


def test_node_with_other_code_is_refused_by_name(
    engine: Engine, plan: Plan, monkeypatch: pytest.MonkeyPatch, row: Row
) -> None:
    row.inject()
    monkeypatch.setattr("bench.engine.provenance.code_digest", lambda _: "f" * 64)
    with pytest.raises(UnitFailedError, match=r"the node .* \(code: \w{12} there, f{12} in the run\)"):
        engine.submit(_long(plan)).result(PATIENCE)
    row.survive()


def test_unit_that_no_node_has_room_for_is_refused_at_once(
    cluster: Any, split: Split, told: Told, row: Row
) -> None:
    row.inject()
    with pytest.raises(UsageError, match=r"takes 64 cores but no node .* \(at most 1 core\)"):
        EngineChoice("ray", 1, 64, address=cluster.address).open(split, told)
    row.survive()


@pytest.mark.parametrize(
    ("address", "kind", "message"),
    [
        ("127.0.0.1:1", BenchError, "no Ray cluster answers at 127.0.0.1:1"),
        ("ray", UsageError, "--address must be auto or HOST:PORT but got ray"),
    ],
)
def test_address_where_no_cluster_is_fails_at_once(
    split: Split, told: Told, address: str, kind: type[BenchError], message: str, row: Row
) -> None:
    row.inject()
    with pytest.raises(kind, match=message):
        EngineChoice("ray", 1, 1, address=address).open(split, told)
    row.survive()


def test_closing_ends_what_runs_within_seconds(cluster: Any, plan: Plan, split: Split, told: Told) -> None:
    handler = signal.getsignal(signal.SIGTERM)
    engine = EngineChoice("ray", 1, 1, address=cluster.address).open(split, told)
    assert signal.getsignal(signal.SIGTERM) == handler
    engine.submit(_long(plan))
    process = worker()
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 5
    process.wait(PATIENCE)


def test_cluster_of_two_nodes_gives_the_tables_of_one_process(
    cluster: Any, plan: Plan, split: Split, display: Display, tmp_path: Path
) -> None:
    node = cluster.add_node(num_cpus=1)
    choices = {
        "here": EngineChoice("inline", 1, 1),
        "there": EngineChoice("ray", 1, 1, address=cluster.address),
    }
    for name, choice in choices.items():
        assert ablate(
            replace(plan, claim_seeds=0, one_lr_seeds=0), tmp_path / name, split, display, engine=choice
        )
        publish(tmp_path / name)
    cluster.remove_node(node)
    assert _tables(tmp_path / "there") == _tables(tmp_path / "here") != {}


def test_driver_that_is_killed_goes_on_to_the_same_tables(
    cluster: Any, own_file: Path, tmp_path: Path, row: Row
) -> None:
    row.inject()
    there = tmp_path / "there"
    arguments = (*_options(own_file), "--engine", "ray", "--address", cluster.address)
    driver = _aebench("run", *arguments, "--out", str(there))
    until(lambda: len(_units(there)) > 0)
    driver.kill()
    driver.wait()
    assert not (there / "report.html").exists()
    done = _units(there)
    until(lambda: not workers())
    assert _aebench("run", *arguments, "--out", str(there)).wait(3 * PATIENCE) == 0
    here = tmp_path / "here"
    assert _aebench("run", *_options(own_file), "--workers", "0", "--out", str(here)).wait(PATIENCE) == 0
    assert done < _units(there)
    assert _tables(there) == _tables(here) != {}
    row.survive()


def test_without_an_address_a_ray_of_its_own_is_started_and_ended(own_file: Path, tmp_path: Path) -> None:
    other = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    driver = _aebench(
        "run",
        *_options(own_file),
        "--engine",
        "ray",
        "--workers",
        "1",
        "--out",
        str(tmp_path / "run"),
        env=other,
    )
    tree: dict[psutil.Process, str] = {}

    def over() -> bool:
        with suppress(psutil.Error):
            tree.update((one, one.name()) for one in psutil.Process(driver.pid).children(recursive=True))
        return driver.poll() is not None

    until(over, 3 * PATIENCE)
    assert driver.returncode == 0
    assert "raylet" in tree.values()
    assert psutil.wait_procs(tree, timeout=10)[1] == []


def _long(plan: Plan) -> Job:
    """Long enough to be cut short."""
    plan = replace(plan, epochs=200)
    return Job(Unit(plan.identity, "plain", "confirm", (Member(0.01, 0),), plan.epochs), plan)


def _alone(job: Job, split: Split) -> Any:
    """The job's records without Ray, as JSON, in which nan is nan."""
    engine = InlineEngine(split, Told(), threads=1)
    future: Future[Trained] = engine.submit(job)
    try:
        return to_json(future.result().records)
    finally:
        engine.close()


def _options(own_file: Path) -> tuple[str, ...]:
    text = "--preset smoke --variants plain --widths 784,16,8 --trials 2 --tune-epochs 1 --epochs 2 --seeds 2"
    return (*text.split(), "--claim-seeds", "0", "--threads", "1", "--data", str(own_file))


def _aebench(*arguments: str, env: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
    call = "from bench.cli.main import main; main()"
    return subprocess.Popen([sys.executable, "-c", call, *arguments], env=env, stdout=subprocess.DEVNULL)


def _units(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("units/*.json")} - {"baselines", "audit"}


def _tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("tables/*")}
