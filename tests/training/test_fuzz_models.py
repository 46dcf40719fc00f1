"""A model file gives back the model that was saved, or is refused in one line."""

import json
import struct
from pathlib import Path
from random import Random

import pytest
import torch
from damaged_copies import ROW as ROW
from damaged_copies import damaged, read_or_refused
from fault_matrix import Row

from bench.io.errors import BenchError
from bench.training.model_files import load_model, model_content
from variants import registry

MODELS = 5_000
"""Damaged files."""


@pytest.mark.long
def test_model_is_the_one_that_was_saved_or_is_refused(tmp_path: Path, row: Row) -> None:
    row.inject(MODELS)
    random, path = Random(4), tmp_path / "model.safetensors"
    model = registry()["tied"]((4, 3, 2), torch.Generator().manual_seed(0))
    path.write_bytes(model_content(model, {"seed": "7", "lr": "0.01", "valid_mse": "0.02", "plan": "p"}))
    sound = path.read_bytes()
    for _ in range(MODELS):
        path.write_bytes(damaged(random, sound))
        again = read_or_refused(lambda: load_model(path), named=path)
        if again:
            assert again.widths == model.widths
            pairs = zip(again.state_dict().values(), model.state_dict().values(), strict=True)
            assert all(torch.equal(one, other) for one, other in pairs)
    row.survive(MODELS)


def test_model_wider_than_its_file_is_not_built(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(model_content(registry()["plain"]((4, 2)), {"widths": "1000000,1000000"}))
    with pytest.raises(BenchError, match="it holds no encoder of widths 1000000, 1000000"):
        load_model(path)


def test_model_whose_header_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(model_content(registry()["plain"]((4, 2)), {"seed": "7"}))
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"]["variant"] = "../plain"
    changed = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(changed)) + changed + content[8 + size :])
    with pytest.raises(BenchError, match=r"its header says variant '\.\./plain'"):
        load_model(path)
    path.write_bytes(content.replace(b'"seed":"7"', b'"seed":"8"'))
    with pytest.raises(BenchError, match="its digest does not match"):
        load_model(path)
