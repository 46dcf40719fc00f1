"""The command that makes a run again."""

import shlex
from dataclasses import asdict
from typing import Any

from bench.plan import Plan
from bench.presets import PRESETS

FLAGS = (
    "variants", "dataset", "trials", "tune_epochs", "tune_seeds", "epochs", "seeds", "one_lr_seeds", "claim_seeds",
    "sampler", "pruner", "lr_low", "lr_high", "widths", "population", "seed", "device", "precision",
)  # fmt: skip
"""The plan's fields that the command line can set."""


def command(plan: Plan) -> str:
    """`aebench run` with the preset that needs the fewest flags to become this plan."""
    changes = {name: _changes(plan, preset) for name, preset in PRESETS.items()}
    possible = {name: found for name, found in changes.items() if set(found) <= set(FLAGS)}
    name = min(possible or changes, key=lambda name: len(changes[name]))
    flags = [f"--{field.replace('_', '-')}={_text(value)}" for field, value in changes[name].items()]
    return shlex.join(["aebench", "run", f"--preset={name}", *flags])


def _changes(plan: Plan, preset: Plan) -> dict[str, Any]:
    before = asdict(preset)
    return {field: value for field, value in asdict(plan).items() if value != before[field]}


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
