"""A run is gone on with by the same code only: every source that decides a number, wherever it lies."""

import ast
import importlib
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from repository import ROOT

from bench.engine import provenance
from bench.engine.provenance import code_digest, decisive_sources
from bench.io.errors import BenchError
from bench.plan import Plan
from variants.plain import Plain

INDECISIVE = {
    "contestants": "whom to compare, and by what name a variant is found",
    "engine/protocol": "types",
    "io/clock": "times",
    "io/errors": "words and signals",
    "io/files": "writing",
    "io/text": "words",
    "io/validation": "refusals",
}
"""What training a unit imports and what cannot change a record's numbers, with the reason."""
MODULE = "from variants.plain import Plain\n\n\nclass Outside(Plain):\n    name = {name!r}\n"


def test_every_module_that_training_imports_is_decisive_or_cannot_change_a_number() -> None:
    assert sorted(_closure("engine/work") - _decisive()) == sorted(INDECISIVE)
    assert not _decisive() & set(INDECISIVE)


def test_every_decisive_module_is_there() -> None:
    assert [path for path in decisive_sources(ROOT / "bench") if not path.is_file()] == []


@pytest.mark.parametrize(
    "source",
    [
        "variants/contract/untied.py",
        "variants/contract/losses.py",
        "bench/training/gradient_audit.py",
        "bench/engine/work.py",
    ],
)
def test_digest_depends_on_what_a_variant_builds_on_and_what_measures_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str
) -> None:
    plan = Plan(variants=("tied",))
    before = code_digest(plan)
    for folder in ("bench", "variants"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "bench" / "engine" / "provenance.py"))
    assert code_digest(plan) == before
    with (tmp_path / source).open("a") as file:
        file.write("# changed\n")
    assert code_digest(plan) != before


def test_another_variant_in_the_clone_changes_no_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(variants=("plain", "tied"))
    for folder in ("bench", "variants"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "bench" / "engine" / "provenance.py"))
    before = code_digest(plan)
    for name in ("truncated", "sparse_code", "registry"):
        with (tmp_path / "variants" / f"{name}.py").open("a") as file:
            file.write("x = 1\n")
    assert code_digest(plan) == before


def test_digest_is_the_same_wherever_outside_variants_are_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # By path, the modules stand in the one order here and in the other there.
    here = _installed(monkeypatch, tmp_path, {"outside_a": "one/a", "outside_b": "one/b"})
    there = _installed(monkeypatch, tmp_path, {"outside_a": "two/z", "outside_b": "two/b"})
    assert here == there
    edited = _installed(
        monkeypatch, tmp_path, {"outside_a": "three/a", "outside_b": "three/b"}, "# changed\n"
    )
    assert edited != here


def test_variant_without_a_source_file_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = type("Typed", (Plain,), {"name": "typed", "__module__": "nowhere"})
    monkeypatch.setattr(provenance, "get_variant", lambda _: typed)
    with pytest.raises(
        BenchError, match=r"^nowhere\.Typed must stand in a source file, .*; put it into a module$"
    ):
        code_digest(Plan(variants=("typed",)))


def _installed(monkeypatch: pytest.MonkeyPatch, root: Path, folders: dict[str, str], more: str = "") -> str:
    """The digest with these modules in these folders."""
    with monkeypatch.context() as patched:
        for module, folder in folders.items():
            (root / folder).mkdir(parents=True)
            (root / folder / f"{module}.py").write_text(MODULE.format(name=module) + more)
            patched.syspath_prepend(root / folder)
        entries = [EntryPoint(module, f"{module}:Outside", "aebench.variants") for module in folders]
        home = importlib.import_module("variants.registry")
        patched.setattr(home, "entry_points", lambda group: entries if group == home.GROUP else [])
        try:
            return code_digest(Plan(variants=("plain", *folders)))
        finally:
            for module in folders:
                sys.modules.pop(module, None)


def _decisive() -> set[str]:
    bench = ROOT / "bench"
    return {path.relative_to(bench).with_suffix("").as_posix() for path in decisive_sources(bench)}


def _closure(start: str) -> set[str]:
    """The bench's modules that importing this one imports, whether at its head or in a function."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if (ROOT / "bench" / f"{name}.py").is_file() and name not in found:
            found.add(name)
            waiting += _imports(ROOT / "bench" / f"{name}.py")
    return found


def _imports(path: Path) -> Iterator[str]:
    """Places below `bench` that the file may import a module from; packages hold none."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "bench":
            place = (node.module or "").split(".")[1:]
            yield "/".join(place)
            yield from ("/".join([*place, alias.name]) for alias in node.names)
