"""Disks that are full and folders that may not be written, for one process."""

import os
import resource
from pathlib import Path

NOBODY = 65534


def files_of_at_most(size: int) -> None:
    """From now on no file of this process grows beyond so many bytes; what would says so as a full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def as_nobody() -> None:
    """From now on this process may write only what anyone may: root may write everywhere."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def open_to_nobody(path: Path) -> None:
    """Let others reach the path through the private folders above it, to read only."""
    for folder in [path, *path.parents]:
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
