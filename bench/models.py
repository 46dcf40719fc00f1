"""Trained models as safetensors files that say what they are."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from textwrap import shorten
from types import MappingProxyType

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from bench.errors import BenchError
from bench.files import write_atomic
from bench.plan import NAME
from variants import Variant, registry

NUMBER = r"\d{1,3}\.\d{1,30}|\d(\.\d{1,30})?e-\d{1,3}"
FACTS = MappingProxyType(
    {
        "variant": NAME.pattern,
        "widths": r"[1-9]\d{0,6}(,[1-9]\d{0,6}){1,63}",
        "seed": r"\d{1,19}",
        "lr": NUMBER,
        "valid_mse": NUMBER,
    }
)
"""What a header says of a model, and how."""
ALWAYS = ("variant", "widths")


def save_model(path: Path, model: Variant, facts: Mapping[str, str]) -> None:
    """Write the weights with the variant's name, the widths and these facts in the file's header."""
    header = {"variant": model.name, "widths": ",".join(map(str, model.widths)), **facts}
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    write_atomic(path, save(state, header))


def load_model(path: str | Path) -> Variant:
    """The model in a file that `aebench run` left in its `models/`, on the CPU, ready to be called.

    Raises BenchError where the file is missing, damaged, or of a variant that is not registered.
    """
    path = Path(path)
    facts = model_facts(path)
    if facts["variant"] not in registry():
        raise BenchError(f"{path} holds variant {facts['variant']!r}, which is not installed here")
    widths = tuple(map(int, facts["widths"].split(",")))
    try:
        state = load_file(path)
        # Before memory is taken for a model as wide as the header says.
        _check_encoder(state, widths)
        model = registry()[facts["variant"]](widths)
        model.load_state_dict(state)
    except (OSError, RuntimeError, SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    return model


def model_facts(path: Path) -> dict[str, str]:
    """The file's header: variant, widths, seed, lr, valid_mse; BenchError where it is no such file."""
    try:
        with safe_open(path, "pt") as file:
            facts = dict(file.metadata() or {})
        for name, pattern in FACTS.items():
            # A run's model says under which plan it was trained, and then everything.
            if (name in facts or "plan" in facts or name in ALWAYS) and not re.fullmatch(
                pattern, facts.get(name, ""), re.ASCII
            ):
                raise ValueError(f"its header says {name} {facts.get(name)!r}")
    except (OSError, SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    return facts


def _check_encoder(state: Mapping[str, Tensor], widths: Sequence[int]) -> None:
    """ValueError unless there is an encoder of these widths."""
    for level, (below, above) in enumerate(pairwise(widths)):
        found = state.get(f"encoder.{level}.weight")
        if found is None or found.shape != (above, below):
            raise ValueError(f"it holds no encoder of widths {', '.join(map(str, widths))}")


def _unreadable(path: Path, error: Exception) -> BenchError:
    return BenchError(f"cannot read a model from {path}: {shorten(str(error), 200)}")
