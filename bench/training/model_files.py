"""Trained models as safetensors files that say what they are."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from textwrap import shorten
from types import MappingProxyType

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from bench.contestants import find_variant
from bench.io.errors import BenchError
from bench.io.files import canonical_json
from bench.io.text import printable
from bench.plan import VARIANT_NAME
from variants import Variant
from variants.contract.stacking import fill, tensors_of

NUMBER = r"\d{1,7}(\.\d{1,30})?(e-\d{1,3})?"
FACT_PATTERNS = MappingProxyType(
    {
        "variant": VARIANT_NAME.pattern,
        "widths": r"[1-9]\d{0,6}(,[1-9]\d{0,6}){1,63}",
        "seed": r"\d{1,19}",
        "lr": NUMBER,
        "valid_mse": NUMBER,
        "digest": r"[0-9a-f]{64}",
    }
)
"""What a header says of a model, and how."""
REQUIRED_FACTS = ("variant", "widths", "digest")


def model_content(model: Variant, facts: Mapping[str, str]) -> bytes:
    """A safetensors file of the weights, with the variant's name, the widths and these facts in its header."""
    header = {"variant": model.name, "widths": ",".join(map(str, model.widths)), **facts}
    state = {name: value.detach().contiguous() for name, value in tensors_of(model).items()}
    return save(state, header | {"digest": _digest(header, state)})


def load_model(path: str | Path) -> Variant:
    """The model in a file that `aebench run` left in its `models/`, on the CPU, ready to be called.

    Raises BenchError where the file is missing, damaged, or of a variant that is missing here or broken.
    """
    path = Path(path)
    facts = model_facts(path)
    variant = find_variant(facts["variant"])
    if variant is None:
        raise BenchError(f"{path} holds variant {facts['variant']!r}, which is not installed here")
    widths = tuple(map(int, facts["widths"].split(",")))
    state = _weights(path, facts)
    try:
        # Before memory is taken for a model as wide as the header says.
        _check_encoder(state, widths)
        model = variant(widths)
        fill(model, state)
    except Exception as error:  # a variant is foreign code and may raise anything
        raise _unreadable(path, error) from error
    return model


def check_model(path: Path) -> dict[str, str]:
    """The facts of a model whose weights are whole, also of a variant that is not installed; BenchError where not."""
    facts = model_facts(path)
    _weights(path, facts)
    return facts


def model_facts(path: Path) -> dict[str, str]:
    """The file's header: variant, widths, seed, lr, valid_mse; BenchError where it is no such file."""
    try:
        with safe_open(path, "pt") as file:
            facts = dict(file.metadata() or {})
        for name, pattern in FACT_PATTERNS.items():
            # A run's model says under which plan it was trained, and then everything.
            if (name in facts or "plan" in facts or name in REQUIRED_FACTS) and not re.fullmatch(
                pattern, facts.get(name, ""), re.ASCII
            ):
                raise ValueError(f"its header says {name} {facts.get(name)!r}")
    except (OSError, SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    return facts


def _weights(path: Path, facts: Mapping[str, str]) -> dict[str, Tensor]:
    """The file's tensors, which are those that its header was written for."""
    try:
        state = load_file(path)
        if _digest(facts, state) != facts["digest"]:
            raise ValueError("its digest does not match")
    except (OSError, RuntimeError, SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    return state


def _check_encoder(state: Mapping[str, Tensor], widths: Sequence[int]) -> None:
    """ValueError unless there is an encoder of these widths."""
    for level, (below, above) in enumerate(pairwise(widths)):
        found = state.get(f"encoder.{level}.weight")
        if found is None or found.shape != (above, below):
            raise ValueError(f"it holds no encoder of widths {', '.join(map(str, widths))}")


def _digest(facts: Mapping[str, str], state: Mapping[str, Tensor]) -> str:
    """SHA-256 over the header's other facts and each tensor's name, shape, type and bytes, hex."""
    told = {name: fact for name, fact in facts.items() if name != "digest"}
    found = sha256(canonical_json(told).encode())
    for name, value in sorted(state.items()):
        found.update(canonical_json([name, [*value.shape], str(value.dtype)]).encode())
        found.update(value.contiguous().cpu().view(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def _unreadable(path: Path, error: Exception) -> BenchError:
    return BenchError(f"cannot read a model from {path}: {shorten(printable(error), 200)}")
