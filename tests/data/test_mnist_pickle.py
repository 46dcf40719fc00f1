"""Arrays come out of their pickles, and nothing else does."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from python2_pickles import python2_pickle

from bench.data.mnist_package import read_arrays

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_pickled_arrays_are_read() -> None:
    labels = np.array([3, 1], dtype=np.int64)
    (found, classes), (again, _) = read_arrays(python2_pickle(((ARRAY, labels), (ARRAY, labels))))
    assert np.array_equal(found, ARRAY)
    assert np.array_equal(again, ARRAY)
    assert classes.tolist() == [3, 1]


@pytest.mark.parametrize(
    "value", [io.BytesIO, Path("x"), print, ARRAY.dtype.type, np.array([None]), ARRAY > 1]
)
def test_pickle_of_anything_but_arrays_is_refused(value: object) -> None:
    for content in (pickle.dumps((value,)), python2_pickle((value,))):
        with pytest.raises(pickle.UnpicklingError, match=r"is no part of|is none of"):
            read_arrays(content)


def test_array_that_promises_more_than_there_is_is_refused() -> None:
    content = python2_pickle((ARRAY,))
    assert content.count(b"K\x02K\x03\x86") == 1
    with pytest.raises(pickle.UnpicklingError, match=r"an array of shape \(255, 3\) has 24 bytes"):
        read_arrays(content.replace(b"K\x02K\x03\x86", b"K\xffK\x03\x86"))


def test_what_is_no_tuple_of_arrays_is_refused() -> None:
    with pytest.raises(pickle.UnpicklingError, match="a str is not an array"):
        read_arrays(python2_pickle((ARRAY, "text")))
