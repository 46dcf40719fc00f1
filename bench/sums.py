"""The digests of what a run left when its report was made, in the format that `sha256sum -c` reads."""

import re
import stat
from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath

from bench.errors import BenchError
from bench.files import write_atomic
from bench.leaves import MODEL, SEALED, is_one

NAME = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64})  ([^\\\x00-\x1f\x7f]{1,500})")
MOST_BYTES = 64 * 2**20
PARTS = (("", SEALED), ("models/", (MODEL,)))
"""Each list's folder and what it holds: models have their own, for they come and go."""


def seal(folder: Path) -> None:
    """Write the lists of a run: one in its folder, and one beside its models if it has some."""
    for part, patterns in PARTS:
        names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if is_plain(path))
        # A stranger in the folder must not become one of the run's own by a new report.
        mine = sorted(name for name in names if is_one(name, *patterns))
        if not part or (folder / part).is_dir():
            _write(folder / part, {name.removeprefix(part): digest(folder / name) for name in mine})


def read_sums(folder: Path) -> Mapping[str, str] | None:
    """Each listed file's SHA-256 by its path below the folder; None without a list, BenchError for no such list."""
    path = folder / NAME
    if not path.exists() and not path.is_symlink():
        return None
    try:
        # A pipe or a device would be read for ever.
        if not is_plain(path):
            raise ValueError("it is not a regular file")
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
        head, _, body = path.read_bytes().decode().partition("\n")
        if head != _head(body):
            raise ValueError("its own digest does not match")
        found = [_entry(line) for line in body.splitlines()]
    except (OSError, ValueError) as error:
        raise BenchError(
            f"{path} is not a list of digests ({error}); `aebench report` makes it anew"
        ) from error
    if len(dict(found)) < len(found):
        raise BenchError(f"{path} lists a file twice; `aebench report` makes it anew")
    return dict(found)


def digest(path: Path) -> str:
    """SHA-256 of the file's content, hex; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def is_plain(path: Path) -> bool:
    """Whether this is a file, and no link, pipe, device or folder; False for one that went away meanwhile."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _write(folder: Path, digests: Mapping[str, str]) -> None:
    text = "".join(f"{value}  {name}\n" for name, value in digests.items())
    write_atomic(folder / NAME, f"{_head(text)}\n{text}".encode())


def _head(body: str) -> str:
    """A comment to `sha256sum`, by which the list itself is known to be whole."""
    return f"# {sha256(body.encode()).hexdigest()} of the lines below"


def _entry(line: str) -> tuple[str, str]:
    """A line's path, which stays below the folder, and its digest."""
    match = LINE.fullmatch(line)
    if not match or PurePosixPath(match[2]).is_absolute() or ".." in PurePosixPath(match[2]).parts:
        raise ValueError(f"a line reads {line[:80]!r}")
    return match[2], match[1]
