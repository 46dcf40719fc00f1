"""Files written whole or not at all, and JSON that carries its digest."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from bench.io.errors import BenchError, DamagedError

MAX_JSON = 64 * 2**20
"""Bytes of a JSON file: a thousand times what the records of a unit usually take."""


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, no NaN. Raises ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def json_digest(value: Any) -> str:
    """SHA-256 of the value's canonical JSON, hex."""
    return sha256(canonical_json(value).encode()).hexdigest()


def require_writable(folder: Path) -> None:
    """Make the folder and find out now, not after training, whether it can be written; BenchError if not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=".", suffix=".tmp"):
            pass
    except OSError as error:
        raise BenchError(f"cannot write to {folder}: {error.strerror}; choose another folder") from error


def write_atomic(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, whatever happens meanwhile; BenchError where it cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_through(temporary, content)
        temporary.replace(path)
        _sync(path.parent)
    except OSError as error:
        # A disk that has become read-only refuses this too.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise BenchError(f"cannot write {path}: {error.strerror or error}") from error


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON with the digest of its content."""
    write_atomic(path, json_bytes(content))


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """What `write_json` writes."""
    body = {**content, "digest": json_digest(content)}
    return (json.dumps(body, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def read_json(path: Path) -> dict[str, Any]:
    """The JSON content of a file that `write_json` wrote; DamagedError if it is damaged or was never one."""
    try:
        return _sound(_read(path, MAX_JSON).decode())
    except RecursionError:
        reason = "its values are nested too deep"
    except (OSError, ValueError) as error:
        reason = str(error)
    raise DamagedError(path, f"is damaged ({reason})")


def _write_through(path: Path, content: bytes) -> None:
    """Write and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Wait until the disk has the folder's names."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path, most: int) -> bytes:
    """The file's bytes, at most so many; a pipe or a device, which may never end, is not read."""
    if path.exists() and not path.is_file():
        raise ValueError("it is not a file")
    if path.stat().st_size > most:
        raise ValueError(f"it must be at most {most:,} bytes but has {path.stat().st_size:,}")
    return path.read_bytes()


def _sound(text: str) -> dict[str, Any]:
    """The object behind the text, which holds its own digest."""
    body = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    if not isinstance(body, dict) or body.pop("digest", None) != json_digest(body):
        raise ValueError("its digest does not match")
    # Half a surrogate pair can stand in JSON but in none of the files that are made from it.
    json.dumps(body, ensure_ascii=False).encode()
    return body


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """json itself would take the last of the values that a key has."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def _constant(name: str) -> float:
    """json itself would read what JSON does not have."""
    raise ValueError(f"{name} is not a number in JSON")
