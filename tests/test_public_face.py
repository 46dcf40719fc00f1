"""What notebooks, packages of variants and packages of claims import goes on working, wherever it lies."""

from importlib import import_module

import pytest

FACE = {
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
GROUPS = {"variants.registry": "aebench.variants", "bench.known_claims": "aebench.claims"}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in FACE.items() for name in names]
)
def test_public_name_can_be_imported(module: str, name: str) -> None:
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize(("module", "group"), GROUPS.items())
def test_group_of_entry_points_keeps_its_name(module: str, group: str) -> None:
    assert import_module(module).GROUP == group
