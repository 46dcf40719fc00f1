"""Images to tensors: MNIST and its family, your own archives, their integrity.

Knows the plan; no model, no record.
"""


def __getattr__(name: str) -> object:
    """`from bench.data import load_mnist` goes on working; it is loaded when it is asked for."""
    if name != "load_mnist":
        raise AttributeError(f"module 'bench.data' has no attribute {name!r}")
    from bench.data.datasets import load_mnist

    return load_mnist
