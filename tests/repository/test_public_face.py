"""What notebooks, packages of variants and packages of claims import goes on working, wherever it lies."""

import subprocess
import sys
from importlib import import_module

import pytest

FACE = {
    "bench": ["load_mnist", "load_model", "Claim", "Evidence", "Setting", "Verdict"],
    "bench.data": ["load_mnist"],
    "bench.models": ["load_model"],
    "bench.claims": ["Claim", "Evidence", "Setting", "Verdict"],
    "variants": ["Trace", "Untied", "Variant", "registry"],
    "variants.conformance": ["CHECKS"],
    "variants.plain": ["Plain"],
    "variants.layer_bce": ["LayerBce"],
    "variants.layer_mse": ["LayerMse"],
    "variants.truncated": ["Truncated"],
    "variants.tied": ["Tied"],
}
GROUPS = {"variants.registry": "aebench.variants", "bench.analysis.claims.question": "aebench.claims"}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in FACE.items() for name in names]
)
def test_public_name_can_be_imported(module: str, name: str) -> None:
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize(("module", "group"), GROUPS.items())
def test_group_of_entry_points_keeps_its_name(module: str, group: str) -> None:
    assert group == import_module(module).GROUP


def test_face_of_the_bench_is_listed_and_nothing_else_is_there() -> None:
    bench = import_module("bench")
    assert sorted(FACE["bench"]) == sorted(bench.PUBLIC)
    assert set(FACE["bench"]) <= set(dir(bench))
    with pytest.raises(AttributeError, match=r"^module 'bench' has no attribute 'nothing'$"):
        _ = bench.nothing


def test_importing_the_face_loads_nothing_heavy() -> None:
    code = "import sys, bench, bench.data; print(*({'torch', 'pandas', 'optuna'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
