"""A Ray cluster of several nodes, here on one machine: the same numbers, and no unit lost with what dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench import ablation
from bench.data import Split
from bench.display import Display
from bench.engine import Engine, Job, Trained, UnitFailedError
from bench.engine.choice import EngineChoice
from bench.engine.inline import InlineEngine
from bench.errors import UsageError
from bench.plan import Plan
from bench.population import Member
from bench.publish import publish
from bench.records import Unit, to_json

# What Ray itself leaves open, and what it says of pkg_resources and of defaults that will change.
pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning")]
PATIENCE = 60.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without cores, and a node with one."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("RAY_AUTH_MODE", "token"),
            ("RAY_AUTH_TOKEN", "5" * 64),
            ("RAY_USAGE_STATS_ENABLED", "0"),
            ("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0"),
            ("RAY_health_check_period_ms", "300"),
            ("RAY_health_check_failure_threshold", "3"),
        ):
            patch.setenv(name, value)
        cluster_utils = pytest.importorskip("ray.cluster_utils")
        found = cluster_utils.Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
        )
        found.add_node(num_cpus=1)
        yield found
        found.shutdown()


@pytest.fixture
def engine(cluster: Any, split: Split, told: "Told") -> Iterator[Engine]:
    """The engine on the cluster."""
    found = EngineChoice("ray", 1, 1, stalled_s=PATIENCE, address=cluster.address).open(split, told)
    yield found
    found.close()


class Told:
    """A watcher that counts."""

    def __init__(self) -> None:
        self.begun = 0

    def begin(self, unit: Unit) -> None:
        del unit
        self.begun += 1

    def advance(self, unit: Unit, model_epochs: float) -> None:
        """Units are told of whole."""

    def epoch(self, unit: Unit, epoch: int, valid_mse: float) -> None:
        """At the end."""


@pytest.fixture
def told() -> Told:
    return Told()


def test_cluster_of_two_nodes_gives_the_tables_of_one_process(
    cluster: Any, plan: Plan, split: Split, display: Display, tmp_path: Path
) -> None:
    node = cluster.add_node(num_cpus=1)
    choices = {
        "here": EngineChoice("inline", 1, 1),
        "there": EngineChoice("ray", 1, 1, address=cluster.address),
    }
    for name, choice in choices.items():
        assert ablation.run(
            replace(plan, claim_seeds=0, one_lr_seeds=0), tmp_path / name, split, display, engine=choice
        )
        publish(tmp_path / name)
    cluster.remove_node(node)
    assert _tables(tmp_path / "there") == _tables(tmp_path / "here") != {}


def test_unit_whose_worker_is_killed_is_trained_again_to_the_same_records(
    engine: Engine, plan: Plan, split: Split, told: Told
) -> None:
    job = _long(plan)
    future = engine.submit(job)
    _worker().kill()
    assert to_json(future.result(PATIENCE).records) == _alone(job, split)
    assert told.begun == 2


def test_unit_whose_node_is_lost_is_trained_on_another(
    cluster: Any, engine: Engine, plan: Plan, split: Split, told: Told
) -> None:
    job = _long(plan)
    (lost,) = cluster.worker_nodes
    future = engine.submit(job)
    _worker()
    cluster.remove_node(lost, allow_graceful=False)
    cluster.add_node(num_cpus=1)
    assert to_json(future.result(PATIENCE).records) == _alone(job, split)
    assert told.begun == 2


def test_unit_that_kills_every_worker_is_given_up(engine: Engine, plan: Plan) -> None:
    future = engine.submit(_long(plan))
    for _ in range(3):
        process = _worker()
        process.kill()
        process.wait(PATIENCE)
    with pytest.raises(UnitFailedError, match="killed or crashed, or its node was lost, 3 times"):
        future.result(PATIENCE)


def test_unit_that_raises_fails_with_its_reason_and_is_not_tried_again(
    engine: Engine, plan: Plan, told: Told
) -> None:
    job = _long(plan)
    wrong = replace(job, unit=replace(job.unit, members=(Member(0.01, 0, {"none": 1.0}),)))
    with pytest.raises(UnitFailedError, match="Error: "):
        engine.submit(wrong).result(PATIENCE)
    assert told.begun == 1


def test_unit_that_takes_no_step_ends_its_worker(cluster: Any, plan: Plan, split: Split, told: Told) -> None:
    engine = EngineChoice("ray", 1, 1, stalled_s=1e-6, address=cluster.address).open(split, told)
    try:
        future = engine.submit(_long(plan))
        process = _worker()
        with pytest.raises(UnitFailedError, match="it took no step for 1e-06 seconds"):
            future.result(PATIENCE)
        process.wait(PATIENCE)
    finally:
        engine.close()
    assert told.begun == 1


def test_node_with_other_code_is_refused_by_name(
    engine: Engine, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.footing.code_digest", lambda _: "f" * 64)
    with pytest.raises(UnitFailedError, match=r"the node .* \(code: \w{12} there, f{12} in the run\)"):
        engine.submit(_long(plan)).result(PATIENCE)


def test_unit_that_no_node_has_room_for_is_refused_at_once(cluster: Any, split: Split, told: Told) -> None:
    with pytest.raises(UsageError, match=r"takes 64 cores but no node .* \(at most 1 cores\)"):
        EngineChoice("ray", 1, 64, address=cluster.address).open(split, told)


def test_closing_ends_what_runs_within_seconds(cluster: Any, plan: Plan, split: Split, told: Told) -> None:
    handler = signal.getsignal(signal.SIGTERM)
    engine = EngineChoice("ray", 1, 1, address=cluster.address).open(split, told)
    assert signal.getsignal(signal.SIGTERM) == handler
    engine.submit(_long(plan))
    process = _worker()
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 5
    process.wait(PATIENCE)


def test_driver_that_is_killed_goes_on_to_the_same_tables(
    cluster: Any, own_file: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    arguments = (*_options(own_file), "--engine", "ray", "--address", cluster.address)
    driver = _aebench("run", *arguments, "--out", str(there))
    _until(lambda: len(_units(there)) > 0)
    driver.kill()
    driver.wait()
    assert not (there / "report.html").exists()
    done = _units(there)
    _until(lambda: not _workers())
    assert _aebench("run", *arguments, "--out", str(there)).wait(3 * PATIENCE) == 0
    here = tmp_path / "here"
    assert _aebench("run", *_options(own_file), "--workers", "0", "--out", str(here)).wait(PATIENCE) == 0
    assert done < _units(there)
    assert _tables(there) == _tables(here) != {}


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

    _until(over, 3 * PATIENCE)
    assert driver.returncode == 0
    assert "raylet" in tree.values()
    assert psutil.wait_procs(tree, timeout=10)[1] == []


def _options(own_file: Path) -> tuple[str, ...]:
    text = "--preset smoke --variants plain,tied --widths 784,16,8 --trials 2 --tune-epochs 1 --epochs 2 --seeds 2"
    return (*text.split(), "--claim-seeds", "0", "--threads", "1", "--data", str(own_file))


def _aebench(*arguments: str, env: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
    call = "from bench.cli import main; main()"
    return subprocess.Popen([sys.executable, "-c", call, *arguments], env=env, stdout=subprocess.DEVNULL)


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


def _worker() -> psutil.Process:
    """The one that trains, once it does."""
    _until(lambda: bool(_workers()))
    return _workers()[0]


def _workers() -> list[psutil.Process]:
    """Processes of this one's cluster in a task; Ray names them after it."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "train_unit" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _units(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("units/*.json")} - {"baselines", "audit"}


def _tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("tables/*")}
