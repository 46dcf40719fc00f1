"""A machine and its GPU: names, versions, and what it reaches in large products and copies."""

import subprocess
from statistics import median
from typing import Any

import torch

from bench.engine.provenance import machine, versions
from bench.perf.measure import copy_byte_per_s, seconds_of

QUERIED = "name,driver_version,memory.total,power.limit,clocks.max.sm,clocks.max.memory"
PRECISIONS = {"float32": "highest", "tf32": "high"}
"""What `torch.set_float32_matmul_precision` calls them."""


def facts(device: torch.device, size: int) -> dict[str, Any]:
    """All that a figure measured here must be told with; size: of the matrices whose product is the peak."""
    found: dict[str, Any] = {
        "machine": machine(device.type),
        "versions": versions() | {"cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()},
    }
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found["nvidia-smi"] = dict(zip(QUERIED.split(","), _queried(), strict=True))
        found["multiprocessors"] = properties.multi_processor_count
        found["l2_mib"] = properties.L2_cache_size / 2**20
    found["peak_size"] = size
    found["peak_gflop_per_s"] = {name: peak_flop_per_s(device, size, name) / 1e9 for name in PRECISIONS}
    like = torch.empty(0, device=device)
    copy_byte_per_s(like)
    found["copy_gb_per_s"] = copy_byte_per_s(like) / 1e9
    return found


def peak_flop_per_s(device: torch.device, size: int, precision: str) -> float:
    """FLOP/s of `torch.mm` on two square matrices of random numbers, the median of five after a warm-up."""
    torch.set_float32_matmul_precision(PRECISIONS[precision])
    a, b = (torch.rand(size, size, device=device) for _ in range(2))
    out = torch.empty_like(a)
    times = [seconds_of(lambda: torch.mm(a, b, out=out), a, 2) for _ in range(6)]
    return 2 * size**3 / median(times[1:])


def _queried() -> list[str]:
    """Of the first GPU."""
    command = ["nvidia-smi", f"--query-gpu={QUERIED}", "--format=csv,noheader"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [field.strip() for field in said.splitlines()[0].split(",")]
