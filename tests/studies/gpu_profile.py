"""Which kernels a training step consists of, and how long each takes."""

import re

import torch
from torch import Tensor
from torch.autograd.profiler_util import FunctionEventAvg
from torch.profiler import ProfilerActivity, profile

from bench.contestants import get_variant
from bench.perf.loops import population_loop
from bench.perf.measure import seconds_of

PROFILED = (("plain", 8), ("plain", 64), ("truncated", 8), ("truncated", 64))
KINDS = (
    ("products", re.compile(r"gemm|gemv|cutlass|xmma|cublas|splitK|bmm|aten::mm", re.IGNORECASE)),
    ("Adam", re.compile(r"multi_tensor|adam|foreach", re.IGNORECASE)),
)
PREFIX = re.compile(r"^void |at::native::|\(anonymous namespace\)::|^sm\d+_xmma_")
STEPS = 5
TOP = 16
WIDEST = 110
"""Characters of a kernel's name that are shown."""


def profile_step(variant: str, widths: tuple[int, ...], images: Tensor, members: int) -> str:
    """The step's time, the shares of products, Adam and all else, and the kernels that take the longest."""
    torch.set_float32_matmul_precision("highest")
    step = population_loop(get_variant(variant), widths, images, members)
    seconds_of(step, images, 8)
    wall = seconds_of(step, images, 50 if images.is_cuda else STEPS)
    kind = "CUDA" if images.is_cuda else "CPU"
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA][: 1 + images.is_cuda]) as found:
        seconds_of(step, images, STEPS)
    rows = [
        (one.key, *_cost(one, images.is_cuda)) for one in found.key_averages() if one.device_type.name == kind
    ]
    rows = [row for row in rows if row[1] > 0 and not row[0].startswith(("Activity", "ProfilerStep"))]
    shares = dict.fromkeys([*(name for name, _ in KINDS), "other"], 0.0)
    for name, microseconds, _ in rows:
        shares[_kind(name)] += microseconds
    total = sum(shares.values())
    parts = ", ".join(f"{name} {one:.0f} µs ({one / total:.0%})" for name, one in shares.items())
    lines = [
        f"{variant}, K = {members}, float32, {torch.cuda.get_device_name() if images.is_cuda else 'CPU'}, "
        f"torch {torch.__version__}: a step takes {1e6 * wall:.0f} µs without the profiler",
        f"kernels, added up over a step (those side by side count each): {total:.0f} µs: {parts}",
    ]
    for name, microseconds, count in sorted(rows, key=lambda row: -row[1])[:TOP]:
        lines.append(f"{microseconds:9.1f} µs {count:7.1f} × {PREFIX.sub('', name)[:WIDEST]}")
    return "\n".join(lines) + "\n"


def _cost(event: FunctionEventAvg, on_gpu: bool) -> tuple[float, float]:
    """Microseconds and calls a step."""
    time: float = event.self_device_time_total if on_gpu else event.self_cpu_time_total
    return time / STEPS, event.count / STEPS


def _kind(name: str) -> str:
    return next((kind for kind, pattern in KINDS if pattern.search(name)), "other")
