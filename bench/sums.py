"""The digests of what a run left when its report was made, in the format that `sha256sum -c` reads."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath

from bench.errors import BenchError
from bench.files import write_atomic

NAME = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64})  ([^\\\x00-\x1f\x7f]{1,500})")
MOST_BYTES = 64 * 2**20
SEALED = ("manifest.json", "units/*.json", "tables/*", "figures/*", "report.html", "report.md")
"""What a report is made from, and what is made from it; models have a list of their own, for they come and go."""


def seal(folder: Path) -> None:
    """Write the lists of a run: one in its folder, and one beside its models if it has some."""
    _write(folder, (path for pattern in SEALED for path in folder.glob(pattern)))
    if (folder / "models").is_dir():
        _write(folder / "models", (folder / "models").glob("*.safetensors"))


def read_sums(folder: Path) -> Mapping[str, str] | None:
    """Each listed file's SHA-256 by its path below the folder; None without a list, BenchError for no such list."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
        head, _, body = path.read_bytes().decode().partition("\n")
        if head != _head(body):
            raise ValueError("its own digest does not match")
        found = [_entry(line) for line in body.splitlines()]
    except (OSError, ValueError) as error:
        raise BenchError(f"{path} is no list of digests ({error}); `aebench report` makes it anew") from error
    if len(dict(found)) < len(found):
        raise BenchError(f"{path} lists a file twice; `aebench report` makes it anew")
    return dict(found)


def digest(path: Path) -> str:
    """SHA-256 of the file's content, hex."""
    return sha256(path.read_bytes()).hexdigest()


def _write(folder: Path, paths: Iterable[Path]) -> None:
    listed = sorted((path.relative_to(folder).as_posix(), path) for path in paths if path.is_file())
    text = "".join(f"{digest(path)}  {name}\n" for name, path in listed if not path.name.startswith("."))
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
