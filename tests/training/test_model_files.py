"""A model file gives back the model, or says why it cannot."""

from pathlib import Path

import pytest
import torch

from bench.io.errors import BenchError
from bench.training.model_files import load_model, model_content, model_facts
from variants import Variant, registry


@pytest.mark.parametrize("variant", list(registry().values()), ids=lambda variant: variant.name)
def test_model_comes_back_from_its_file(tmp_path: Path, variant: type[Variant]) -> None:
    model = variant((12, 6, 3), torch.Generator().manual_seed(0))
    (tmp_path / "model.safetensors").write_bytes(model_content(model, {"seed": "7"}))
    again = load_model(tmp_path / "model.safetensors")
    x = torch.rand(4, 12)
    assert torch.equal(again(x).logits, model(x).logits)
    assert model_facts(tmp_path / "model.safetensors")["seed"] == "7"


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_what_is_no_model_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BenchError, match=r"cannot read a model from .*model\.safetensors"):
        load_model(path)


def test_model_of_an_unknown_variant_is_refused(tmp_path: Path) -> None:
    class Foreign(registry()["plain"]):  # type: ignore[misc]
        name = "foreign"

    path = tmp_path / "model.safetensors"
    path.write_bytes(model_content(Foreign((4, 2)), {}))
    with pytest.raises(BenchError, match="holds variant 'foreign', which is not installed here"):
        load_model(path)
