"""The GPU path: its logic on any machine, its numbers where there is a GPU."""

from collections.abc import Callable

import pytest
import torch

from bench.records.records import Member
from bench.training.cuda_graph import WARM_UP, GraphedStep
from bench.training.population import Population
from variants import Variant, registry

WIDTHS = (12, 9, 7, 5)
MEMBERS = (Member(1e-2, 0), Member(1e-3, 1))
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
EVERY = pytest.mark.parametrize("variant", list(registry().values()), ids=lambda variant: variant.name)


def test_recorded_step_sees_every_batch_in_order() -> None:
    seen: list[list[int]] = []
    recordings = []

    def record(call: Callable[[], None]) -> Callable[[], None]:
        recordings.append(call)
        return call

    step = GraphedStep(lambda _, index: seen.append(index.flatten().tolist()), record)
    images = torch.zeros(10, 1)
    batches = [torch.tensor([[n, n + 1]]) for n in range(WARM_UP + 3)]
    batches.insert(WARM_UP + 1, torch.tensor([[9]]))
    for index in batches:
        step(images, index)
    assert seen == [index.flatten().tolist() for index in batches]
    assert len(recordings) == 1


def test_recording_is_not_used_for_other_images() -> None:
    seen: list[float] = []
    step = GraphedStep(lambda images, _: seen.append(images[0, 0].item()), lambda call: call)
    first, second = torch.zeros(3, 1), torch.ones(3, 1)
    for _ in range(WARM_UP + 1):
        step(first, torch.zeros(1, 2, dtype=torch.int64))
    step(second, torch.zeros(1, 2, dtype=torch.int64))
    assert seen == [0.0] * (WARM_UP + 1) + [1.0]


@EVERY
def test_population_stepped_through_recordings_is_the_same(variant: type[Variant]) -> None:
    direct, recorded = (Population(variant, WIDTHS, MEMBERS, dtype=torch.float64) for _ in range(2))
    recorded._step = GraphedStep(recorded._step_as_is, lambda call: call)
    images = torch.rand(30, WIDTHS[0], dtype=torch.float64)
    for _ in range(8):
        index = torch.randint(30, (2, 6))
        direct.step(images, index)
        recorded.step(images, index)
    for k in range(2):
        for mine, theirs in zip(direct.member(k).parameters(), recorded.member(k).parameters(), strict=True):
            assert torch.equal(mine, theirs)


@needs_gpu
@EVERY
def test_gpu_trains_as_the_cpu_does(variant: type[Variant]) -> None:
    on_cpu, on_gpu = (
        Population(variant, WIDTHS, MEMBERS, dtype=torch.float64, device=device) for device in ("cpu", "cuda")
    )
    images = torch.rand(60, WIDTHS[0], dtype=torch.float64)
    on_device = images.cuda()
    for _ in range(20):
        index = torch.randint(60, (2, 8))
        on_cpu.step(images, index)
        on_gpu.step(on_device, index.cuda())
    for k in range(2):
        for mine, theirs in zip(on_cpu.member(k).parameters(), on_gpu.member(k).parameters(), strict=True):
            assert torch.allclose(mine, theirs, rtol=0, atol=1e-9)
