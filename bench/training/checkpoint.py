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

from bench.io.errors import BenchError
from bench.io.files import write_atomic
from bench.io.validation import require, validated
from bench.records.records import Record, to_json

SECONDS_BETWEEN = 60.0
"""Between two writes: what a crash may cost."""
DIGEST_LENGTH = 64
"""Hex digits of the SHA-256 that the file begins with."""


@dataclass(frozen=True)
class CheckpointState:
    """A unit after an epoch: a record a member as it stands, the members still training, their tensors."""

    epoch: int
    rows: tuple[int, ...]
    records: tuple[Record, ...]
    tensors: Mapping[str, Tensor]


@dataclass(frozen=True)
class _Facts:
    """What a checkpoint holds beside the tensors, as JSON."""

    unit: str
    epoch: int
    rows: tuple[int, ...]
    records: tuple[Record, ...]


class Checkpoint:
    """The file of one unit's last checkpoint."""

    def __init__(self, path: Path, unit: str, seconds_between: float = SECONDS_BETWEEN) -> None:
        """unit: its id; a file of another unit counts as none."""
        self._path, self._unit, self._between = path, unit, seconds_between
        self._last = time.monotonic()

    def load(self) -> CheckpointState | None:
        """What was saved last; None where there is nothing, or nothing whole: then training starts anew."""
        try:
            content = self._path.read_bytes()
            digest, body = content[:DIGEST_LENGTH], content[DIGEST_LENGTH:]
            if digest != sha256(body).hexdigest().encode():
                return None
            tensors = load(body)
            facts = validated(_Facts, json.loads(_as_text(tensors.pop("facts"))), "facts")
            _check(facts, self._unit)
        except (OSError, ValueError, KeyError, RecursionError, SafetensorError):
            return None
        return CheckpointState(facts.epoch, facts.rows, facts.records, tensors)

    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._last >= self._between

    def save(self, saved: CheckpointState) -> None:
        """Put this in place of what was saved before."""
        facts = _Facts(self._unit, saved.epoch, saved.rows, saved.records)
        body = save({**saved.tensors, "facts": _as_tensor(json.dumps(to_json(facts)))})
        self._last = time.monotonic()
        # A full disk costs the checkpoint, not the training; the record's own write will tell of it.
        with suppress(BenchError):
            write_atomic(self._path, sha256(body).hexdigest().encode() + body)


def _check(facts: _Facts, unit: str) -> None:
    """ValueError unless these are facts of the unit, and just the members that still train are as far as they say."""
    require(facts.unit == unit, "unit", unit, facts.unit)
    require(facts.epoch > 0, "epoch", "at least 1", facts.epoch)
    going = [row for row, record in enumerate(facts.records) if record.status == "ok"]
    require(list(facts.rows) == going != [], "rows", f"those of the members that train, {going}", facts.rows)
    for row, record in enumerate(facts.records):
        epochs = len(record.history)
        right = epochs == facts.epoch if row in going else 0 < epochs <= facts.epoch
        require(right, f"records[{row}].history", f"of {facts.epoch} epochs", epochs)


def _as_text(tensor: Tensor) -> bytes:
    require(tensor.dtype == torch.uint8, "facts", "bytes", str(tensor.dtype))
    return tensor.numpy().tobytes()


def _as_tensor(text: str) -> Tensor:
    return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)
