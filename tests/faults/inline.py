"""Runs in this process whose units were trained before, so that a thousand of them take a minute."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from commands_of import arguments
from quiet import call_main, write_tables

from bench.cli import run as run_module
from bench.data.split import Split
from bench.engine import inline as engine
from bench.engine.protocol import Trained
from bench.records.jobs import Job, Tell

Run = Callable[..., tuple[int, str]]


def remembering(monkeypatch: pytest.MonkeyPatch, data: Path) -> Run:
    """`aebench run` on a folder: its exit code and its words; training is a pure function, and remembered."""
    known: dict[str, Trained] = {}
    execute = engine.execute

    def recall(job: Job, split: Split, tell: Tell) -> Trained:
        if job.unit.id not in known:
            known[job.unit.id] = execute(job, split, tell)
        return known[job.unit.id]

    monkeypatch.setattr(engine, "execute", recall)
    monkeypatch.setattr(run_module, "publish_run", write_tables)

    def run(folder: Path | str, *more: str) -> tuple[int, str]:
        said = io.StringIO()
        try:
            call_main(arguments(data, folder, *more), said)
        except SystemExit as ended:
            return int(ended.code or 0), said.getvalue()
        return 0, said.getvalue()

    return run
