"""K models of one variant trained in lockstep as one model with stacked parameters.

The variant describes one model and knows nothing of this: `torch.func` stacks the K sets of parameters and
maps the objective over them, so that every `Linear` becomes one batched product.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from bench.records.records import Member
from bench.seeds import derive_seed
from bench.training.adam import MembersAdam
from bench.training.cuda_graph import GraphedStep
from bench.training.gradient import StackedGradient
from variants import Trace, Variant
from variants.contract.stacking import check_apart, empty, fill

ADAM_STATE = ("step", "exp_avg", "exp_avg_sq")
"""What PyTorch's Adam keeps of each parameter."""


class Population:
    """K members of one variant as stacked parameters, each with its own learning rate and Adam state."""

    def __init__(
        self,
        variant: type[Variant],
        widths: Sequence[int],
        members: Sequence[Member],
        *,
        eps: float = 1e-8,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        capture: bool = True,
    ) -> None:
        """Draw every member's weights from its own seed.

        eps: Adam's; dtype: of parameters and activations; capture: replay the step from fixed memory where
        the variant allows it, instead of running it eagerly.
        """
        models = [initialise(variant, widths, member).to(device, dtype) for member in members]
        stacked = stack_module_state(models)
        self._parameters, self._buffers = ({n: v.detach() for n, v in kind.items()} for kind in stacked)
        self._template = models[0]
        empty(self._template)
        self._eps, self._capture = eps, capture
        self.members = tuple(members)
        self._prepare([])

    def __len__(self) -> int:
        """K, the number of members."""
        return len(self.members)

    def step(self, images: Tensor, index: Tensor) -> None:
        """One step of Adam for every member k on its own batch images[index[k]].

        images: (n, widths[0]); index: (K, batch), integers below n.
        """
        self._step(images, index)

    @torch.no_grad()
    def trace(self, x: Tensor) -> Trace:
        """Every member's pass over the same images x, (images, widths[0]); each value gains a leading K."""

        def run(state: dict[str, Tensor]) -> Trace:
            trace: Trace = functional_call(self._template, state, (x,))
            return trace

        return Trace(*vmap(run)(self._parameters | self._buffers))

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with the members at these positions only, in this order; the others' work ends here."""
        states = [[self._adam.state(row)[slice_] for slice_ in self._slices[row]] for row in rows]
        index = torch.tensor(list(rows), device=next(iter(self._parameters.values())).device)
        self._parameters = {name: value[index] for name, value in self._parameters.items()}
        self._buffers = {name: value[index] for name, value in self._buffers.items()}
        self.members = tuple(self.members[row] for row in rows)
        self._prepare(states)

    def state(self) -> dict[str, Tensor]:
        """All that training goes on from, by name: the stacked weights, and Adam's moments and steps."""
        tensors = {f"weight.{name}": value for name, value in self._parameters.items()}
        for kind in ADAM_STATE:
            for place, name in enumerate(self._parameters):
                kept = [self._adam.state(k)[slices[place]][kind] for k, slices in enumerate(self._slices)]
                tensors[f"{kind}.{name}"] = torch.stack(kept)
        return {name: value.cpu().contiguous() for name, value in tensors.items()}

    def restore(self, rows: Sequence[int], state: Mapping[str, Tensor]) -> None:
        """Go on with the members at these positions only, from the `state` of a population of just these."""
        self.keep(rows)
        device = next(iter(self._parameters.values())).device
        for name, value in self._parameters.items():
            value.copy_(state[f"weight.{name}"])
        for k, slices in enumerate(self._slices):
            for name, slice_ in zip(self._parameters, slices, strict=True):
                kept = {kind: state[f"{kind}.{name}"][k] for kind in ADAM_STATE}
                self._adam.state(k)[slice_] = {kind: value.clone().to(device) for kind, value in kept.items()}

    def member(self, row: int) -> Variant:
        """The member at this position as an ordinary module on the CPU, with weights of its own."""
        model = type(self._template)(self._template.widths)
        model.to(next(iter(self._parameters.values())).dtype)
        fill(model, {name: stack[row] for name, stack in (self._parameters | self._buffers).items()})
        return model

    def _step_as_is(self, images: Tensor, index: Tensor) -> None:
        """The gradients, and Adam on them, kernel by kernel."""
        stacks = self._gradient(images, index)
        for k, slices in enumerate(self._slices):
            for slice_, stack in zip(slices, stacks, strict=True):
                slice_.grad = stack[k]
        self._adam.step()

    def _prepare(self, states: Sequence[Sequence[Any]]) -> None:
        """Make the optimiser over the stacks' slices, going on from `states`, and the gradient."""
        self._slices = [[stack[k] for stack in self._parameters.values()] for k in range(len(self))]
        self._adam = MembersAdam(self._slices, [member.lr for member in self.members], eps=self._eps)
        for k, kept in enumerate(states):
            self._adam.state(k).update(zip(self._slices[k], kept, strict=True))
        self._gradient = StackedGradient(
            self._template, self._parameters, self._buffers, capture=self._capture
        )
        on_gpu = self._slices[0][0].is_cuda
        self._step = GraphedStep(self._step_as_is) if on_gpu and self._capture else self._step_as_is


def initialise(variant: type[Variant], widths: Sequence[int], member: Member) -> Variant:
    """The member's model before training, float32 on the CPU: a function of its seed and hyperparameters."""
    generator = torch.Generator().manual_seed(derive_seed("weights", member.seed))
    model = variant(widths, generator)
    for name, value in member.extra.items():
        model.get_buffer(name).fill_(value)
    check_apart(model)
    return model
