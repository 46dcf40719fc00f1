"""Outside variants come in by entry point, or are refused with the reason."""

from importlib import import_module
from importlib.metadata import EntryPoint

import pytest

from variants import registry
from variants.plain import Plain
from variants.registry import checked


class Another(Plain):
    name = "another"


class Unnamed(Plain):
    name = "An other"


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
    ("candidate", "reason"), [(int, "subclass"), (3, "subclass"), (Unnamed, "name of lower-case letters")]
)
def test_what_is_no_variant_is_refused(candidate: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        checked(candidate, "somewhere:thing")


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
