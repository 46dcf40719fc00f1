"""What stacking, keeping and loading need of a model: its objective as one call, and all its tensors by name."""

from collections.abc import Mapping
from itertools import chain

import torch
from torch import Tensor, nn

from variants.contract.interface import Variant


class Objective(nn.Module):
    """x → objective(variant(x)), 0-dim: one module, so that `torch.func.functional_call` swaps its parameters."""

    def __init__(self, variant: Variant) -> None:
        """The variant's parameters become this module's, named `variant.…`."""
        super().__init__()
        self.variant = variant

    def forward(self, x: Tensor) -> Tensor:
        """The objective on x, (batch, widths[0])."""
        return self.variant.objective(self.variant(x))


def tensors_of(model: nn.Module) -> dict[str, Tensor]:
    """Parameters, then buffers, also those that `state_dict` leaves out; a shared one by its first name."""
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


@torch.no_grad()
def fill(model: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Copy values into the model; ValueError unless they have the names and shapes of `tensors_of`."""
    tensors = tensors_of(model)
    if values.keys() != tensors.keys():
        odd = ", ".join(sorted(values.keys() ^ tensors.keys()))
        raise ValueError(f"the model's tensors must be {', '.join(tensors)}; missing or unknown: {odd}")
    for name, tensor in tensors.items():
        if values[name].shape != tensor.shape:
            raise ValueError(f"{name} must be of shape {[*tensor.shape]} but is of {[*values[name].shape]}")
        tensor.copy_(values[name])


def check_apart(model: nn.Module) -> None:
    """ValueError where two of the model's tensors begin in the same memory: one would overwrite the other."""
    names: dict[int, str] = {}
    for name, tensor in tensors_of(model).items():
        other = names.setdefault(tensor.data_ptr(), name)
        if other != name and tensor.numel():
            raise ValueError(
                f"{name} must have memory of its own but has that of {other}; make both the same Parameter"
            )


def empty(model: nn.Module) -> None:
    """Take the numbers out and leave the structure: tensors without memory, shared where they were."""
    shared = _other_names(model)
    model.to("meta")
    tensors = tensors_of(model)
    for name, first in shared.items():
        owner, _, attribute = name.rpartition(".")
        setattr(model.get_submodule(owner), attribute, tensors[first])


def _other_names(model: nn.Module) -> dict[str, str]:
    """Each further name of a tensor to its first one."""
    firsts: dict[int, str] = {}
    every = chain(model.named_parameters(remove_duplicate=False), model.named_buffers(remove_duplicate=False))
    return {name: first for name, tensor in every if (first := firsts.setdefault(id(tensor), name)) != name}
