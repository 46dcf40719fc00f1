"""Where a run's numbers come from: code, versions and machine; and whether another machine has the same."""

import ast
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from inspect import getsourcefile
from pathlib import Path
from typing import Any

import torch

from bench.contestants import get_variant
from bench.io.errors import BenchError
from bench.plan import Plan
from variants import Variant

PACKAGES = ("aebench", "torch", "torchvision", "optuna", "numpy", "pandas", "scikit-learn", "scipy")
DECISIVE_PACKAGES = ("torch", "optuna", "numpy", "scikit-learn")
"""Those whose version may change a record's numbers."""
DECISIVE_WINGS = ("data", "records", "training", "tuning")
DECISIVE_MODULES = ("plan", "seeds", "engine/work", "run/ablation", "run/session", "run/workload")
"""What decides a record's numbers; the rest of the bench may change between start and resume."""


def code_digest(plan: Plan) -> str:
    """SHA-256 over the sources that decide the numbers, hex; where they are installed makes no difference.

    They are the bench's core, the modules of the plan's variants, and what of `variants` these import; other
    variants may come and go. Raises BenchError for a variant that is not installed or has no source file.
    """
    bench = Path(__file__).parent.parent
    sources = {_module(path, bench): path for path in decisive_sources(bench)}
    for kind in (kind for name in plan.variants for kind in get_variant(name).__mro__):
        if issubclass(kind, Variant):
            sources[kind.__module__] = _source(kind)
    variants = bench.parent / "variants"
    sources |= {_module(path, variants): path for path in imported_sources(sources.values(), variants)}
    lines = (
        f"{module} {sha256(path.read_bytes()).hexdigest()}\n" for module, path in sorted(sources.items())
    )
    return sha256("".join(lines).encode()).hexdigest()


def decisive_sources(bench: Path) -> list[Path]:
    """The sources below the bench's folder that decide a record's numbers."""
    wings = (path for wing in DECISIVE_WINGS for path in (bench / wing).rglob("*.py"))
    return sorted([*wings, *(bench / f"{name}.py" for name in DECISIVE_MODULES)])


def imported_sources(sources: Iterable[Path], package: Path) -> list[Path]:
    """The files of the package that the sources import by name, and those that these import in turn, sorted.

    package: the package's folder, known by its name. Raises OSError and SyntaxError for sources that cannot be read.
    """
    found: set[Path] = set()
    waiting = list(sources)
    while waiting:
        for path in _imported(waiting.pop(), package):
            if path not in found:
                found.add(path)
                waiting.append(path)
    return sorted(found)


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


@dataclass(frozen=True)
class TrainingEnvironment:
    """What a machine trains with."""

    code: str
    """See `code_digest`."""
    versions: Mapping[str, str]
    """Of the packages that may change a record's numbers."""


def training_environment(plan: Plan) -> TrainingEnvironment:
    """What this machine would train the plan's units with; BenchError for a variant missing or broken."""
    there = versions()
    return TrainingEnvironment(code_digest(plan), {name: str(there[name]) for name in DECISIVE_PACKAGES})


def check_environment(plan: Plan, wanted: TrainingEnvironment, place: str) -> None:
    """BenchError that names what differs here from what the run was begun with; place: what to call here."""
    try:
        here = training_environment(plan)
    except BenchError as error:
        raise BenchError(f"{place}: {error}; install what the run has") from None
    pairs = {"code": (here.code[:12], wanted.code[:12])} if here.code != wanted.code else {}
    for name, there in wanted.versions.items():
        if here.versions.get(name) != there:
            pairs[name] = (str(here.versions.get(name)), there)
    if pairs:
        found = "; ".join(
            f"{name}: {mine} there, {other} in the run" for name, (mine, other) in pairs.items()
        )
        raise BenchError(f"{place} would train with something else ({found}); install what the run has")


def _imported(source: Path, package: Path) -> list[Path]:
    """The package's files that one source names; no `__init__`, which only passes names on."""
    places = (name.split(".") for name in _names(source.read_bytes()))
    files = [package.joinpath(*place[1:]).with_suffix(".py") for place in places if place[0] == package.name]
    return [path for path in files if path.is_file()]


@cache
def _names(code: bytes) -> tuple[str, ...]:
    """What the code imports, and from where; parsing all sources takes longer than to read them again."""
    names: list[str] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)


def _module(path: Path, package: Path) -> str:
    """The dotted name of a package's file."""
    return ".".join((package.name, *path.relative_to(package).with_suffix("").parts))


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
