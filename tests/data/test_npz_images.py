"""A file of one's own images is read as it stands, or refused in one line that says why."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from bench.data.npz_images import load_archive
from bench.data.split import Images, split_digest
from bench.io.errors import UsageError
from bench.report.figures import fold_images

DIGITS = load_digits()
GENERATOR = np.random.default_rng(0)
BYTES = GENERATOR.integers(0, 256, (150, 6), dtype=np.uint8)
FLOATS = GENERATOR.random((150, 6))


def test_last_sixth_is_test_and_last_twelfth_of_the_rest_validation(tmp_path: Path) -> None:
    split = load_archive(_saved(tmp_path, images=DIGITS.images / 16, labels=DIGITS.target))
    assert (len(split.train), len(split.valid), len(split.test)) == (1374, 124, 299)
    rows = np.float32(DIGITS.data / 16)
    assert np.array_equal(split.train.images.numpy(), rows[:1374])
    assert np.array_equal(split.valid.images.numpy(), rows[1374:1498])
    assert np.array_equal(split.test.images.numpy(), rows[1498:])
    assert np.array_equal(split.test.labels.numpy(), DIGITS.target[1498:])
    assert split.shape == (8, 8)


def test_parts_of_their_own_are_kept_apart(tmp_path: Path) -> None:
    labels = np.arange(150) % 3
    split = load_archive(
        _saved(
            tmp_path, train=BYTES[:130], test=BYTES[130:], train_labels=labels[:130], test_labels=labels[130:]
        )
    )
    assert (len(split.train), len(split.valid), len(split.test)) == (120, 10, 20)
    assert np.array_equal(split.test.images.numpy(), np.float32(BYTES[130:]) / np.float32(255))
    assert np.array_equal(split.valid.labels.numpy(), labels[120:130])
    assert split.shape is None


def test_bytes_and_their_floats_are_the_same_images(tmp_path: Path) -> None:
    as_bytes = load_archive(_saved(tmp_path, images=BYTES))
    for kind in ("<f4", ">f8"):
        as_floats = load_archive(_saved(tmp_path, images=(np.float32(BYTES) / np.float32(255)).astype(kind)))
        assert as_floats.digest == as_bytes.digest
    assert as_bytes.train.labels.unique().tolist() == [0]


def test_order_of_memory_does_not_matter(tmp_path: Path) -> None:
    images = GENERATOR.random((150, 3, 4))
    plain, turned = (
        load_archive(_saved(tmp_path, images=one)) for one in (images, np.asfortranarray(images))
    )
    assert plain.digest == turned.digest


def test_digest_follows_pixels_labels_and_parts() -> None:
    def part(pixels: np.ndarray, labels: np.ndarray) -> Images:
        return Images(torch.from_numpy(pixels), torch.from_numpy(labels))

    pixels, labels = FLOATS.astype(np.float32), np.arange(150)
    one_pixel, one_label = pixels.copy(), labels.copy()
    one_pixel[3, 2] += 0.5
    one_label[3] = 0
    whole, first, last = (
        part(pixels[rows], labels[rows]) for rows in (slice(None), slice(75), slice(75, None))
    )
    found = {
        split_digest({"training": whole}),
        split_digest({"test": whole}),
        split_digest({"training": part(one_pixel, labels)}),
        split_digest({"training": part(pixels, one_label)}),
        split_digest({"training": part(pixels.reshape(75, 12), labels[:75])}),
        split_digest({"training": first, "test": last}),
    }
    assert len(found) == 6
    assert split_digest({"training": part(pixels.copy(), labels.copy())}) in found


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "the arrays must be images, or train and test; beside them labels, or train_labels and test_labels, "
             "but got none"),
        ({"image": BYTES}, "the arrays must be images, or train and test; beside them labels, or train_labels and "
                           "test_labels, but got 'image'"),
        ({"train": BYTES, "test": BYTES, "test_labels": np.arange(150)},
         "the arrays must be images, or train and test; beside them labels, or train_labels and test_labels, "
         "but got 'train', 'test', 'test_labels'"),
        ({"images": BYTES.reshape(-1)}, "images must be (n, pixels) or (n, height, width), but got (900,)"),
        ({"images": np.zeros((9, 2, 2, 3))},
         "images must be (n, pixels) or (n, height, width), but got (9, 2, 2, 3)"),
        ({"images": BYTES.astype(int)}, "images must be uint8 or floats in [0, 1], but got int64"),
        ({"images": BYTES > 3}, "images must be uint8 or floats in [0, 1], but got bool"),
        ({"images": BYTES.astype(str)}, "images must be uint8 or floats in [0, 1], but got <U3"),
        ({"images": FLOATS * np.nan}, "images must be finite, but got nan or inf"),
        ({"images": np.full((9, 4), np.inf)}, "images must be finite, but got nan or inf"),
        ({"images": BYTES / 1.0}, "images must lie in [0, 1], but got 0 to 255"),
        ({"images": np.clip(FLOATS, 0.25, 0.75) - 0.5}, "images must lie in [0, 1], but got -0.25 to 0.5"),
        ({"images": np.zeros((3, 0))}, "images must have 4 to 16,384 pixels an image, but got 0"),
        ({"images": np.zeros((3, 129, 128))}, "images must have 4 to 16,384 pixels an image, but got 16,512"),
        ({"images": BYTES, "labels": np.arange(149)}, "labels must be as many as the images, 150, but got 149"),
        ({"images": BYTES, "labels": FLOATS[:, 0]}, "labels must be whole numbers, (n,), but got float64 (150,)"),
        ({"images": BYTES, "labels": np.zeros((150, 1), int)},
         "labels must be whole numbers, (n,), but got int64 (150, 1)"),
        ({"images": BYTES, "labels": np.arange(150)},
         "labels must have at most 100 classes, or be left out, but got 150"),
        ({"train": BYTES, "test": BYTES[:, :5]}, "train and test must be images of one shape, but got 6 and 5"),
        ({"train": BYTES.reshape(-1, 2, 3), "test": BYTES.reshape(-1, 3, 2)},
         "train and test must be images of one shape, but got 2 × 3 and 3 × 2"),
    ],
)  # fmt: skip
def test_wrong_content_is_one_line_with_the_rule(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    path = _saved(tmp_path, **arrays)
    with pytest.raises(UsageError) as raised:
        load_archive(path)
    assert str(raised.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"images": 0}, "has 0 training images"),
        ({"images": 142}, "has 9 validation images"),
        ({"train": 120, "test": 9}, "has 9 test images"),
    ],
)
def test_too_few_images_are_counted(tmp_path: Path, counts: dict[str, int], message: str) -> None:
    path = _saved(tmp_path, **{name: BYTES[:count] for name, count in counts.items()})
    with pytest.raises(UsageError) as raised:
        load_archive(path)
    assert str(raised.value) == (
        f"{path} {message}, but each part needs at least 10 (validation is the last twelfth of what is not for the "
        "test); give more images"
    )
    assert len(load_archive(_saved(tmp_path, images=BYTES[:143])).valid) == 10


def test_one_image_over_and_over_is_refused(tmp_path: Path) -> None:
    path = _saved(tmp_path, images=np.repeat(BYTES[:1], 150, axis=0))
    with pytest.raises(
        UsageError, match="has the same training image throughout, from which nothing can be learned"
    ):
        load_archive(path)


def test_rows_are_folded_to_their_shape_or_nearly_to_a_square() -> None:
    rows = np.arange(14.0).reshape(2, 7)
    folded = fold_images(rows)
    assert folded.shape == (2, 2, 4)
    assert folded[1].ravel()[:7].tolist() == rows[1].tolist()
    assert np.isnan(folded[:, 1, 3]).all()
    assert fold_images(np.zeros((1, 784))).shape == (1, 28, 28)
    assert np.array_equal(fold_images(np.arange(12.0)[None], (4, 3))[0], np.arange(12.0).reshape(4, 3))


def _saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "my.npz"
    np.savez(path, **arrays)
    return path
