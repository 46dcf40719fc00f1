"""The package of misbehaving variants, as `pip` would have installed it."""

import os
import sys
from functools import partial
from pathlib import Path

from misbehaving import STATE

CLASSES = {
    "raises": "Raises",
    "allocates": "Allocates",
    "grows": "Grows",
    "hangs": "Hangs",
    "killed_once": "KilledOnce",
    "killed_always": "KilledAlways",
    "diverges": "Diverges",
}


class Package:
    """The package's folder, which is also where it is mended."""

    def __init__(self, folder: Path) -> None:
        """Declare every class as an entry point."""
        self._folder = folder
        about = folder / "misbehaving-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: misbehaving\nVersion: 1.0\n")
        lines = [f"{name} = misbehaving:{kind}" for name, kind in CLASSES.items()]
        (about / "entry_points.txt").write_text("\n".join(["[aebench.variants]", *lines, ""]))

    @property
    def installed(self) -> partial[None]:
        """Makes the package one that a process and its workers see."""
        return partial(_install, self._folder)

    def mend(self) -> None:
        """From now on its variants behave."""
        (self._folder / "mended").touch()


def _install(folder: Path) -> None:
    sys.path.append(str(folder))
    os.environ[STATE] = str(folder)
