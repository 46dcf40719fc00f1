"""Runs made of given test errors, without training."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from made_records import BASELINES, RECORD, TEST

from bench.plan import Plan
from bench.records.records import Member, Record, Unit
from bench.run.lock import open_run
from bench.run.manifest import make_manifest

Errors = Mapping[str, Sequence[float | None]]
"""Each variant's test mse by seed, None where it diverged; an empty sequence for a variant not yet confirmed."""


def make_run(folder: Path, errors: Errors, lr: float = 0.01, data: str = "digits", **plan: object) -> Path:
    """A folder with a confirmed member for each error; psnr follows from the mse as for pixels in [0, 1]."""
    seeds = max(1, *map(len, errors.values()), 1)
    settings = Plan(variants=tuple(errors), widths=(784, 16, 8), seeds=seeds, **plan)  # type: ignore[arg-type]
    with open_run(folder, make_manifest(settings, data)) as run:
        run.put_baselines(BASELINES)
        for name, mses in errors.items():
            members = tuple(Member(lr, settings.seed * 10_000 + place) for place in range(len(mses)))
            records = tuple(map(_record, members, mses))
            if members:
                run.put(Unit(settings.identity, name, "confirm", members, settings.epochs), records)
    return folder


def _record(member: Member, mse: float | None) -> Record:
    if mse is None:
        return Record(member.lr, member.seed, {}, "diverged", ())
    assert RECORD.outcome
    test = replace(TEST, mse=mse, sse=784 * mse, psnr_db=-10 * math.log10(mse))
    return replace(RECORD, lr=member.lr, seed=member.seed, outcome=replace(RECORD.outcome, test=test))
