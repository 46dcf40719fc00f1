"""How fast each training loop is on a GPU, kept as CSV and as Markdown after every timing."""

import gc
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from statistics import median

import pandas as pd
import torch
from gpu_facts import PRECISIONS, peak_flop_per_s
from torch import Tensor

from bench.contestants import get_variant
from bench.data.split import Split
from bench.io.files import write_atomic
from bench.perf.loops import BATCH, Step, population_loop, tensor_loop, user_batches, user_loop
from bench.perf.measure import seconds_of, step_flop
from bench.plan import Plan
from bench.records.records import Member, Unit
from bench.training.train import train

TURNS = 3
SECONDS = 0.2
"""A turn is at least so long, and at least as many steps as were asked for."""
WARM_UP = 8
"""Steps before the first turn: the kernels' libraries, the recording, the clocks of the card."""
NOTE = (
    "{place}. Batches of 128 MNIST images; *s/model-epoch* is extrapolated from the steps timed, three turns after "
    "a warm-up, to the 430 of 55,000 images, divided by the K models; *range* is that of the turns. *of peak*: share "
    "of `torch.mm`'s speed in the same precision. *× K = 1*, *× tensor*, *× DataLoader*: models in the same time "
    "against one model at a time, by the same loop in the same precision, by eager autograd on images in one tensor "
    "on the device with fused Adam, and by a `DataLoader` loop with Adam as it comes (both float32)."
)
PEAK = {"cuda": 8192, "cpu": 1024}


@dataclass(frozen=True)
class Speed:
    """What one loop took; a row of perf_gpu.csv."""

    variant: str
    loop: str
    precision: str
    members: int
    steps: int
    """Timed, in all turns; an epoch's time is that of so many, extrapolated to 430."""
    step_ms: float
    seconds: float
    """For one model and one epoch of the images, the median over the turns."""
    seconds_low: float
    seconds_high: float
    gflop_per_s: float
    share_of_peak: float
    """Of `torch.mm`'s speed in the same precision."""
    memory_mib: float
    """The most that the device's tensors took while the loop was built and ran, the images apart."""


class Timer:
    """Times loops on the images' device and keeps what it found in a folder."""

    def __init__(self, images: Tensor, widths: tuple[int, ...], steps: int, out: Path) -> None:
        self._images, self._widths, self._steps, self._out = images, widths, steps, out
        self._found: list[Speed] = []

    @cached_property
    def _peaks(self) -> dict[str, float]:
        device = self._images.device
        return {name: peak_flop_per_s(device, PEAK[device.type], name) for name in PRECISIONS}

    @cached_property
    def _batches(self) -> Iterator[Tensor]:
        return user_batches(None)

    def beside(self, variant: str) -> None:
        """What a user would write, and the same on images in one tensor: one model at a time."""
        kind, images = get_variant(variant), self._images
        loader = lambda: user_loop(kind, self._widths, self._batches, images.device)  # noqa: E731
        self._time(variant, "DataLoader", 1, "float32", loader, 20)
        self._time(variant, "tensor", 1, "float32", lambda: tensor_loop(kind, self._widths, images), 20)

    def population(self, variant: str, members: int, precision: str) -> str:
        """So many models as one; returns a line of what was found."""
        build = lambda: population_loop(get_variant(variant), self._widths, self._images, members)  # noqa: E731
        return self._time(variant, "population", members, precision, build, self._steps)

    def epochs(self, variant: str, members: int, split: Split, epochs: int = 6) -> str:
        """Seconds of whole epochs of a unit, batches drawn and validated; returns a line of them."""
        plan = Plan(
            variants=(variant,), widths=self._widths, device=self._images.device.type, population=members
        )
        those = tuple(Member(1e-3, seed) for seed in range(members))
        watch = _Watch()
        train(
            Unit(plan.identity, variant, "tune", those, epochs),
            get_variant(variant),
            plan,
            split,
            prune=watch,
        )
        whole = [after - before for before, after in pairwise(watch.ends)]
        phases = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in watch.clock.seconds().items())
        line = (
            f"{variant}, K = {members}, float32, whole epochs as in a run: the first {watch.ends[0]:.3f} s with its "
            f"set-up, then {', '.join(f'{one:.3f}' for one in whole)} s; the last two are "
            f"{1e3 * sum(whole[-2:]) / 2 / members:.2f} ms a model-epoch; {phases}"
        )
        with (self._out / "epochs.txt").open("a") as file:
            file.write(line + "\n")
        return line

    def _time(
        self, variant: str, loop: str, members: int, precision: str, build: Callable[[], Step], steps: int
    ) -> str:
        peak, images = self._peaks[precision], self._images
        torch.set_float32_matmul_precision(PRECISIONS[precision])
        before = _start_counting(images)
        step = build()
        seconds_of(step, images, WARM_UP)
        repeats = max(steps, min(2000, round(SECONDS / seconds_of(step, images, 5))))
        times = [seconds_of(step, images, repeats) for _ in range(TURNS)]
        each = sorted(one * len(images) / BATCH / members for one in times)
        speed = step_flop(variant, self._widths) * BATCH * members / median(times)
        memory = (torch.cuda.max_memory_allocated() - before) / 2**20 if images.is_cuda else float("nan")
        self._found.append(
            Speed(
                variant,
                loop,
                precision,
                members,
                TURNS * repeats,
                1e3 * median(times),
                median(each),
                each[0],
                each[-1],
                speed / 1e9,
                speed / peak,
                memory,
            )
        )
        leave(self._found, self._out, where(images))
        return (
            f"{variant}, {loop}, {precision}, K = {members}: {1e3 * median(times):.3f} ms a step, "
            f"{median(each):.4f} s a model-epoch, {speed / peak:.0%} of the peak"
        )


class _Watch:
    """Notes when each epoch was over, in seconds from the start, and prunes none."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self._began = time.perf_counter()

    def __call__(self, epoch: int, valid_mse: Mapping[int, float]) -> Collection[int]:
        del epoch, valid_mse
        self.ends.append(time.perf_counter() - self._began)
        return ()


def where(images: Tensor) -> str:
    """The card, or the processor's kind, and PyTorch's version."""
    device = torch.cuda.get_device_name() if images.is_cuda else "CPU"
    return f"{device}, torch {torch.__version__}"


def leave(found: Sequence[Speed], out: Path, place: str) -> None:
    """Write the rows, each with how many times as fast it is as each way to train one model at a time.

    place: where it was measured, in words.
    """
    frame = pd.DataFrame([vars(one) for one in found])
    for name, loop in (("times_one", "population"), ("times_tensor", "tensor"), ("times_user", "DataLoader")):
        alone = frame[(frame["loop"] == loop) & (frame["members"] == 1)]
        seconds = {(row["variant"], row["precision"]): row["seconds"] for _, row in alone.iterrows()}
        # The loops of one model are timed in float32 alone.
        keys = [
            (row["variant"], row["precision"] if loop == "population" else "float32")
            for _, row in frame.iterrows()
        ]
        frame[name] = [
            seconds.get(key, float("nan")) / own for key, own in zip(keys, frame["seconds"], strict=True)
        ]
    text = frame.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    write_atomic(out / "perf_gpu.csv", text.encode())
    write_atomic(out / "perf_gpu.md", f"{NOTE.format(place=place)}\n\n{_markdown(frame)}".encode())


def _markdown(frame: pd.DataFrame) -> str:
    header = [
        "variant", "loop", "precision", "K", "ms a step", "s/model-epoch", "range", "GFLOP/s", "of peak",
        "× K = 1", "× tensor", "× DataLoader", "MiB", "steps timed",
    ]  # fmt: skip
    lines = [header, ["---"] * 3 + ["--:"] * (len(header) - 3)]
    for _, row in frame.iterrows():
        lines.append(
            [
                row["variant"],
                row["loop"],
                row["precision"],
                str(row["members"]),
                f"{row['step_ms']:.3f}",
                f"{row['seconds']:.4f}",
                f"{row['seconds_low']:.4f}–{row['seconds_high']:.4f}",
                f"{row['gflop_per_s']:,.0f}",
                f"{row['share_of_peak']:.1%}",
                *(f"{row[name]:.3g}" for name in ("times_one", "times_tensor", "times_user")),
                f"{row['memory_mib']:,.0f}",
                str(row["steps"]),
            ]
        )
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _start_counting(like: Tensor) -> int:
    """Bytes that tensors take on the GPU now; the most is counted anew from here."""
    if not like.is_cuda:
        return 0
    # A population is a ring of references: its memory is free only once it was looked for.
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    return torch.cuda.memory_allocated()
