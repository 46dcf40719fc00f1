"""Outside variants come in by entry point, or are refused with the reason."""

import re
from importlib import import_module
from importlib.metadata import EntryPoint

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from torch import Tensor

from bench.plan import VARIANT_NAME, Plan
from bench.presets import WITH_CONTROLS
from variants import Trace, Untied, registry
from variants.plain import Plain
from variants.registry import checked


class Another(Plain):
    name = "another"


class Untold(Untied):
    name = "untold"

    def objective(self, trace: Trace) -> Tensor:
        return trace.logits.mean()


def like_another(**attributes: object) -> type:
    return type("LikeAnother", (Another,), attributes)


NAMES = "a name of at most 40 lower-case letters, digits and underscores, a letter first but has"
STEPS = "steps that map the names of variants to a line each but has"
SPACE = "a space that maps names but lr to numeric distributions of Optuna's but has"


def test_outside_variant_stands_after_the_built_in_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch, f"{__name__}:Another")
    assert list(registry())[-1] == "another"
    assert registry()["another"].__name__ == "Another"


def test_packages_are_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = _declare(monkeypatch, f"{__name__}:Another")
    assert registry() is registry()
    assert len(looked) == 1
    monkeypatch.syspath_prepend("elsewhere")
    assert "another" in registry()
    assert len(looked) == 2


def test_entry_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch, "nowhere_at_all:Thing")
    with pytest.raises(
        ValueError, match=r"^nowhere_at_all:Thing cannot be loaded \(ModuleNotFoundError: .*\); mend"
    ):
        registry()


def test_taken_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _declare(monkeypatch, "variants.plain:Plain")
    with pytest.raises(ValueError, match=r"variant name 'plain' .* is taken"):
        registry()


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (int, "must be a subclass of variants.Variant but is <class 'int'>"),
        (3, "must be a subclass of variants.Variant but is 3"),
        (like_another(name="An other"), f"must have {NAMES} 'An other'"),
        (like_another(name=3), f"must have {NAMES} 3"),
        (Untold, "must have a summary of one line but has None"),
        (like_another(summary="one\ntwo"), "must have a summary of one line but has 'one\\ntwo'"),
        (like_another(steps=("plain",)), f"must have {STEPS} ('plain',)"),
        (like_another(steps={"plain": None}), f"must have {STEPS} {{'plain': None}}"),
        (
            like_another(space={"sparsity": CategoricalDistribution(["low"])}),
            f"must have {SPACE} {{'sparsity': CategoricalDistribution",
        ),
        (like_another(space={"lr": FloatDistribution(0, 1)}), f"must have {SPACE} {{'lr': FloatDistribution"),
        (like_another(space=None), f"must have {SPACE} None"),
    ],
)
def test_what_is_no_variant_is_refused(candidate: object, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"somewhere:thing {reason}")) as raised:
        checked(candidate, "somewhere:thing")
    assert len(str(raised.value).splitlines()) == 1


def test_variant_with_hyperparameters_of_its_own_is_admitted() -> None:
    spacious = like_another(space={"sparsity": FloatDistribution(0, 1), "rank": IntDistribution(1, 4)})
    assert checked(spacious, "somewhere:thing") is spacious


def _declare(monkeypatch: pytest.MonkeyPatch, value: str) -> list[str]:
    """Returns the groups that are asked for from now on."""
    entry = EntryPoint("x", value, "aebench.variants")
    home = import_module("variants.registry")
    asked: list[str] = []

    def entry_points(group: str) -> list[EntryPoint]:
        asked.append(group)
        return [entry] if group == home.GROUP else []

    monkeypatch.setattr(home, "entry_points", entry_points)
    return asked


def test_names_that_a_plan_has_without_torch_are_the_registrys() -> None:
    module = import_module("variants.registry")
    assert tuple(one.name for one in module.BUILT_IN) == Plan().variants
    assert tuple(module.OWN) == WITH_CONTROLS
    assert module.VARIANT_NAME.pattern == VARIANT_NAME.pattern
