"""How fast training is on this machine, beside its peak and a user's loop; the FLOP of a step."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn

from bench.contestants import get_variant
from bench.perf.loops import BATCH, Step, population_loop, tensor_loop, user_batches, user_loop
from variants.tied import Tied
from variants.truncated import Truncated

PEAK_SIZE, GPU_SIZE = 2048, 8192
"""Of the square matrices whose product is taken for the machine's peak; a GPU is not filled by the smaller."""
SECONDS_PER_LOOP = 0.3
"""Each loop runs about so long in each turn."""


def step_flop(variant: str, widths: Sequence[int]) -> int:
    """FLOP an image of one training step of a built-in variant, matrix products only, a multiplication and an
    addition counted as two.

    A layer of a inputs and b units costs 2ab for its product, 2ab for its weights' gradient and 2ab for its
    input's, which the first layer does without: its input is data. `truncated` goes back once for every
    level, through the autoencoder above that level, whose input is data as well.
    """
    levels = range(len(widths) - 1) if issubclass(get_variant(variant), Truncated) else range(1)
    forward = 2 * _weights(widths)
    backward = sum(4 * _weights(widths[level:]) - 2 * widths[level] * widths[level + 1] for level in levels)
    return forward + backward


def step_bytes(variant: str, widths: Sequence[int], batch: int) -> int:
    """Bytes that a training step of one float32 model moves if no value stays in a cache.

    A weight is read forward and back, its gradient written, and Adam reads weight, gradient and two moments
    and writes three of them: 10 times 4 bytes. An activation is written and read twice, its gradient as well:
    6 times 4 bytes.
    """
    units = batch * (2 * sum(widths) - widths[-1])
    weights = _weights(widths) // 2 if issubclass(get_variant(variant), Tied) else _weights(widths)
    return 4 * (10 * weights + 6 * units)


@dataclass(frozen=True)
class TimedLoop:
    """A loop to time: `members` models of a variant, trained by `step` a batch at a time."""

    variant: str
    loop: str
    members: int
    step: Step
    memory_mib: float


@dataclass(frozen=True)
class Timing:
    """What a loop took, the median over the turns with the lowest and the highest; rows of perf.csv."""

    variant: str
    loop: str
    members: int
    seconds: float
    """For one model and one epoch of so many images as were given."""
    seconds_low: float
    seconds_high: float
    gflop_per_s: float
    share_of_peak: float
    """Of `torch.mm`'s speed in the same turn."""
    memory_mib: float
    """Of the tensors that the loop keeps: weights, gradients, Adam's moments, buffers; the images apart."""


def measure(
    variant: str, widths: tuple[int, ...], images: Tensor, members: Sequence[int], turns: int,
    data_dir: Path | None, say: Callable[[str], None],
) -> list[Timing]:  # fmt: skip
    """Time every loop of one variant in turns, the peak between any two; a warm-up turn is not counted."""
    batches = user_batches(data_dir)
    next(batches)
    build_user = lambda: user_loop(get_variant(variant), widths, batches, images.device)  # noqa: E731
    subjects = [_subject(variant, "DataLoader", 1, build_user)]
    subjects.append(_subject(variant, "tensor", 1, lambda: tensor_loop(get_variant(variant), widths, images)))
    for count in members:
        build = lambda count=count: population_loop(get_variant(variant), widths, images, count)  # noqa: E731
        subjects.append(_subject(variant, "population", count, build))
    repeats = [max(1, round(SECONDS_PER_LOOP / seconds_of(subject.step, images, 3))) for subject in subjects]
    speeds: list[list[tuple[float, float]]] = [[] for _ in subjects]
    for turn in range(turns):
        for place, subject in enumerate(subjects):
            peak = peak_flop_per_s(images)
            speeds[place].append((seconds_of(subject.step, images, repeats[place]), peak))
        say(f"{variant}: turn {turn + 1} of {turns}")
    return [
        _timing(subject, widths, len(images), found) for subject, found in zip(subjects, speeds, strict=True)
    ]


def peak_flop_per_s(like: Tensor) -> float:
    """FLOP/s of a float32 product of two square matrices, on the device of `like`."""
    size = GPU_SIZE if like.is_cuda else PEAK_SIZE
    a, b = (torch.rand(size, size, device=like.device) for _ in range(2))
    out = torch.empty_like(a)
    torch.mm(a, b, out=out)
    return 2 * size**3 / seconds_of(lambda: torch.mm(a, b, out=out), like, 3)


def copy_byte_per_s(like: Tensor) -> float:
    """Bytes read and written each second by a copy too large for any cache."""
    source = torch.rand(64 * 2**20, device=like.device)
    target = torch.empty_like(source)
    target.copy_(source)
    return 2 * source.nbytes / median(seconds_of(lambda: target.copy_(source), like, 1) for _ in range(5))


def seconds_of(work: Callable[[], object], like: Tensor, repeats: int) -> float:
    """For one of several repeats in a row, on the device of `like`."""
    _wait(like)
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    _wait(like)
    return (time.perf_counter() - start) / repeats


def _weights(widths: Sequence[int]) -> int:
    """Of the encoder and the decoder of these widths together, biases left out."""
    return 2 * sum(below * above for below, above in pairwise(widths))


def _subject(variant: str, loop: str, members: int, build: Callable[[], Step]) -> TimedLoop:
    """The loop after its first step, with the memory that this took."""
    before = _tensor_bytes()
    step = build()
    step()
    return TimedLoop(variant, loop, members, step, (_tensor_bytes() - before) / 2**20)


def _tensor_bytes() -> int:
    """Of all tensors alive, each storage once."""
    gc.collect()
    storages = [one.untyped_storage() for one in gc.get_objects() if type(one) in (Tensor, nn.Parameter)]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _timing(
    subject: TimedLoop, widths: tuple[int, ...], images: int, found: Sequence[tuple[float, float]]
) -> Timing:
    flop = step_flop(subject.variant, widths) * BATCH * subject.members
    epochs = sorted(seconds * (images / BATCH) / subject.members for seconds, _ in found)
    return Timing(
        variant=subject.variant,
        loop=subject.loop,
        members=subject.members,
        seconds=median(epochs),
        seconds_low=epochs[0],
        seconds_high=epochs[-1],
        gflop_per_s=median(flop / seconds for seconds, _ in found) / 1e9,
        share_of_peak=median(flop / seconds / peak for seconds, peak in found),
        memory_mib=subject.memory_mib,
    )


def _wait(like: Tensor) -> None:
    if like.is_cuda:
        torch.cuda.synchronize()
