"""Whole runs on a Ray cluster: the tables of one process, also where the driver dies."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from ablating import ablate
from fault_matrix import Row
from ray_tasks import PATIENCE, until, workers
from ray_tasks import ROW as ROW

from bench.data.split import Split
from bench.engine.choice import EngineChoice
from bench.plan import Plan
from bench.report.publish import publish
from bench.run.progress import Display

# Ray leaves files and sockets open.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::ResourceWarning")]


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
