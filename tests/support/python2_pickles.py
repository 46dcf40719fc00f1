"""Pickles of arrays as Python 2 and an early NumPy wrote them, for tests."""

import pickle
import pickletools

AS_BEFORE = {"SHORT_BINBYTES": b"U", "BINBYTES": b"T", "BINUNICODE": b"T", "PROTO": b"\x80"}
"""The opcodes of Python 2's strings, laid out as those of today's."""


def python2_pickle(value: object) -> bytes:
    """The value's pickle in protocol 2, with every string a string of bytes."""
    content = bytearray(pickle.dumps(value, protocol=3))
    for opcode, _, place in pickletools.genops(bytes(content)):
        content[place : place + 1] = AS_BEFORE.get(opcode.name, content[place : place + 1])
    content[1] = 2
    return bytes(content).replace(b"numpy._core", b"numpy.core")
