"""A process that ends at once at a chosen point of a write, every point once."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.io import files

POINTS = 8
"""Of each file: before its write and halfway through it, before and after its fsync, its renaming, its folder's."""
CODE = 99


def crash_once_everywhere(done: Path, inside: tuple[str, ...]) -> None:
    """From now on end this process at the first point that `done` does not name, and name it there.

    inside: the names of the files that count, or of the folders whose files do.
    """
    _Points(done, inside).patch()


class _Points:
    def __init__(self, done: Path, inside: tuple[str, ...]) -> None:
        self._done, self._inside = done, inside
        self._known = set(done.read_text().splitlines()) if done.exists() else set()
        self._writing = ""
        self._step = ""

    def patch(self) -> None:
        files._write_through = partial(self._write, files._write_through)  # type: ignore[assignment]
        os.fsync = partial(self._around, os.fsync, "fsync")  # type: ignore[assignment]
        replace = Path.replace
        Path.replace = lambda *paths: self._around(replace, "rename", *paths)  # type: ignore[method-assign,assignment]

    def _write(self, write: Callable[[Path, bytes], None], path: Path, content: bytes) -> None:
        name = path.name.rsplit(".", 2)[0][1:]
        counts = not {name, path.parent.name}.isdisjoint(self._inside)
        self._writing = name if counts else ""
        self._step = "file"
        self._point("before write")
        half = partial(path.write_bytes, content[: len(content) // 2])
        self._point("half a write", half)
        write(path, content)

    def _around(self, act: Callable[..., Any], name: str, *arguments: Any) -> Any:
        self._point(f"before {name} of {self._step}")
        done = act(*arguments)
        self._point(f"after {name} of {self._step}")
        if name == "rename":
            self._step = "folder"
        return done

    def _point(self, name: str, first: Callable[[], object] = lambda: None) -> None:
        point = f"{self._writing}: {name}"
        if not self._writing or point in self._known:
            return
        first()
        with self._done.open("a") as file:
            file.write(f"{point}\n")
        os._exit(CODE)
