"""The GPU path: its logic on any machine, its numbers where there is a GPU."""

import gc
from collections.abc import Callable
from functools import lru_cache

import pytest
import torch

from bench.data.split import Split
from bench.engine.work import execute
from bench.plan import Plan
from bench.records.jobs import Job
from bench.records.records import Member, Unit
from bench.run.progress import Display
from bench.training.adam import MembersAdam
from bench.training.cuda_graph import WARM_UP_STEPS, GraphedStep
from bench.training.population import Population
from bench.training.train import train
from variants import Variant, registry
from variants.plain import Plain

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
    batches = [torch.tensor([[n, n + 1]]) for n in range(WARM_UP_STEPS + 3)]
    batches.insert(WARM_UP_STEPS + 1, torch.tensor([[9]]))
    for index in batches:
        step(images, index)
    assert seen == [index.flatten().tolist() for index in batches]
    assert len(recordings) == 1


def test_smaller_batch_at_the_end_of_each_epoch_has_a_recording_of_its_own() -> None:
    seen: list[list[int]] = []
    replayed: list[int] = []

    def record(call: Callable[[], None]) -> Callable[[], None]:
        def replay() -> None:
            call()
            replayed.append(len(seen[-1]))

        return replay

    step = GraphedStep(lambda _, index: seen.append(index.flatten().tolist()), record)
    images = torch.zeros(10, 1)
    epoch = [torch.tensor([[0, 1]]), torch.tensor([[2, 3]]), torch.tensor([[4]])]
    for _ in range(WARM_UP_STEPS + 1):
        for index in epoch:
            step(images, index)
    assert seen == [index.flatten().tolist() for index in epoch] * (WARM_UP_STEPS + 1)
    assert replayed.count(2) == 2 * (WARM_UP_STEPS + 1) - WARM_UP_STEPS
    assert replayed.count(1) == 1


def test_recording_is_not_used_for_other_images() -> None:
    seen: list[float] = []
    step = GraphedStep(lambda images, _: seen.append(images[0, 0].item()), lambda call: call)
    first, second = torch.zeros(3, 1), torch.ones(3, 1)
    for _ in range(WARM_UP_STEPS + 1):
        step(first, torch.zeros(1, 2, dtype=torch.int64))
    step(second, torch.zeros(1, 2, dtype=torch.int64))
    assert seen == [0.0] * (WARM_UP_STEPS + 1) + [1.0]


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


def test_members_in_lanes_step_as_they_do_in_one_optimiser() -> None:
    gradients = [[torch.rand(5, 4), torch.rand(4)] for _ in range(5)]
    found = []
    for lanes in (1, 2, 5, 8):
        members = [[torch.ones(5, 4), torch.ones(4)] for _ in gradients]
        adam = MembersAdam(members, [0.1, 0.2, 0.3, 0.4, 0.5], eps=1e-8, lanes=lanes)
        for _ in range(3):
            for mine, theirs in zip(members, gradients, strict=True):
                for parameter, gradient in zip(mine, theirs, strict=True):
                    parameter.grad = gradient
            adam.step()
        found.append(torch.cat([parameter.flatten() for mine in members for parameter in mine]))
        assert all(adam.state(k)[one]["step"] == 3 for k, mine in enumerate(members) for one in mine)
    assert all(torch.equal(found[0], other) for other in found[1:])


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


@needs_gpu
def test_gpu_goes_on_with_those_that_are_kept_and_from_a_saved_state() -> None:
    many = tuple(Member(1e-2 / (k + 1), k) for k in range(11))
    images = torch.rand(60, WIDTHS[0], dtype=torch.float64)
    going, resumed = (Population(Plain, WIDTHS, many, dtype=torch.float64, device="cuda") for _ in range(2))
    alone = Population(Plain, WIDTHS, many, dtype=torch.float64)
    rows = [1, 4, 9, 10]
    for number in range(24):
        index = torch.randint(60, (len(going), 8))
        if number == 12:
            going.keep(rows)
            alone.keep(rows)
            resumed.restore(rows, going.state())
            index = index[rows]
        for population, device in ((going, "cuda"), (alone, "cpu"), (resumed, "cuda")):
            if number >= 12 or population is not resumed:
                population.step(images.to(device) if device == "cpu" else _there(images), index.to(device))
    for k in range(len(rows)):
        mine, cpu, restored = (list(one.member(k).parameters()) for one in (going, alone, resumed))
        assert all(torch.equal(a, b) for a, b in zip(mine, restored, strict=True))
        assert all(torch.allclose(a, b, rtol=0, atol=1e-9) for a, b in zip(mine, cpu, strict=True))


@needs_gpu
def test_unit_on_a_gpu_finds_what_it_finds_on_a_cpu(split: Split) -> None:
    found = []
    for device in ("cpu", "cuda"):
        plan = Plan(
            variants=("plain",), widths=(784, 16, 8), train_images=600, valid_images=100, test_images=200,
            device=device,
        )  # fmt: skip
        unit = Unit(plan.identity, "plain", "confirm", (Member(1e-3, 0), Member(3e-3, 1)), 6)
        found.append(train(unit, Plain, plan, split).records)
    for cpu, gpu in zip(*found, strict=True):
        assert gpu.outcome is not None
        for theirs, mine in zip(cpu.history, gpu.history, strict=True):
            assert mine.valid_mse == pytest.approx(theirs.valid_mse, rel=1e-4)
            assert mine.valid_bce_nats == pytest.approx(theirs.valid_bce_nats, rel=1e-4)


@needs_gpu
def test_population_that_the_gpus_memory_does_not_hold_is_trained_in_halves(
    split: Split, display: Display
) -> None:
    plan = Plan(variants=("plain",), population=32, train_images=600, valid_images=100, test_images=200,
                device="cuda")  # fmt: skip
    members = tuple(Member(1e-3, seed) for seed in range(32))
    job = Job(Unit(plan.identity, "plain", "claim", members, 1), plan)
    gc.collect()
    torch.cuda.empty_cache()
    # 32 models, their gradients and Adam's moments alone are 430.
    room = torch.cuda.memory_reserved() + 420 * 2**20
    torch.cuda.set_per_process_memory_fraction(room / torch.cuda.get_device_properties(0).total_memory)
    try:
        trained = execute(job, split, display.tell)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert trained.notes[0] == "32 models at once took more memory than the GPU has; trained in halves"
    assert [record.seed for record in trained.records] == list(range(32))


@lru_cache(maxsize=1)
def _there(images: torch.Tensor) -> torch.Tensor:
    """On the GPU, always in the same memory, as a recording asks for."""
    return images.cuda()
