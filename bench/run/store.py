"""A run's folder: its manifest and its records, written whole or not at all."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from bench.io.errors import BenchError, DamagedError, UsageError
from bench.io.files import read_json, write_json
from bench.io.validation import require_fields
from bench.plan import Plan
from bench.records.records import (
    Audits,
    Baselines,
    FinishedUnit,
    Record,
    Unit,
    audits_from_json,
    baselines_from_json,
    records_from_json,
    to_json,
    unit_from_json,
)
from bench.records.rules import check_audits, check_baselines, check_finished
from bench.run.manifest import manifest_from_json

Content = TypeVar("Content")
NON_UNIT_FILES = ("baselines", "audit")
"""Records that are not of a unit, by the names of their files."""


class Run:
    """One run's folder. Records are written once and are the truth; all else can be rebuilt from them."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], plan: Plan, *, new: bool = False) -> None:
        """Use `open_run` or `read_run`."""
        self.folder = folder
        self.manifest = manifest
        self.plan = plan
        self._new = new

    @property
    def begun_with(self) -> int | None:
        """The threads that its units have been trained with; None for a new run, or where it does not say."""
        threads = self.manifest.get("machine", {}).get("threads")
        return threads if not self._new and isinstance(threads, int) and threads > 0 else None

    def get(self, unit: Unit) -> tuple[Record, ...] | None:
        """The records of a finished unit, None if it is not there; BenchError if its file is damaged."""
        path = self._path(unit.id)
        return _read(path, _finished)[1] if path.exists() else None

    def put(self, unit: Unit, records: tuple[Record, ...]) -> None:
        """Keep a finished unit's records."""
        write_json(self._path(unit.id), {"unit": to_json(unit), "records": to_json(records)})

    def units(self) -> list[FinishedUnit]:
        """Every finished unit of the plan with its records, in an order that depends on the units alone."""
        return self._mine([_read(path, _finished) for path in self._files()])

    def sound_units(self) -> tuple[list[FinishedUnit], list[DamagedError]]:
        """Those of `units` whose files can be read, and an error for each file that cannot."""
        sound, damaged = [], []
        for path in self._files():
            try:
                sound.append(_read(path, _finished))
            except DamagedError as error:
                damaged.append(error)
        return self._mine(sound), damaged

    def get_baselines(self) -> Baselines | None:
        """The baselines, None if they are not there; BenchError if their file is damaged."""
        path = self._path("baselines")
        return _read(path, _baselines) if path.exists() else None

    def put_baselines(self, baselines: Baselines) -> None:
        """Keep the baselines."""
        write_json(self._path("baselines"), {"baselines": to_json(baselines)})

    def get_audits(self) -> Audits | None:
        """The gradient audits, None if they are not there; BenchError if their file is damaged."""
        path = self._path("audit")
        return _read(path, _audits) if path.exists() else None

    def put_audits(self, audits: Audits) -> None:
        """Keep the gradient audits."""
        write_json(self._path("audit"), {"audits": to_json(audits)})

    def check(self, path: Path) -> None:
        """BenchError unless this file in `units/` is whole and of this run."""
        if path.stem == "baselines":
            _read(path, _baselines)
        elif path.stem == "audit":
            _read(path, _audits)
        elif not self._mine([_read(path, _finished)]):
            raise BenchError(f"{path} holds a unit of another plan; move it away")

    def _mine(self, finished: list[FinishedUnit]) -> list[FinishedUnit]:
        lineage = {plan.identity for plan in self.plan.lineage}
        mine = [pair for pair in finished if pair[0].plan in lineage]
        return sorted(mine, key=lambda pair: (pair[0].stage != "tune", pair[0].trials, pair[0].id))

    def _files(self) -> list[Path]:
        return sorted(path for path in self._units.glob("*.json") if path.stem not in NON_UNIT_FILES)

    @property
    def _units(self) -> Path:
        return self.folder / "units"

    def _path(self, name: str) -> Path:
        return self._units / f"{name}.json"


def read_run(folder: Path) -> Run:
    """The run in this folder, to read only; UsageError if there is none, BenchError if its manifest is damaged."""
    path = folder / "manifest.json"
    if not path.exists():
        raise UsageError(
            f"no run in {folder}: it has no manifest.json; give the folder that `aebench run` named"
        )
    return _read(path, lambda _, values: Run(folder, values, manifest_from_json(values).plan))


def _read(path: Path, understand: Callable[[Path, Mapping[str, Any]], Content]) -> Content:
    """What the file holds; DamagedError where that is damaged or nothing that a run leaves."""
    values = read_json(path)
    try:
        return understand(path, values)
    except (ValueError, UsageError) as error:
        reason = f"does not hold what this version of aebench writes ({error})"
        raise DamagedError(path, reason) from error


def _finished(path: Path, values: Mapping[str, Any]) -> FinishedUnit:
    require_fields(values, "the file", "unit", "records")
    unit, records = unit_from_json(values["unit"]), records_from_json(values["records"])
    check_finished(path.stem, unit, records)
    return unit, records


def _baselines(_: Path, values: Mapping[str, Any]) -> Baselines:
    require_fields(values, "the file", "baselines")
    baselines = baselines_from_json(values["baselines"])
    check_baselines(baselines)
    return baselines


def _audits(_: Path, values: Mapping[str, Any]) -> Audits:
    require_fields(values, "the file", "audits")
    audits = audits_from_json(values["audits"])
    check_audits(audits)
    return audits
