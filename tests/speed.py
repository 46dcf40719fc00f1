"""How close a training step comes to this machine's own matrix product; run by hand on a quiet machine.

    .venv/bin/python tests/speed.py

Products and steps take turns in one process, and each share is taken within a turn, so that a slow moment of
the machine falls on both.
"""

import resource
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median

import torch

from bench.population import Member, Population
from variants import registry

WIDTHS, BATCH, SIZE, TURNS = (784, 400, 200, 100, 50), 128, 2048, 15


def flop_per_image() -> int:
    """Of a training step of `plain`: each layer's product, its weights' and its input's gradient.

    The first layer's input is the image, which needs no gradient.
    """
    layers = [below * above for below, above in pairwise(WIDTHS)]
    return 2 * (3 * 2 * sum(layers) - layers[0])


def seconds(work: Callable[[], object], repeats: int) -> float:
    """For one of several repeats in a row."""
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


def share_of_peak(members: int) -> tuple[float, float]:
    """Share of the product's speed that a step of so many `plain` models reaches, and GFLOP/s; medians."""
    population = Population(registry()["plain"], WIDTHS, [Member(1e-3, seed) for seed in range(members)])
    images, index = torch.rand(1024, WIDTHS[0]), torch.randint(1024, (members, BATCH))
    a, b, product = (torch.rand(SIZE, SIZE) for _ in range(3))
    shares, speeds = [], []
    for turn in range(TURNS + 1):
        peak = 2 * SIZE**3 / seconds(lambda: torch.mm(a, b, out=product), 2)
        took = seconds(lambda: population.step(images, index), max(2, 32 // members))
        if turn:
            speeds.append(flop_per_image() * BATCH * members / took)
            shares.append(speeds[-1] / peak)
    return median(shares), median(speeds) / 1e9


if __name__ == "__main__":
    print(f"{torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}")
    for members in (1, 2, 4, 8, 12):
        share, speed = share_of_peak(members)
        print(f"plain, K = {members:2}: {share:.2f} of torch.mm's speed, {speed:.0f} GFLOP/s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
