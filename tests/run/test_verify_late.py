"""What came after the report, or was left out of the folder, is told apart from damage."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from finished_run import PLAN, flip

from bench.data.split import Split
from bench.io.files import read_json, write_json
from bench.run.checksums import write_sums
from bench.run.lock import open_run, write_holder
from bench.run.manifest import make_manifest
from bench.run.store import read_run
from bench.run.verify import verify


@pytest.mark.parametrize("name", ["tables/extra.csv", "tables/a\nb.csv", "figures/\udcff.svg"])
def test_stranger_stays_one_when_the_report_is_made_anew(copied: Path, name: str) -> None:
    (copied / name).write_text("mine")
    write_sums(copied)
    assert verify(copied).faults == (f"{name} is not part of a run",)
    run_sums = (copied / "SHA256SUMS").read_text()
    assert name not in run_sums


def test_models_are_held_against_their_own_digests_without_a_list(copied: Path) -> None:
    (copied / "models" / "SHA256SUMS").unlink()
    found = verify(copied)
    assert found.faults == ()
    assert found.notes[0].startswith("models/SHA256SUMS is not there")
    flip(copied / "models" / "tied.safetensors")
    assert verify(copied).faults == ("models/tied.safetensors is damaged (its digest does not match)",)


def test_model_of_another_variant_is_named(copied: Path) -> None:
    (copied / "models" / "SHA256SUMS").unlink()
    shutil.copy(copied / "models" / "tied.safetensors", copied / "models" / "plain.safetensors")
    assert verify(copied).faults == ("models/plain.safetensors holds a model of tied",)


def test_run_that_grew_after_its_report_is_sound(copied: Path, split: Split) -> None:
    before = (copied / "manifest.json").read_bytes()
    with open_run(copied, make_manifest(replace(PLAN, seeds=3), split.digest)) as opened:
        assert opened.plan.grown_from == PLAN
    found = verify(copied)
    assert found.faults == ()
    assert found.notes == (
        "manifest.json is newer than the report",
        "the run was asked for more since its report was made",
    )
    content = read_json(copied / "manifest.json")
    write_json(copied / "manifest.json", {**content, "code": "0" * 64})
    assert verify(copied).faults == ("manifest.json has changed since the report was made",)
    (copied / "manifest.json").write_bytes(before)
    assert verify(copied).faults == ()


def test_who_works_or_was_killed_there_is_told(copied: Path) -> None:
    write_holder(copied)
    found = verify(copied)
    assert found.faults == ()
    assert found.notes[0].startswith(
        f"an aebench is working here, or was killed here: process {os.getpid()} on "
    )
    (copied / "holder.json").write_text("garbled")
    assert verify(copied).faults == ()


def test_records_that_came_after_the_report_are_no_fault(copied: Path) -> None:
    unit, records = next(iter(read_run(copied).units()))
    read_run(copied).put(replace(unit, epochs=unit.epochs + 1), records)
    found = verify(copied)
    assert found.faults == ()
    assert found.notes == ("not in the report yet: 1 record; `aebench report` adds what is new",)


def test_run_without_report_is_verified_by_its_records(copied: Path) -> None:
    for name in ("SHA256SUMS", "models/SHA256SUMS", "report.html", "report.md"):
        (copied / name).unlink()
    found = verify(copied)
    assert found.faults == ()
    assert "no report was made yet" in found.notes[0]
    flip(next((copied / "units").glob("*.json")))
    assert len(verify(copied).faults) == 1


def test_models_that_were_left_out_are_no_fault(copied: Path) -> None:
    shutil.rmtree(copied / "models")
    assert verify(copied).faults == ()
