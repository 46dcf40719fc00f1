"""Where `load_model` was once imported from; `from bench import load_model` is the same."""

from bench.training.model_files import load_model

__all__ = ["load_model"]
