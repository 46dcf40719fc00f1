"""Named plans."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from bench.io.text import require_known
from bench.plan import Plan

WITH_CONTROLS = (
    *Plan().variants, "plain_mse", "layer_mse_bce_output", "layer_mse_target", "truncated_bce_output", "tied_mse",
)  # fmt: skip
PRESETS: Mapping[str, Plan] = MappingProxyType(
    {
        "smoke": Plan(
            trials=3,
            tune_epochs=1,
            epochs=2,
            seeds=2,
            train_images=5_000,
            valid_images=1_000,
            test_images=1_000,
        ),
        "quick": Plan(),
        "reference": Plan(
            variants=WITH_CONTROLS,
            sampler="grid",
            tune_epochs=30,
            epochs=30,
            seeds=8,
            one_lr_seeds=2,
            claim_seeds=8,
        ),
        "full": Plan(
            variants=WITH_CONTROLS,
            trials=24,
            tune_epochs=30,
            tune_seeds=3,
            epochs=100,
            seeds=8,
            one_lr_seeds=8,
            claim_seeds=8,
            lr_low=3e-5,
            lr_high=1e-1,
            population=12,
        ),
    }
)
"""smoke: a subset, to see that everything works; quick: the whole training set, few epochs and seeds;
reference: with the controls, enough seeds to tell five variants apart, tuned for as long as confirmed;
full: the question's own 100 epochs as well."""


def preset(name: str, **changes: Any) -> Plan:
    """The plan of this name with the changes that are not None; UsageError for an unknown name."""
    require_known("preset", name, PRESETS)
    return replace(PRESETS[name], **{key: value for key, value in changes.items() if value is not None})
