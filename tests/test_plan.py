"""A plan is checked when it is made, and its canonical JSON is its identity."""

import math
from dataclasses import replace
from typing import Any

import pytest

from bench.io.errors import UsageError
from bench.io.files import canonical_json
from bench.plan import Plan
from bench.presets import PRESETS, preset
from bench.run.rerun_command import rerun_command
from bench.seeds import confirmation_range, tuning_range


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"trials": 0}, "trials must be at least 1 but got 0"),
        ({"seeds": 0}, "seeds must be at least 1 but got 0"),
        ({"seeds": 5_001}, "seeds must be at most 5,000 but got 5001"),
        ({"one_lr_seeds": 5_001}, "one_lr_seeds must be at most 5,000 but got 5001"),
        ({"claim_seeds": 5_001}, "claim_seeds must be at most 5,000 but got 5001"),
        ({"tune_seeds": 5_001}, "tune_seeds must be at most 5,000 but got 5001"),
        ({"epochs": -1}, "epochs must be at least 1 but got -1"),
        ({"lr_low": 0.0}, "lr_low must be positive and finite but got 0.0"),
        ({"lr_high": math.nan}, "lr_high must be positive and finite but got nan"),
        ({"lr_low": 0.1, "lr_high": 0.01}, "lr_low must be below lr_high 0.01 but got 0.1"),
        ({"sampler": "cmaes"}, "sampler must be one of tpe, random, grid but got cmaes"),
        ({"pruner": "hyper"}, "pruner must be one of none, median, halving but got hyper"),
        ({"device": "tpu"}, "device must be one of cpu, cuda but got tpu"),
        ({"precision": "tf32"}, "precision must be float32 on a CPU but got tf32"),
        ({"variants": ()}, "variants must be at least one name"),
        ({"variants": ("tied", "tied")}, "variants must be named once"),
        ({"widths": (784,)}, "widths must be two or more positive"),
        ({"seed": -1}, "seed must be at least 0"),
    ],
)
def test_value_out_of_range_is_refused_with_the_rule(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(UsageError, match=rule):
        Plan(**changes)


def test_most_seeds_of_a_plan_reach_to_the_tunings_and_to_those_of_the_next() -> None:
    most = Plan(seeds=5_000, tune_seeds=5_000, seed=3)
    confirmed, tuned = confirmation_range(3, most.seeds), tuning_range(3, most.tune_seeds)
    assert (confirmed.stop, tuned.stop) == (tuned.start, confirmation_range(4, 1).start)


def test_identity_follows_every_field_and_nothing_else() -> None:
    assert Plan().identity == Plan().identity
    changed = [replace(Plan(), trials=7), replace(Plan(), seed=1), replace(Plan(), adam_eps=1e-7)]
    assert len({plan.identity for plan in [Plan(), *changed]}) == 4


@pytest.mark.parametrize("name", list(PRESETS))
def test_plan_comes_back_from_its_json(name: str) -> None:
    assert Plan.from_json(PRESETS[name].as_json()) == PRESETS[name]


def test_json_with_a_field_too_many_is_refused() -> None:
    with pytest.raises(UsageError, match="plan must be exactly the fields"):
        Plan.from_json(Plan().as_json() | {"momentum": 0.9})


def test_full_preset_is_the_questions_setting_with_enough_seeds() -> None:
    full = PRESETS["full"]
    assert (full.epochs, full.batch_size, full.widths) == (100, 128, (784, 400, 200, 100, 50))
    assert full.seeds >= 8
    assert full.tune_seeds >= 3


def test_unknown_preset_names_the_choices() -> None:
    with pytest.raises(UsageError, match="unknown preset 'fast'; choose from smoke, quick, reference, full"):
        preset("fast")


def test_preset_takes_the_changes_that_are_given() -> None:
    assert preset("smoke", trials=9, epochs=None) == replace(PRESETS["smoke"], trials=9)


def test_canonical_json_has_no_nan() -> None:
    assert canonical_json({"b": (1, 2), "a": 0.1}) == '{"a":0.1,"b":[1,2]}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(math.nan)


def test_command_names_preset_and_changes() -> None:
    assert rerun_command(PRESETS["full"]) == "aebench run --preset=full"
    assert rerun_command(PRESETS["full"], out="my runs") == "aebench run --preset=full '--out=my runs'"
    changed = preset("smoke", variants=("plain", "tied"), tune_epochs=2, lr_high=0.1)
    assert (
        rerun_command(changed)
        == "aebench run --preset=smoke --variants=plain,tied --tune-epochs=2 --lr-high=0.1"
    )
