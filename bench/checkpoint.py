"""Half-trained units on disk, from which they go on to the bits of an uninterrupted training."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from bench.errors import BenchError
from bench.files import write_atomic
from bench.records import Record, records_from_json, to_json

SECONDS_BETWEEN = 60.0
"""Between two writes: what a crash may cost."""
DIGEST = 64
"""Hex digits of the SHA-256 that the file begins with."""


@dataclass(frozen=True)
class Saved:
    """A unit after an epoch: a record a member as it stands, the members still training, their tensors."""

    epoch: int
    rows: tuple[int, ...]
    records: tuple[Record, ...]
    tensors: Mapping[str, Tensor]


class Checkpoint:
    """The file of one unit's last checkpoint."""

    def __init__(self, path: Path, unit: str, seconds_between: float = SECONDS_BETWEEN) -> None:
        """unit: its id; a file of another unit counts as none."""
        self._path, self._unit, self._between = path, unit, seconds_between
        self._last = time.monotonic()

    def load(self) -> Saved | None:
        """What was saved last; None where there is nothing, or nothing whole: then training starts anew."""
        try:
            content = self._path.read_bytes()
            digest, body = content[:DIGEST], content[DIGEST:]
            if digest != sha256(body).hexdigest().encode():
                return None
            tensors = load(body)
            facts = json.loads(tensors.pop("facts").numpy().tobytes())
        except (OSError, ValueError, KeyError, SafetensorError):
            return None
        if facts["unit"] != self._unit:
            return None
        return Saved(facts["epoch"], tuple(facts["rows"]), records_from_json(facts["records"]), tensors)

    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._last >= self._between

    def save(self, saved: Saved) -> None:
        """Put this in place of what was saved before."""
        facts = {
            "unit": self._unit,
            "epoch": saved.epoch,
            "rows": saved.rows,
            "records": to_json(saved.records),
        }
        body = save({**saved.tensors, "facts": _as_tensor(json.dumps(facts))})
        self._last = time.monotonic()
        # A full disk costs the checkpoint, not the training; the record's own write will tell of it.
        with suppress(BenchError):
            write_atomic(self._path, sha256(body).hexdigest().encode() + body)


def _as_tensor(text: str) -> Tensor:
    return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)
