"""Small mistakes put into a module on purpose, to see whether its tests notice them.

    python tests/mutation.py bench/train.py --tests tests/test_train.py tests/test_epoch_loop.py --sample 30

Each mistake is made in a copy of the tree, alone, and the tests run on it up to the first failure, without the long
ones; a test that hangs counts as one that fails. What no test noticed is printed as file:line:column, before, after:
either a test is missing, or the mistake changes nothing that anybody could see. The sample is random, the same for
the same --seed. A run of the tests is a fork of a process that has imported what takes long to import.
"""

import argparse
import ast
import compileall
import copy
import gc
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from py_compile import PycInvalidationMode

HEAVY = (
    "torch.fx.experimental.proxy_tensor", "optuna", "pandas", "scipy.stats", "sklearn.linear_model",
    "sklearn.datasets", "sklearn.decomposition", "statsmodels.stats.multitest", "sqlalchemy", "seaborn", "jinja2",
    "filelock", "safetensors.torch", "pytest",
)  # fmt: skip
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


def notices(tree: Path, tests: Sequence[str], limit: float) -> bool:
    """Whether a test fails on the tree as it is, or takes longer than that many seconds."""
    child = os.fork()
    if child == 0:
        failed = 1
        try:
            os.setpgid(0, 0)
            os.chdir(tree)
            sys.path[:0] = [str(tree), str(tree / "tests")]
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            failed = import_module("pytest").main(["-x", "-m", "not long", "-p", "no:cacheprovider", *tests])
        finally:
            os._exit(failed)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def main() -> None:
    """Put in a sample of mistakes, one by one, and print which the tests let pass."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("module")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    root = Path(__file__).resolve().parents[1]
    source = (root / asked.module).read_text()
    found = list(mutants(ast.parse(source)))
    chosen = random.Random(asked.seed).sample(found, min(asked.sample, len(found)))
    for name in HEAVY:
        import_module(name)
    gc.freeze()
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(root, tree, ignore=shutil.ignore_patterns(".*", "results", "__pycache__"))
        # A module that changes within a second, and not in length, would else be taken for what it was.
        compileall.compile_dir(tree, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
        began = time.monotonic()
        if notices(tree, asked.tests, 600):
            sys.exit("the tests fail without any mistake")
        limit = 10 + 4 * (time.monotonic() - began)
        survived = 0
        for node, text in sorted(chosen, key=lambda one: one[0].lineno):
            (tree / asked.module).write_text(put_in(source, node, text))
            if not notices(tree, asked.tests, limit):
                survived += 1
                before = " ".join((ast.get_source_segment(source, node) or "").split())
                line = source.splitlines()[node.lineno - 1].strip()
                print(
                    f"{asked.module}:{node.lineno}:{node.col_offset}: {line}\n    {before}  ->  {text}",
                    flush=True,
                )
    used = os.times()
    seconds = used.children_user + used.children_system
    print(f"{asked.module}: {len(found)} mutants, {len(chosen)} tried, {len(chosen) - survived} killed, "
          f"{survived} survived; {seconds:.0f} s of CPU")  # fmt: skip


if __name__ == "__main__":
    main()
