"""A training step as one CUDA graph: hundreds of small kernels launched at once."""

from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor

Replay = Callable[[], object]
Recorder = Callable[[Callable[[], None]], Replay]
Key = tuple[int, torch.Size]
"""Where the images are, and the shape of the batches."""
WARM_UP_STEPS = 3
"""Steps of each kind run as they are first: libraries set themselves up, and the optimiser makes its state."""


class GraphedStep:
    """Runs `work(images, index)` as it is for a few steps, then replays it from a recording.

    A recording holds for the images in the memory where they were and for batches of one size: an epoch's last
    and smaller batch has one of its own.
    """

    def __init__(self, work: Callable[[Tensor, Tensor], None], record: Recorder | None = None) -> None:
        """record: makes a replay of a call without running it; by default as a CUDA graph."""
        self._work = work
        self._record = record or record_cuda
        self._warm: Counter[Key] = Counter()
        self._recordings: dict[Key, tuple[Tensor, Replay]] = {}

    def __call__(self, images: Tensor, index: Tensor) -> None:
        """One step; images: (n, pixels), index: (K, batch)."""
        key = (images.data_ptr(), index.shape)
        if self._warm[key] < WARM_UP_STEPS:
            self._warm[key] += 1
            self._work(images, index)
            return
        if key not in self._recordings:
            batch = index.clone()
            self._recordings[key] = batch, self._record(lambda: self._work(images, batch))
        batch, replay = self._recordings[key]
        batch.copy_(index)
        replay()


def record_cuda(call: Callable[[], None]) -> Replay:
    """The call's kernels as a CUDA graph, and the call that launches it."""
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay
