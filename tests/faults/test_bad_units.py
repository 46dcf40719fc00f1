"""Row 7: units that raise, take all memory, hang, or lose their process."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fault_matrix import Row
from harness import records
from outside import Package
from whole import Start, Whole, whole_run

from bench.data.split import Split
from bench.engine import work
from bench.engine.inline import InlineEngine
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.records import Member, Unit, to_json
from bench.report.findings import findings
from bench.run.failures import read_failures
from bench.run.progress import Display

ROW = "7 unit that raises, takes all memory, hangs or loses its process"
pytestmark = pytest.mark.long
REASONS = {
    "raises": "RuntimeError: no loss for ",
    "allocates": "can't allocate memory",
    "grows": "MemoryError",
    "hangs": "it took no step for 30 seconds",
    "killed_always": "its worker process was killed (signal 9)",
}
VARIANTS = ("--variants", ",".join(["plain", "killed_once", *REASONS]))
WORKERS = ("--workers", "2", "--stall-minutes", "0.5")
K = 4


def test_bad_units_are_recorded_and_the_others_finish_and_all_do_once_mended(
    start: Start, row: Row, package: Package, mended: Whole, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    row.inject(len(REASONS) + 1)
    one = start(out, *VARIANTS, *WORKERS, fault=package.installed)
    assert one.ended() == 1
    assert "not every unit could be trained; the report says which and why" in one.words()
    reasons = {failure.unit.variant: failure.reason for failure in read_failures(out)}
    assert reasons.keys() == REASONS.keys()
    assert [name for name, said in REASONS.items() if said not in reasons[name]] == []
    assert _confirmed(out) == {"plain": "2", "killed_once": "2"} | dict.fromkeys(REASONS, "0")
    assert all(any(name in line for line in findings(out).missing) for name in REASONS)
    assert records(out).items() - records(mended.folder).items() == {
        ("audit.json", records(out)["audit.json"])
    }
    package.mend()
    assert start(out, *VARIANTS, fault=package.installed).ended() == 0
    assert list((out / "failures").iterdir()) == []
    assert mended.same(out)
    row.survive(len(REASONS) + 1, mended.lost(out))


def test_unit_that_does_not_fit_the_gpu_is_trained_in_halves(
    plan: Plan, split: Split, display: Display, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = Unit(plan.identity, "plain", "confirm", tuple(Member(1e-2, seed) for seed in range(K)), 2)
    train = work.train

    def short_of_memory(unit, *rest):  # type: ignore[no-untyped-def]
        if len(unit.members) > 1:
            raise torch.OutOfMemoryError
        return train(unit, *rest)

    row.inject()
    engine = InlineEngine(split, display.tell)
    alone = [
        engine.submit(Job(replace(unit, members=(member,)), plan)).result().records[0]
        for member in unit.members
    ]
    monkeypatch.setattr(work, "train", short_of_memory)
    found = engine.submit(Job(unit, plan)).result()
    assert to_json(found.records) == to_json(tuple(alone))
    assert found.notes[0] == "4 models at once took more memory than the GPU has; trained in halves"
    assert len(found.notes) == K - 1
    row.survive()


@pytest.fixture(scope="module")
def mended(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The run of the same variants that never misbehaved."""
    folder = tmp_path_factory.mktemp("mended")
    package = Package(folder)
    package.mend()
    return whole_run(data, folder, *VARIANTS, fault=package.installed)


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """Not mended yet."""
    (tmp_path / "outside").mkdir()
    return Package(tmp_path / "outside")


def _confirmed(out: Path) -> dict[str, str]:
    with (out / "tables" / "summary.csv").open() as file:
        return {
            line["variant"]: line["seeds"] for line in csv.DictReader(file) if line["variant"] in VARIANTS[1]
        }
