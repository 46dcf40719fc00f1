"""What `aebench perf` counts and compares is what it says."""

from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.perf.loops import user_loss
from bench.perf.measure import Timing, step_flop
from bench.perf.report import perf_rows, write_perf_report
from bench.records.records import Member
from bench.training.population import Population
from variants import Variant, registry
from variants.registry import BUILT_IN

WIDTHS = (48, 24, 16, 8)
EVERY = pytest.mark.parametrize("variant", list(registry().values()), ids=lambda variant: variant.name)


@EVERY
def test_counted_flop_are_those_of_a_captured_step(variant: type[Variant]) -> None:
    population = Population(variant, WIDTHS, [Member(1e-3, 0), Member(1e-3, 1)])
    images, index = torch.rand(40, WIDTHS[0]), torch.randint(40, (2, 16))
    population.step(images, index)
    with FlopCounterMode(display=False) as counter:
        population.step(images, index)
    assert counter.get_total_flops() == step_flop(variant.name, WIDTHS) * 16 * 2


def test_plain_flop_by_hand() -> None:
    layers = [4 * 3, 3 * 2, 2 * 3, 3 * 4]
    assert step_flop("plain", (4, 3, 2)) == 6 * sum(layers) - 2 * 4 * 3


@pytest.mark.parametrize("variant", BUILT_IN, ids=lambda variant: variant.name)
def test_users_loop_trains_on_the_variants_objective(variant: type[Variant]) -> None:
    model = variant(WIDTHS, torch.Generator().manual_seed(0)).double()
    x = torch.rand(10, WIDTHS[0], generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ours = torch.autograd.grad(model.objective(model(x)), list(model.parameters()))
    theirs = torch.autograd.grad(user_loss(model, x), list(model.parameters()))
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.allclose(mine, other, rtol=1e-9, atol=1e-15)


def test_table_and_figures_are_left(tmp_path: Path) -> None:
    timings = [
        Timing("plain", loop, members, seconds, seconds, seconds, 10.0, 0.1, 5.0)
        for loop, members, seconds in (("DataLoader", 1, 12.0), ("tensor", 1, 4.0), ("population", 8, 2.0))
    ]
    frame = write_perf_report(
        tmp_path, timings, (784, 50), {"peak_gflop_per_s": 100.0, "copy_gb_per_s": 10.0}
    )
    assert frame["times_faster_than_user"].tolist() == [1.0, 3.0, 6.0]
    assert [row[:3] for row in perf_rows(frame)[1]] == [
        ["plain", "DataLoader", "1"],
        ["plain", "tensor", "1"],
        ["plain", "population", "8"],
    ]
    names = {"perf.csv", "perf.md", "machine.json", "cost.svg", "roofline.svg"}
    assert {path.name for path in tmp_path.iterdir()} == names
