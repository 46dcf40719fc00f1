"""What is imported by name is declared by name."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from repository import ROOT

OWN = {"bench", "variants"}


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        _name(one) for one in (*project["dependencies"], *project["optional-dependencies"]["cluster"])
    }
    shipped_by = packages_distributions()
    imported = {name for folder in OWN for path in (ROOT / folder).rglob("*.py") for name in _imports(path)}
    foreign = imported - OWN - sys.stdlib_module_names
    assert len(foreign) > 10
    undeclared = {one for one in foreign if not declared & set(map(_name, shipped_by.get(one, [one])))}
    assert undeclared == set()


def _imports(path: Path) -> set[str]:
    """The first words of the modules that the file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def _name(requirement: str) -> str:
    """Of the distribution, as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()
