"""The bench: tunes, trains, measures and reports the contestants in `variants`.

What notebooks and packages of your own import stands here, and is loaded when it is asked for.
"""

from importlib import import_module

PUBLIC = {
    "load_mnist": "bench.data.datasets",
    "load_model": "bench.training.model_files",
    "Claim": "bench.analysis.claims.claim",
    "Evidence": "bench.analysis.claims.claim",
    "Setting": "bench.analysis.claims.claim",
    "Verdict": "bench.analysis.claims.claim",
}
"""Each public name and the module that defines it."""


def __getattr__(name: str) -> object:
    """The public name, loaded now: `--help` needs neither PyTorch nor pandas."""
    if name not in PUBLIC:
        raise AttributeError(f"module 'bench' has no attribute {name!r}")
    return getattr(import_module(PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *PUBLIC})
