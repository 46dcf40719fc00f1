"""The evidence that a claim's rule sees, from errors and gradients made up."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.analysis.claims.claim import Evidence


def evidence(
    audit: Sequence[tuple[str, str, str, float]] = (), nmse: dict[str, tuple[float, float]] | None = None,
    **errors: Sequence[float],
) -> Evidence:  # fmt: skip
    """Seeds 0, 1, ... of each variant with these test errors, nan for a diverged one; match errors of levels 1, 2."""
    members = [
        {
            "variant": name,
            "seed": seed,
            "status": "diverged" if np.isnan(error) else "ok",
            "test_mse": error,
            "escaped": error < 0.064,
        }
        for name, values in errors.items()
        for seed, error in enumerate(values)
    ]
    levels = [
        {"variant": name, "seed": seed, "level": level, "nmse": value}
        for name, values in (nmse or {}).items()
        for seed in range(4)
        for level, value in enumerate((*values, np.nan), 1)
    ]
    return Evidence(
        members=pd.DataFrame(members, columns=["variant", "seed", "status", "test_mse", "escaped"]),
        levels=pd.DataFrame(levels, columns=["variant", "seed", "level", "nmse"]),
        audit=pd.DataFrame(list(audit), columns=["variant", "level", "weight", "norm"]),
        mean_image=0.0675,
        pca=0.0115,
    )
