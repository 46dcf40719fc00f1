"""What PyTorch lets a module do, an outside variant may do: it is trained, kept and loaded like others."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch
from ablating import ablate
from optuna.distributions import FloatDistribution
from torch import Tensor, nn

from bench.data.split import Split
from bench.engine.inline import InlineEngine
from bench.engine.protocol import UnitFailedError
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.records import Member, Unit
from bench.report.findings import findings
from bench.run.progress import Display
from bench.training.model_files import load_model
from bench.training.population import Population, initialise
from variants import Trace, Variant
from variants.contract.conformance import (
    CHECKS,
    comes_back_from_what_is_saved_of_it,
    has_a_buffer_for_each_hyperparameter,
)
from variants.plain import Plain

WIDTHS = (12, 9, 7)
GROUP = "aebench.variants"


class Outside(Plain):
    """Plain, and a term that needs `extra`."""

    name = "outside"

    def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:
        super().__init__(widths, generator)
        self.prepare()

    def prepare(self) -> None:
        """Set up what `extra` uses."""

    def extra(self, x: Tensor) -> Tensor:
        """To be kept small, too."""
        return x.new_zeros(())

    def objective(self, trace: Trace) -> Tensor:
        return super().objective(trace) + 1e-2 * self.extra(trace.encoder[0]).square().mean()


class TwoNames(Outside):
    """One Parameter in two layers, PyTorch's usual tying."""

    def prepare(self) -> None:
        self.second = nn.Linear(self.widths[0], self.widths[1], bias=False)
        self.second.weight = self.encoder[0].weight

    def extra(self, x: Tensor) -> Tensor:
        found: Tensor = self.second(x)
        return found


class TwoPlaces(Outside):
    """One layer in two places."""

    def prepare(self) -> None:
        self.first = self.encoder[0]

    def extra(self, x: Tensor) -> Tensor:
        found: Tensor = self.first(x)
        return found


class Unsaved(Outside):
    """A buffer that `state_dict` leaves out."""

    def prepare(self) -> None:
        self.register_buffer("scale", torch.tensor(0.5), persistent=False)

    def extra(self, x: Tensor) -> Tensor:
        return self.scale * self.encoder[0](x)


class OneBuffer(Outside):
    """One buffer under two names, of a hyperparameter."""

    space = {"sparsity": FloatDistribution(0, 1)}  # noqa: RUF012

    def prepare(self) -> None:
        self.register_buffer("sparsity", torch.tensor(0.5))
        self.register_buffer("again", self.sparsity)

    def extra(self, x: Tensor) -> Tensor:
        return self.again * self.encoder[0](x)


class Constant(Outside):
    """A tensor that is neither parameter nor buffer, the same in every model."""

    def prepare(self) -> None:
        self.scale = torch.tensor(0.5)

    def extra(self, x: Tensor) -> Tensor:
        return self.scale * self.encoder[0](x)


class SameMemory(Outside):
    """Two parameters that overwrite each other."""

    def prepare(self) -> None:
        self.second = nn.Parameter(self.encoder[0].weight.detach().mT)

    def extra(self, x: Tensor) -> Tensor:
        return x @ self.second


class Hidden(Outside):
    """A random number that is no buffer."""

    def __init__(self, widths: Sequence[int], generator: torch.Generator | None = None) -> None:
        super().__init__(widths, generator)
        self.scale = torch.rand((), generator=generator, dtype=torch.float64)

    def extra(self, x: Tensor) -> Tensor:
        return self.scale * self.encoder[0](x)


class NoBuffer(Outside):
    space = {"sparsity": FloatDistribution(0, 1)}  # noqa: RUF012


class LongBuffer(NoBuffer):
    def prepare(self) -> None:
        self.register_buffer("sparsity", torch.ones(1))


EVERY = pytest.mark.parametrize("variant", [TwoNames, TwoPlaces, Unsaved, OneBuffer, Constant])


@EVERY
def test_ordinary_module_conforms(variant: type[Variant]) -> None:
    for check in CHECKS:
        check(variant)


@EVERY
@pytest.mark.parametrize("capture", [True, False], ids=["captured", "eager"])
def test_ordinary_module_trains_stacked_as_alone(variant: type[Variant], capture: bool) -> None:
    members = [Member(1e-2, seed, dict.fromkeys(variant.space, 0.25 * (seed + 1))) for seed in range(2)]
    images = torch.rand(40, WIDTHS[0], generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    index = torch.arange(40).view(5, 1, 8).expand(5, 2, 8)
    population = Population(variant, WIDTHS, members, dtype=torch.float64, capture=capture)
    for batch in index:
        population.step(images, batch)
    for row, member in enumerate(members):
        alone = initialise(variant, WIDTHS, member).double()
        adam = torch.optim.Adam(alone.parameters(), lr=member.lr)
        for batch in index:
            adam.zero_grad()
            alone.objective(alone(images[batch[row]])).backward()
            adam.step()
        kept = population.member(row)
        assert torch.allclose(kept(images).logits, alone(images).logits, rtol=0, atol=1e-10)
        assert torch.allclose(
            kept.objective(kept(images)), alone.objective(alone(images)), rtol=0, atol=1e-10
        )


@EVERY
def test_unit_of_an_ordinary_module_leaves_a_model_that_can_be_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, plan: Plan, split: Split, display: Display,
    variant: type[Variant],
) -> None:  # fmt: skip
    _declare(monkeypatch, variant)
    trained = InlineEngine(split, display.tell).submit(_job(plan, variant)).result()
    assert trained.model is not None
    (tmp_path / "model.safetensors").write_bytes(trained.model)
    model = load_model(tmp_path / "model.safetensors")
    error = (model(split.test.images).decoder[0] - split.test.images).square().mean().item()
    outcome = trained.records[0].outcome
    assert outcome is not None
    assert outcome.test.mse == pytest.approx(error, rel=1e-5)
    assert all(model.get_buffer(name) == 0.25 for name in variant.space)


def test_hyperparameter_of_a_variants_own_is_tuned_and_confirmed(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, split: Split, display: Display, folder: Path
) -> None:
    _declare(monkeypatch, OneBuffer)
    assert ablate(replace(plan, variants=("outside",)), folder, split, display)
    found = findings(folder)
    (best,) = found.trials.loc[found.trials["best"], "sparsity"]
    assert found.trials["sparsity"].nunique() == plan.trials
    assert (
        found.members.loc[found.members["variant"] == "outside", "sparsity"].tolist() == [best] * plan.seeds
    )
    model = load_model(folder / "models" / "outside.safetensors")
    assert model.get_buffer("sparsity").item() == pytest.approx(best)


def test_unit_of_parameters_that_overwrite_each_other_fails_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, split: Split, display: Display
) -> None:
    _declare(monkeypatch, SameMemory)
    with pytest.raises(UnitFailedError, match=r"^ValueError: encoder\.0\.weight must have memory of its own"):
        InlineEngine(split, display.tell).submit(_job(plan, SameMemory)).result()


@pytest.mark.parametrize(
    ("check", "variant", "rule"),
    [
        (comes_back_from_what_is_saved_of_it, SameMemory, "must have memory of its own"),
        (comes_back_from_what_is_saved_of_it, Hidden, "must be a parameter or a buffer"),
        (has_a_buffer_for_each_hyperparameter, NoBuffer, "sparsity of space must be a buffer"),
        (has_a_buffer_for_each_hyperparameter, LongBuffer, "sparsity of space must be 0-dim"),
    ],
)
def test_broken_rule_is_named(
    check: Callable[[type[Variant]], None], variant: type[Variant], rule: str
) -> None:
    with pytest.raises(AssertionError, match=rule):
        check(variant)


def _declare(monkeypatch: pytest.MonkeyPatch, variant: type[Variant]) -> None:
    home = import_module("variants.registry")
    entry = EntryPoint("x", f"{__name__}:{variant.__name__}", GROUP)
    monkeypatch.setattr(home, "entry_points", lambda group: [entry] if group == GROUP else [])


def _job(plan: Plan, variant: type[Variant]) -> Job:
    members = (Member(1e-2, 0, dict.fromkeys(variant.space, 0.25)),)
    return Job(Unit(plan.identity, variant.name, "confirm", members, 1), plan)
