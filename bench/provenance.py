"""Where a run's numbers come from: plan, data, code, versions and machine."""

import os
import platform
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from inspect import getsourcefile
from pathlib import Path
from typing import Any

import torch

from bench.errors import BenchError
from bench.imports import needed
from bench.known_variants import get_variant
from bench.plan import Plan
from variants import Variant

PACKAGES = ("aebench", "torch", "torchvision", "optuna", "numpy", "pandas", "scikit-learn", "scipy")
DECISIVE_PACKAGES = ("torch", "optuna", "numpy", "scikit-learn")
"""Those whose version may change a record's numbers."""
DECISIVE = (
    "ablation", "asked", "audit", "baselines", "capture", "checkpoint", "cuda_graph", "data", "evaluate",
    "first_rates", "fitting", "gradient", "groundwork", "growth", "metrics", "observer", "pixels",
    "population", "probe", "records", "reporter", "rewrites", "seeds", "study", "train", "trials", "tune",
    "work",
)  # fmt: skip
"""Modules of the bench that decide a record's numbers; the others may change between start and resume."""


def manifest(
    plan: Plan, data_digest: str, shape: tuple[int, int] | None = None, threads: int | None = None
) -> dict[str, Any]:
    """What identifies a run (`plan`, `data`, `code`) and what may help to understand it.

    shape: height and width of the images, left out where they are not known; threads: see `machine`.
    """
    facts = {
        "plan": plan.as_json(),
        "plan_id": plan.identity,
        "data": data_digest,
        "code": code_digest(plan),
        "versions": versions(),
        "machine": machine(plan.device, threads),
    }
    return facts | ({"shape": list(shape)} if shape else {})


def code_digest(plan: Plan) -> str:
    """SHA-256 over the sources that decide the numbers, hex; where they are installed makes no difference.

    They are the bench's core, the modules of the plan's variants, and what of `variants` these import; other
    variants may come and go. Raises BenchError for a variant that is not installed or has no source file.
    """
    here = Path(__file__).parent
    sources = {f"bench.{name}": here / f"{name}.py" for name in DECISIVE}
    for kind in (kind for name in plan.variants for kind in get_variant(name).__mro__):
        if issubclass(kind, Variant):
            sources[kind.__module__] = _source(kind)
    for path in needed(sources.values(), here.parent / "variants"):
        sources[f"variants.{path.stem}"] = path
    lines = (
        f"{module} {sha256(path.read_bytes()).hexdigest()}\n" for module, path in sorted(sources.items())
    )
    return sha256("".join(lines).encode()).hexdigest()


def versions() -> dict[str, str | None]:
    """Of Python and of the packages that decide numbers or speed; None where one is not installed."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def machine(device: str, threads: int | None = None) -> dict[str, Any]:
    """The processor, its cores and memory, the threads that train a unit (if not PyTorch's here), the GPU if used."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": threads or torch.get_num_threads(),
        "memory_gib": round(pages / 2**30, 1),
        "gpu": torch.cuda.get_device_name() if device == "cuda" else None,
    }


def _source(kind: type) -> Path:
    """The file that the class stands in; BenchError where there is none, as for one typed at a prompt."""
    try:
        found = getsourcefile(kind)
    except (OSError, TypeError):
        found = None
    if not found or not Path(found).is_file():
        raise BenchError(
            f"{kind.__module__}.{kind.__qualname__} must stand in a source file, for a run keeps a digest of "
            "the code that it began with; put it into a module"
        )
    return Path(found)


def _processor() -> str:
    """The processor's model with its instruction set, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name} ({torch.backends.cpu.get_cpu_capability()})"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
