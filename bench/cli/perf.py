"""What `aebench perf` does: time every loop, print the table, leave it with its figures."""

from collections.abc import Sequence
from pathlib import Path

import torch

from bench.cli.checks import resolve_device
from bench.cli.data import with_data
from bench.engine.provenance import machine, versions
from bench.io.console import console, say, show_table
from bench.io.files import require_writable
from bench.perf.measure import copy_byte_per_s, measure, peak_flop_per_s
from bench.perf.report import perf_rows, write_perf_report
from bench.plan import Plan
from variants.registry import BUILT_IN


def run_perf(folder: Path, members: Sequence[int], turns: int, device: str, data_dir: Path | None) -> None:
    """Time the built-in variants on the real images; raises what the checks and the data raise."""
    device = resolve_device(device)
    require_writable(folder)
    plan, split = with_data(Plan(), None, data_dir)
    images, widths = split.train.images.to(device), plan.widths
    with console.status("", speed=0.5) as status:
        timings = [
            timing
            for variant in BUILT_IN
            for timing in measure(variant.name, widths, images, members, turns, data_dir, status.update)
        ]
    facts = {
        "machine": machine(device),
        "versions": versions(),
        "peak_gflop_per_s": peak_flop_per_s(images) / 1e9,
        "copy_gb_per_s": copy_byte_per_s(images) / 1e9,
        "images": len(images),
        "turns": turns,
        "threads": torch.get_num_threads(),
    }
    header, table = perf_rows(write_perf_report(folder, timings, widths, facts))
    show_table(header, table)
    say(f"table and figures in {folder}")
