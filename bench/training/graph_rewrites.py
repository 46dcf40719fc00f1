"""Rewrites of a captured ATen graph: the same values from fewer and better kernels."""

from typing import Any, TypeGuard

import torch
from torch import fx

aten = torch.ops.aten
VIEWS = frozenset(
    {
        aten.alias.default,
        aten.detach.default,
        aten.expand.default,
        aten.permute.default,
        aten.select.int,
        aten.slice.Tensor,
        aten.squeeze.dim,
        aten.t.default,
        aten.transpose.int,
        aten.unsqueeze.default,
        aten.view.default,
        aten._unsafe_view.default,
    }
)
"""Operations that show the memory of their first argument in another shape."""
CONSTANTS = frozenset(
    {
        aten.full_like.default,
        aten.new_full.default,
        aten.new_ones.default,
        aten.new_zeros.default,
        aten.ones_like.default,
        aten.zeros_like.default,
    }
)
"""Operations that take nothing from their first argument but its shape and kind."""


def simplify(graph: fx.Graph) -> None:
    """Rewrite in place until nothing dead, doubled or needlessly transposed is left."""
    passes = (_skip_identity, _reuse_equal, _transpose_factors, _skip_identity, _add_within_product)
    for rewrite in passes:
        for node in list(graph.nodes):
            if node.op == "call_function":
                rewrite(node)
        graph.eliminate_dead_code()


def _skip_identity(node: fx.Node) -> None:
    """Views and copies that keep the layout, and products with 1, give their argument."""
    source = node.args[0] if node.args else None
    if not isinstance(source, fx.Node):
        return
    times_one = node.target is aten.mul.Scalar and node.args[1] == 1
    keeps = node.target in VIEWS or node.target is aten.clone.default
    if (keeps and _same_layout(node, source)) or times_one:
        node.replace_all_uses_with(source)


def _reuse_equal(node: fx.Node) -> None:
    """An operation done before on the same arguments gives its earlier value."""
    if not node.all_input_nodes:
        return
    source = min(node.all_input_nodes, key=lambda argument: len(argument.users))
    for twin in source.users:
        same = (twin.target, twin.args, twin.kwargs) == (node.target, node.args, node.kwargs)
        if same and twin is not node and twin < node:
            node.replace_all_uses_with(twin)
            return


def _transpose_factors(node: fx.Node) -> None:
    """(A B)ᵀ is computed as Bᵀ Aᵀ: the factors turn for nothing, the product would be copied."""
    if node.target is not aten.transpose.int or set(node.args[1:]) != {1, 2}:
        return
    product = node.args[0]
    if not _is_own_product(product):
        return
    with node.graph.inserting_before(node):
        turned = [_call(node, aten.transpose.int, factor, 1, 2) for factor in reversed(product.args)]
        node.replace_all_uses_with(_call(node, aten.bmm.default, *turned))


def _add_within_product(node: fx.Node) -> None:
    """C + A B is one kernel, `baddbmm`."""
    if node.target is not aten.add.Tensor or node.kwargs:
        return
    for product, summand in (node.args, node.args[::-1]):
        if _is_own_product(product) and _fills(summand, node):
            with node.graph.inserting_before(node):
                sum_ = _call(node, aten.baddbmm.default, summand, *product.args)
            node.replace_all_uses_with(sum_)
            return


def _is_own_product(value: Any) -> TypeGuard[fx.Node]:
    """Whether this is a batched product that only one operation reads."""
    return isinstance(value, fx.Node) and value.target is aten.bmm.default and len(value.users) == 1


def _fills(value: Any, node: fx.Node) -> TypeGuard[fx.Node]:
    """Whether this value has the shape of the node's, or one that broadcasts to it from three dimensions."""
    return isinstance(value, fx.Node) and bool(value.meta["val"].dim() == node.meta["val"].dim() == 3)


def _same_layout(node: fx.Node, source: fx.Node) -> bool:
    """Whether both show the same entries at the same places."""
    value, origin = node.meta["val"], source.meta["val"]
    return bool(value.shape == origin.shape and value.stride() == origin.stride())


def _call(node: fx.Node, op: Any, *arguments: Any) -> fx.Node:
    """A new node before the insertion point, with the shape that its result will have."""
    new = node.graph.call_function(op, arguments)
    new.meta["val"] = op(*fx.map_arg(arguments, lambda argument: argument.meta["val"]))
    return new
