"""Whatever lies in a file of one's own images, it is read or refused in one line, and never run."""

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.data import npz_images
from bench.data.npz_images import load_archive
from bench.io.errors import UsageError

GENERATOR = np.random.default_rng(0)
BYTES = GENERATOR.integers(0, 256, (150, 6), dtype=np.uint8)
FLOATS = GENERATOR.random((150, 6))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.npz", None, "cannot read {path}: No such file or directory"),
        (".npz", None, "--data must be a NumPy archive whose name ends in .npz but got '{path}'"),
        ("a.npy", b"", "--data must be a NumPy archive whose name ends in .npz but got '{path}'"),
        (
            "a.npz",
            b"",
            "{path} is not a NumPy archive of plain arrays, or is damaged: File is not a zip file",
        ),
        (
            "a.npz",
            b"images",
            "{path} is not a NumPy archive of plain arrays, or is damaged: File is not a zip file",
        ),
    ],
)
def test_what_is_no_archive_is_named(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        load_archive(path)
    assert str(raised.value) == message.format(path=path)


def test_folder_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.npz").mkdir()
    with pytest.raises(UsageError, match=r"cannot read .*a\.npz: Is a directory"):
        load_archive(tmp_path / "a.npz")


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (Path.touch, (self.path,))


def test_pickles_are_refused_and_never_run(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    inside = np.empty(150, dtype=object)
    inside[:] = [Trap(sprung)] * 150
    bare = tmp_path / "bare.npz"
    bare.write_bytes(pickle.dumps(Trap(sprung)))
    for path in (_saved(tmp_path, images=inside), bare):
        with pytest.raises(UsageError, match="is not a NumPy archive of plain arrays, or is damaged"):
            load_archive(path)
    assert not sprung.exists()


def test_archive_that_unpacks_to_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, images=np.zeros((1000, 100), np.uint8))
    assert path.stat().st_size < 5_000
    monkeypatch.setattr(npz_images, "MAX_BYTES", 50_000)
    monkeypatch.setattr(np, "load", None)
    with pytest.raises(UsageError, match="the arrays must be at most 50,000 bytes, but got 100,128"):
        load_archive(path)


def test_member_that_is_no_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images", b"text")
    with pytest.raises(
        UsageError, match="is not a NumPy archive of plain arrays, or is damaged: images is not an array"
    ):
        load_archive(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.booleans())
def test_random_bytes_never_do_more_than_be_refused(tmp_path: Path, content: bytes, inside: bool) -> None:
    path = tmp_path / "random.npz"
    path.write_bytes(content)
    if inside:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("images.npy", b"\x93NUMPY" + content)
    with pytest.raises(UsageError):
        load_archive(path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_archive_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(_content(BYTES))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.npz"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    assert "\n" not in _refusal(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_array_in_a_sound_archive_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(_content(BYTES))) as sound:
        array = bytearray(sound.read("images.npy"))
    for _ in range(data.draw(st.integers(1, 4))):
        array[data.draw(st.integers(0, 127))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", bytes(array))
    assert "\n" not in _refusal(path)


def _refusal(path: Path) -> str:
    """The one error that may come of a file; nothing where it is read."""
    try:
        load_archive(path)
    except UsageError as error:
        return str(error)
    return ""


def _content(images: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez(content, images=images)
    return content.getvalue()


def _saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "my.npz"
    np.savez(path, **arrays)
    return path
