"""What several tests need: a small real data set in MNIST's shape, and a plan that it fits."""

from pathlib import Path

import numpy as np
import pytest
import torch
from idx import idx_content, write_idx
from rich.console import Console
from sklearn.datasets import load_digits

from bench.data import Images, Split
from bench.display import Display
from bench.plan import Plan


@pytest.fixture(scope="session")
def split() -> Split:
    """scikit-learn's digits, 8 by 8, enlarged to 28 by 28."""
    digits = load_digits()
    large = np.kron(digits.images / 16, np.ones((3, 3)))
    framed = np.pad(large, ((0, 0), (2, 2), (2, 2))).reshape(len(large), -1)
    whole = Images(torch.from_numpy(framed).float(), torch.from_numpy(digits.target))
    return Split(whole[:600], whole[600:700], whole[700:900], "digits")


@pytest.fixture
def plan() -> Plan:
    """Two variants, two trials, two seeds: a second of training."""
    return Plan(
        variants=("plain", "tied"),
        widths=(784, 16, 8),
        batch_size=64,
        trials=2,
        tune_epochs=1,
        epochs=2,
        seeds=2,
        train_images=600,
        valid_images=100,
        test_images=200,
    )


@pytest.fixture
def display() -> Display:
    """Shows nothing."""
    return Display(Console(quiet=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a run may go."""
    return tmp_path / "run"


@pytest.fixture
def fashion(split: Split, tmp_path: Path) -> Path:
    """A data folder with small files where torchvision's FashionMNIST has its own."""
    for name, (images, labels) in zip(("train", "t10k"), idx_content(split), strict=True):
        write_idx(tmp_path / "data/FashionMNIST/raw", name, images, labels)
    return tmp_path / "data"


@pytest.fixture
def own_file(split: Split, tmp_path: Path) -> Path:
    """The small split as a file that `--data` takes."""
    path = tmp_path / "small.npz"
    parts = {"train": split.train, "test": split.test}
    arrays = {name: part.images.numpy() for name, part in parts.items()}
    labels = {f"{name}_labels": part.labels.numpy() for name, part in parts.items()}
    np.savez(path, **arrays, **labels)
    return path
