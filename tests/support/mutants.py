"""The small mistakes that `mutation.py` puts into a module: found in its syntax tree, made in its text."""

import ast
import copy
from collections.abc import Iterator

FLIPS = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.Mult,), ast.Pow: (ast.Mult,), ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,), ast.And: (ast.Or,), ast.Or: (ast.And,), ast.MatMult: (ast.Mult,),
}  # fmt: skip
NAMES = {
    "min": "max", "max": "min", "any": "all", "all": "any", "mean": "sum", "median": "min", "sum": "max",
    "sorted": "list", "square": "abs", "sqrt": "abs", "std": "var", "var": "std", "floor": "ceil", "ceil": "floor",
    "isnan": "isfinite", "isfinite": "isnan", "head": "tail", "nanmean": "nanmedian", "log": "log1p",
}  # fmt: skip
"""What a function is mistaken for."""


def mutants(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Nodes and what stands in their place, for every mistake; not in annotations, decorators and texts."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list") or isinstance(tree, ast.JoinedStr):
            continue
        if isinstance(tree, ast.keyword) and tree.arg == "strict":
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST) and not isinstance(node, ast.Import | ast.ImportFrom):
                if isinstance(node, ast.expr | ast.stmt) and hasattr(node, "lineno"):
                    yield from ((node, ast.unparse(changed)) for changed in _changes(node))
                if isinstance(node, ast.If):
                    yield node.test, f"not ({ast.unparse(node.test)})"
                yield from mutants(node)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                for other in FLIPS.get(type(op), ()):
                    yield _with(node, ops=_put(ops, place, other()))
        case ast.BinOp(op=op) | ast.BoolOp(op=op):
            yield from (_with(node, op=other()) for other in FLIPS.get(type(op), ()))
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(value=float(value)):
            yield from (ast.Constant(value * 1.5), ast.Constant(value + 1))
        case ast.Slice(lower=lower, upper=upper):
            for name, end in (("lower", lower), ("upper", upper)):
                if end:
                    yield _with(node, **{name: ast.BinOp(end, ast.Add(), ast.Constant(1))})
        case ast.IfExp(body=body, orelse=orelse):
            yield _with(node, body=orelse, orelse=body)
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Call(func=func, args=args, keywords=keywords):
            match func:
                case ast.Name(id=name) if name in NAMES:
                    yield _with(node, func=ast.Name(NAMES[name]))
                case ast.Attribute(attr=name) if name in NAMES:
                    yield _with(node, func=_with(func, attr=NAMES[name]))
            if len(args) > 1 and not any(isinstance(one, ast.Starred) for one in args[:2]):
                yield _with(node, args=[args[1], args[0], *args[2:]])
            for place, keyword in enumerate(keywords):
                if keyword.arg not in (None, "strict"):
                    yield _with(node, keywords=_put(keywords, place))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            for place, part in enumerate(node.generators):
                if part.ifs:
                    yield _with(node, generators=_put(node.generators, place, _with(part, ifs=[])))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _put(values: list[ast.AST], place: int, *instead: ast.AST) -> list[ast.AST]:
    return [*values[:place], *instead, *values[place + 1 :]]


def put_in(source: str, node: ast.AST, text: str) -> str:
    """The source with the text in place of the node."""
    content = source.encode()
    lines = content.splitlines(keepends=True)
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    bare = text if isinstance(node, ast.stmt | ast.Slice) else f"({text})"
    return (content[:start] + bare.encode() + content[end:]).decode()
