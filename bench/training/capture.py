"""A tensor function captured once as a flat list of kernels on fixed buffers, then replayed.

Eager PyTorch spends a good part of a small model's step on dispatch, on fresh memory for every result and
on values nobody uses (the loss itself, when only its gradient is wanted). A captured function is its ATen
graph with the dead part removed and every result written into memory set aside at the start.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch._ops import OpOverload
from torch.fx.experimental.proxy_tensor import make_fx

from bench.training.graph_rewrites import CONSTANTS, VIEWS, simplify

Function = Callable[..., Sequence[Tensor]]


class NotCapturableError(Exception):
    """The function holds an operation that cannot be replayed into fixed memory; run it as it is."""


class Capture:
    """`function(*inputs)` as a replay: write new values into `inputs`, call, read what it returns.

    function: a pure function of tensors whose operations do not depend on values; inputs: its arguments,
    which the capture reads in place at every call. Raises NotCapturableError.
    """

    def __init__(self, function: Function, *inputs: Tensor) -> None:
        """Trace without computing, simplify, and set memory aside."""
        module = make_fx(torch.func.functionalize(function), tracing_mode="fake")(*inputs)
        simplify(module.graph)
        with torch.no_grad():
            plan = _Plan(module, inputs)
        self._kernels = plan.kernels
        self._outputs = plan.outputs

    def __call__(self) -> tuple[Tensor, ...]:
        """Run every kernel; the outputs are the same tensors at every call, with new values."""
        with torch.no_grad():
            for kernel, arguments, keywords in self._kernels:
                kernel(*arguments, **keywords)
        return self._outputs


class _Plan:
    """Where each value of the graph lives and which kernels fill it, found in one walk in running order."""

    def __init__(self, module: fx.GraphModule, inputs: Sequence[Tensor]) -> None:
        self.kernels: list[tuple[OpOverload, tuple[Any, ...], dict[str, Any]]] = []
        self.outputs: tuple[Tensor, ...] = ()
        self._bases, self._last_use = _lifetimes(module.graph)
        self._tensors: dict[fx.Node, Tensor] = {}
        self._constant: set[fx.Node] = set()
        self._owned: dict[fx.Node, Tensor] = {}
        self._free: defaultdict[tuple[int, torch.dtype], list[Tensor]] = defaultdict(list)
        waiting = iter(inputs)
        for node in module.graph.nodes:
            if node.op == "placeholder":
                self._tensors[node] = next(waiting)
            elif node.op == "get_attr":
                self._tensors[node] = getattr(module, node.target)
                self._constant.add(node)
            elif node.op == "call_function":
                self._place(node)
            else:
                self.outputs = tuple(self._tensors[value] for value in node.args[0])

    def _place(self, node: fx.Node) -> None:
        """A view, and a value that only constants enter, is made now; anything else becomes a kernel."""
        op = node.target
        if not isinstance(op, OpOverload) or not isinstance(node.meta["val"], Tensor):
            raise NotCapturableError(f"{op} does not give one tensor")
        arguments = fx.map_arg(node.args, self._tensors.__getitem__)
        keywords = dict(fx.map_arg(node.kwargs, self._tensors.__getitem__))
        constant = op in CONSTANTS or self._constant.issuperset(node.all_input_nodes)
        if constant:
            self._constant.add(node)
        if constant or op in VIEWS:
            self._tensors[node] = op(*arguments, **keywords)
            return
        kernel, out = _out_variant(op)
        self._tensors[node] = self._owned[node] = self._room(node)
        self.kernels.append((kernel, arguments, keywords | {out: self._tensors[node]}))
        self._release(node)

    def _room(self, node: fx.Node) -> Tensor:
        """Memory for the value: an elementwise operand's that ends here, a freed one, or new."""
        value = node.meta["val"]
        if torch.Tag.pointwise in node.target.tags:  # type: ignore[union-attr]
            bases = [self._bases[source] for source in node.all_input_nodes]
            for source in node.all_input_nodes:
                tensor = self._owned.get(source)
                ends = self._last_use.get(source) is node and bases.count(source) == 1
                if tensor is not None and ends and _alike(tensor, value):
                    del self._owned[source]
                    return tensor
        freed = self._free[value.numel(), value.dtype]
        if freed:
            return freed.pop().view(value.shape)
        return torch.empty(value.shape, dtype=value.dtype, device=value.device)

    def _release(self, node: fx.Node) -> None:
        """Give back the memory of the values that are read here for the last time."""
        for base in {self._bases[source] for source in node.all_input_nodes}:
            if base in self._owned and self._last_use[base] is node:
                tensor = self._owned.pop(base)
                self._free[tensor.numel(), tensor.dtype].append(tensor)


def _alike(tensor: Tensor, value: Tensor) -> bool:
    """Whether the value can overwrite the tensor element by element."""
    return tensor.shape == value.shape and tensor.dtype == value.dtype


def _lifetimes(graph: fx.Graph) -> tuple[dict[fx.Node, fx.Node], dict[fx.Node, fx.Node]]:
    """For each node the value whose memory it shows, and for each value the node that reads it last."""
    bases: dict[fx.Node, fx.Node] = {}
    last_use: dict[fx.Node, fx.Node] = {}
    for node in graph.nodes:
        bases[node] = bases[node.all_input_nodes[0]] if node.target in VIEWS else node
        for source in node.all_input_nodes:
            last_use[bases[source]] = node
    return bases, last_use


def _out_variant(op: OpOverload) -> tuple[OpOverload, str]:
    """The overload of `op` that writes into a given tensor, and that argument's name."""
    wanted = [(argument.name, str(argument.type)) for argument in op._schema.arguments]
    for name in op.overloadpacket.overloads():
        candidate: OpOverload = getattr(op.overloadpacket, name)
        given = candidate._schema.arguments
        outs = [argument.name for argument in given if argument.is_out]
        if len(outs) == 1 and [(a.name, str(a.type)) for a in given if not a.is_out] == wanted:
            return candidate, outs[0]
    raise NotCapturableError(f"{op} cannot write into given memory")
