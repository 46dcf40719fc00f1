"""Trained models as safetensors files that say what they are."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save

from bench.errors import BenchError
from variants import Variant, registry


def model_content(model: Variant, facts: Mapping[str, str]) -> bytes:
    """A safetensors file of the weights, with the variant's name, the widths and these facts in its header."""
    header = {"variant": model.name, "widths": ",".join(map(str, model.widths)), **facts}
    return save({name: value.contiguous() for name, value in model.state_dict().items()}, header)


def load_model(path: str | Path) -> Variant:
    """The model in a file that `aebench run` left in its `models/`, on the CPU, ready to be called.

    Raises BenchError where the file is missing, damaged, or of a variant that is not registered.
    """
    facts = model_facts(Path(path))
    if facts.get("variant") not in registry():
        raise BenchError(f"{path} holds variant {facts.get('variant')!r}, which is not installed here")
    model = registry()[facts["variant"]](tuple(map(int, facts["widths"].split(","))))
    model.load_state_dict(load_file(path))
    return model


def model_facts(path: Path) -> dict[str, str]:
    """The file's header: variant, widths, seed, lr, valid_mse; BenchError where it is no such file."""
    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise BenchError(f"cannot read a model from {path}: {error}") from error
