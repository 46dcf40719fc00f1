"""How many threads numerical libraries use, for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def limited(threads: int | None) -> Iterator[None]:
    """PyTorch and the BLAS beneath NumPy use so many threads while the block runs; None leaves them as they are."""
    before = torch.get_num_threads()
    with threadpool_limits(threads):
        torch.set_num_threads(threads or before)
        try:
            yield
        finally:
            torch.set_num_threads(before)
