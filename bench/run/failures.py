"""Units that could not be trained, kept beside the records with their reasons until they can be."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.claims.conditions import claim_conditions
from bench.io.errors import BenchError
from bench.io.files import read_json, write_json
from bench.io.text import quantity
from bench.io.validation import require, validated
from bench.plan import Plan
from bench.records.records import FinishedUnit, Unit, to_json
from bench.records.rules import check_unit
from bench.run.workload import wanted_by


@dataclass(frozen=True)
class Failure:
    """A unit and why it was not trained, one line."""

    unit: Unit
    reason: str

    def __str__(self) -> str:
        """E.g. 'tied: 6 models of stage tune failed: MemoryError'."""
        models = quantity(len(self.unit.members), "model")
        return f"{self.unit.variant}: {models} of stage {self.unit.stage} failed: {self.reason}"


def note_failure(folder: Path, failure: Failure) -> None:
    """Keep the failure in the run's folder."""
    write_json(_path(folder, failure.unit), to_json(failure))


def forget_failure(folder: Path, unit: Unit) -> None:
    """The unit is trained after all."""
    _path(folder, unit).unlink(missing_ok=True)


def read_failures(folder: Path) -> list[Failure]:
    """Every failure in the run's folder, by variant, stage and id; what cannot be read is left out."""
    found = []
    for path in (folder / "failures").glob("*.json"):
        with suppress(BenchError, ValueError):
            found.append(_failure(path))
    return sorted(found, key=lambda one: (one.unit.variant, one.unit.stage, one.unit.id))


def open_failures(folder: Path, plan: Plan, finished: Sequence[FinishedUnit]) -> list[Failure]:
    """Those of `read_failures` whose units are still asked for: after growth none of other epochs or rates.

    Of claims also those beyond the plan, which `aebench claims` asks for; finished: the run's units.
    """
    asked, stated = wanted_by(plan, finished), claim_conditions(plan, beyond=True)
    found = [one for one in read_failures(folder) if one.unit.members and asked(one.unit)]
    return [one for one in found if one.unit.stage != "claim" or one.unit.condition in stated]


def _failure(path: Path) -> Failure:
    """The failure in the file; BenchError or ValueError where it holds none of the unit it is named after."""
    found = validated(Failure, read_json(path), "the file")
    check_unit(found.unit)
    require(found.unit.id == path.stem, "unit", "the one of the file's name", found.unit.id)
    return found


def _path(folder: Path, unit: Unit) -> Path:
    return folder / "failures" / f"{unit.id}.json"
