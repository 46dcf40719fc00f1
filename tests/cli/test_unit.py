"""Units trained by hand, as a Slurm array does: the same bytes as a run, and nothing taken that is not right."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from aebench import Aebench

from bench.engine.job_files import job_files, read_job
from bench.io.files import read_json, write_json
from bench.run.store import read_run
from bench.training.model_files import model_facts


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands work in one."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def options(own_file: Path) -> tuple[str, ...]:
    """A run in several stages: two rounds of tuning that a pruner watches, then two populations."""
    text = """run --preset smoke --variants plain,tied --widths 784,16,8 --trials 2 --tune-epochs 2
    --epochs 2 --seeds 2 --population 1 --pruner median --claim-seeds 0 --workers 0 --threads 1 --data"""
    return (*text.split(), str(own_file))


@pytest.mark.usefixtures("without_figures")
def test_units_trained_by_hand_give_the_tables_and_models_of_a_run(
    aebench: Aebench, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    stages = []
    while True:
        assert aebench(*options, "--out", "slurm", "--emit", "jobs") == 0
        jobs = job_files(Path("jobs"))
        said = capsys.readouterr().out
        if not jobs:
            break
        assert f"(Slurm: --array=1-{len(jobs)})" in said
        assert not Path("slurm/report.html").exists()
        stages.append(len(jobs))
        for job in reversed(jobs):
            assert aebench("unit", str(job)) == 0
    assert "nothing is left to train: the same command without --emit writes the report" in said
    assert stages == [2, 2, 4, 1]
    assert not list(Path("slurm/trained").iterdir())
    assert aebench(*options, "--out", "slurm") == 0
    assert aebench(*options, "--out", "whole") == 0
    assert _bytes("slurm", "tables") == _bytes("whole", "tables") != {}
    assert _bytes("slurm", "units") == _bytes("whole", "units")
    for name in ("plain", "tied"):
        path = Path("models") / f"{name}.safetensors"
        assert model_facts("slurm" / path) == model_facts("whole" / path)


@pytest.fixture
def job(aebench: Aebench, options: tuple[str, ...]) -> Path:
    """The first job of a run in `slurm`."""
    assert aebench(*options, "--out", "slurm", "--emit", "jobs") == 0
    return Path("jobs/0001.json")


@pytest.mark.parametrize("name", ["0001.json", "2024.json", "10000.json"])
def test_file_of_another_kind_with_a_jobs_name_is_refused_and_left_alone(
    aebench: Aebench, options: tuple[str, ...], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("jobs").mkdir()
    Path("jobs", name).write_text('{"mine": 1}')
    assert aebench(*options, "--out", "slurm", "--emit", "jobs") == 2
    error = capsys.readouterr().err
    assert error.startswith(
        f"aebench: jobs/{name} has the name of a job file but holds no job of this version"
    )
    assert error.endswith("move it away, or name another folder with --emit\n")
    assert Path("jobs", name).read_text() == '{"mine": 1}'
    assert not Path("slurm").exists()


def test_only_jobs_make_way_for_the_next_stage_the_ten_thousandth_too(
    aebench: Aebench, job: Path, options: tuple[str, ...]
) -> None:
    for name in ("9999", "10000", "10001"):
        job.with_stem(name).write_bytes(job.read_bytes())
    others = [Path("jobs", name) for name in ("001.json", "01000x.json", "2024.txt", "notes.json")]
    for other in others:
        other.write_text("mine")
    assert [path.stem for path in job_files(Path("jobs"))] == ["0001", "0002", "9999", "10000", "10001"]
    assert aebench(*options, "--out", "slurm", "--emit", "jobs") == 0
    assert [path.stem for path in job_files(Path("jobs"))] == ["0001", "0002"]
    assert all(other.read_text() == "mine" for other in others)


@pytest.mark.usefixtures("without_figures")
def test_plain_run_takes_what_is_there_and_trains_the_rest(
    aebench: Aebench, job: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aebench("unit", str(job)) == 0
    unit = read_job(job).job.unit
    monkeypatch.setattr("bench.engine.inline.execute", _refusing(unit.id))
    assert aebench(*options, "--out", "slurm") == 0
    assert read_run(Path("slurm")).get(unit)


def test_unit_that_is_trained_is_not_trained_again(
    aebench: Aebench, job: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    unit = read_job(job).job.unit
    assert aebench("unit", str(job)) == 0
    outcome = Path("slurm/trained") / f"{unit.id}.json"
    before = outcome.stat().st_mtime_ns
    assert aebench("unit", str(job)) == 0
    assert outcome.stat().st_mtime_ns == before
    kept = job.read_bytes()
    assert aebench(*options, "--out", "slurm", "--emit", "jobs") == 0
    job.write_bytes(kept)
    assert not outcome.exists()
    assert aebench("unit", str(job)) == 0
    assert not outcome.exists()
    assert capsys.readouterr().out.count("is trained already") == 2


def test_unit_refuses_other_data_by_their_digest(
    aebench: Aebench, job: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = np.random.default_rng(0).random((1000, 28, 28), np.float32)
    np.savez(tmp_path / "other.npz", images=images)
    assert aebench("unit", str(job), "--data", str(tmp_path / "other.npz")) == 1
    assert "the data here are not the run's" in capsys.readouterr().err


def test_unit_refuses_other_code_and_names_both(
    aebench: Aebench, job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = read_json(job)
    values["footing"] = {"code": "f" * 64, "versions": {**values["footing"]["versions"], "torch": "1.0"}}
    write_json(job, values)
    assert aebench("unit", str(job)) == 1
    error = capsys.readouterr().err
    assert "ffffffffffff in the run" in error
    assert "torch: 2." in error
    assert "1.0 in the run" in error


def test_unit_without_the_runs_folder_asks_for_another_place(
    aebench: Aebench, job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("slurm").rename("moved")
    assert aebench("unit", str(job)) == 2
    assert "on this machine; give --out FOLDER" in capsys.readouterr().err
    assert aebench("unit", str(job), "--out", "moved/trained") == 0
    unit = read_job(job).job.unit
    assert (Path("moved/trained") / f"{unit.id}.json").exists()


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (None, 2, "no job in jobs/0001.json; `aebench run --emit FOLDER` writes job files"),
        ("{}", 1, "jobs/0001.json is damaged"),
        ("another", 1, "jobs/0001.json holds no job of this version of aebench"),
    ],
)
def test_file_that_is_no_job_is_one_clear_line(
    aebench: Aebench, content: str | None, code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("jobs/0001.json")
    if content == "another":
        write_json(path, {"unit": 1})
    elif content:
        path.parent.mkdir()
        path.write_text(content)
    assert aebench("unit", str(path)) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("field", ["records", "model", "seconds", "notes", "unit"])
def test_outcome_that_was_changed_is_not_taken(
    aebench: Aebench, job: Path, options: tuple[str, ...], field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aebench("unit", str(job)) == 0
    (outcome,) = Path("slurm/trained").glob("*.json")
    write_json(outcome, {**read_json(outcome), field: {"model": "f" * 64}.get(field, -1)})
    assert aebench(*options, "--out", "slurm", "--emit", "jobs") == 0
    said = capsys.readouterr().out
    assert "trained again: " in said
    assert said.count("; delete it, and its unit is trained again\n") == 1
    assert outcome.stem in said
    assert job.exists()


def test_options_that_do_not_go_together_are_exit_code_2(
    aebench: Aebench, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong, message in (
        (("--address", "auto"), "--address is for a Ray cluster; give --engine ray --address auto"),
        (("--engine", "ray", "--workers", "0"), "--workers must be at least 1 with --engine ray but got 0"),
        (("--engine", "ray", "--emit", "jobs"), "leave out --engine ray, or --emit"),
    ):
        assert aebench("run", *wrong) == 2
        assert message in capsys.readouterr().err


def test_without_the_extra_the_ray_engine_says_what_to_install(
    aebench: Aebench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.engine.ray.find_spec", lambda _: None)
    assert aebench("run", "--engine", "ray") == 2
    assert "pip install --editable '.[cluster]'" in capsys.readouterr().err


def _refusing(unit: str) -> Callable[..., object]:
    from bench.engine.work import execute

    def refuse(job: object, *arguments: object) -> object:
        assert job.unit.id != unit  # type: ignore[attr-defined]
        return execute(job, *arguments)  # type: ignore[arg-type]

    return refuse


def _bytes(run: str, part: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (Path(run) / part).iterdir()}
