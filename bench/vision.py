"""torchvision's MNIST, importable also beside a CPU build of torch."""

import sys
from importlib import import_module
from types import ModuleType

import torch


def torchvision_mnist() -> ModuleType:
    """The module `torchvision.datasets.mnist`.

    torchvision's wheel on PyPI is built against CUDA torch. Beside a CPU build its C++ operators do not load,
    and its import fails where it describes two of them. Declaring those two is enough, for nothing here calls
    them; it is done only where the import fails for that reason.
    """
    try:
        return import_module("torchvision.datasets.mnist")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    for operator in ("nms", "qnms"):
        torch.library.define(
            f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        )
    return import_module("torchvision.datasets.mnist")
