"""The command that makes a run again."""

import shlex
from collections.abc import Collection
from dataclasses import asdict, replace
from operator import ge
from typing import Any

from bench.analysis.claims.conditions import claims_beyond
from bench.plan import Plan
from bench.presets import PRESETS

FLAGS = (
    "variants", "dataset", "trials", "tune_epochs", "tune_seeds", "epochs", "seeds", "one_lr_seeds", "claim_seeds",
    "sampler", "pruner", "lr_low", "lr_high", "widths", "population", "seed", "device", "precision",
)  # fmt: skip
"""The plan's fields that the command line can set."""
COUNTS = ("train_images", "valid_images", "test_images")


def rerun_command(plan: Plan, out: str | None = None, tried: Collection[str] = ()) -> str:
    """`aebench run` with the flags that lead to this plan, once for each plan that it grew from; out: the folder.

    tried: ids of the claims that `aebench claims` tried beyond the plan, which ends the command then.
    """
    runs = [_run(replace(one, grown_from=None), out) for one in plan.lineage]
    return " && ".join([*runs, *([_claims(plan, out, tried)] if tried else [])])


def _run(plan: Plan, out: str | None) -> str:
    name, changes = _preset(plan)
    flags = [f"--{_flag(field, value)}={_text(value)}" for field, value in changes.items()]
    return shlex.join(["aebench", "run", f"--preset={name}", *flags, *([f"--out={out}"] if out else [])])


def _claims(plan: Plan, out: str | None, tried: Collection[str]) -> str:
    """In the folder of the run, with the ids unless they are all that go beyond the plan."""
    folder = out or f"results/{_preset(plan)[0]}"
    only = [] if set(claims_beyond(plan)) <= set(tried) else [f"--only={','.join(tried)}"]
    return shlex.join(["aebench", "claims", folder, *only])


def _preset(plan: Plan) -> tuple[str, dict[str, Any]]:
    """The preset that needs the fewest flags, and these."""
    changes = {name: _changes(plan, PRESETS[name]) for name in _candidates(plan)}
    possible = {name: found for name, found in changes.items() if set(found) <= set(FLAGS)}
    name = min(possible or changes, key=lambda name: len(changes[name]))
    return name, changes[name]


def _candidates(plan: Plan) -> list[str]:
    """The presets that the plan may come from, by their numbers of images.

    Data other than MNIST may have cut the plan's. A number below that of the smallest preset that has enough is how
    many the data hold, and every preset would be cut to it; another number must be the preset's own.
    """
    if plan.dataset == "mnist":
        return list(PRESETS)
    wanted = _counts(plan)
    enough = {name: _counts(one) for name, one in PRESETS.items() if all(map(ge, _counts(one), wanted))}
    least = min(enough.values(), default=wanted)
    return [
        name
        for name, counts in enough.items()
        if all(here < low or own == low for here, low, own in zip(wanted, least, counts, strict=True))
    ] or list(PRESETS)


def _changes(plan: Plan, preset: Plan) -> dict[str, Any]:
    before = asdict(preset)
    found = {field: value for field, value in asdict(plan).items() if value != before[field]}
    # The data cut these.
    cut = COUNTS if plan.dataset != "mnist" else ()
    return {field: value for field, value in found.items() if field not in cut}


def _counts(plan: Plan) -> tuple[int, ...]:
    return tuple(getattr(plan, field) for field in COUNTS)


def _flag(field: str, value: Any) -> str:
    """A file of one's own images is known by its ending."""
    return "data" if field == "dataset" and value.endswith(".npz") else field.replace("_", "-")


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
