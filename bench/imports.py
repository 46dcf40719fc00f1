"""Which modules of a package a source needs, read from its import statements."""

import ast
from collections.abc import Iterable
from pathlib import Path


def needed(sources: Iterable[Path], package: Path) -> list[Path]:
    """The files of the package that the sources import by name, and those that these import in turn, sorted.

    package: the folder of a package without sub-packages, known by its name. Raises OSError and SyntaxError for
    sources that cannot be read.
    """
    found: set[Path] = set()
    waiting = list(sources)
    while waiting:
        for path in _imported(waiting.pop(), package):
            if path not in found:
                found.add(path)
                waiting.append(path)
    return sorted(found)


def _imported(source: Path, package: Path) -> list[Path]:
    """The package's files that one source names; not its `__init__`, which only passes names on."""
    names = []
    for node in ast.walk(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    places = (name.split(".") for name in names)
    files = [package / f"{place[1]}.py" for place in places if place[0] == package.name and len(place) > 1]
    return [path for path in files if path.is_file()]
