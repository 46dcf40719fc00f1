"""Small mistakes put into a module on purpose, to see whether its tests notice them.

    python tests/studies/mutation.py bench/training/train.py --tests tests/training/test_epoch_loop.py --sample 30

Each mistake is made in a copy of the tree, alone, and the tests run on it up to the first failure, without the long
ones; a test that hangs counts as one that fails. What no test noticed is printed as file:line:column, before, after:
either a test is missing, or the mistake changes nothing that anybody could see. The sample is random, the same for
the same --seed. A run of the tests is a fork of a process that has imported what takes long to import.
"""

import argparse
import ast
import compileall
import gc
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "support"))

from mutants import mutants, put_in  # noqa: E402 - found beside what else helps tests

HEAVY = (
    "torch.fx.experimental.proxy_tensor", "optuna", "pandas", "scipy.stats", "sklearn.linear_model",
    "sklearn.datasets", "sklearn.decomposition", "statsmodels.stats.multitest", "sqlalchemy", "seaborn", "jinja2",
    "filelock", "safetensors.torch", "pytest",
)  # fmt: skip


def notices(tree: Path, tests: Sequence[str], limit: float) -> bool:
    """Whether a test fails on the tree as it is, or takes longer than that many seconds."""
    child = os.fork()
    if child == 0:
        failed = 1
        try:
            os.setpgid(0, 0)
            os.chdir(tree)
            sys.path[:0] = [str(tree), str(tree / "tests" / "support")]
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
    root = ROOT
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
