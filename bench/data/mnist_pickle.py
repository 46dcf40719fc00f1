"""Pickled arrays as Python 2 wrote them, read by an unpickler that can build nothing else."""

import io
import pickle
import pickletools
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
