"""Loaded once by the server that the runs are forked from: all imports, and the first run's laziness.

The server stays single-threaded, for only such a process can be forked at will.
"""

import gc
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from commands_of import arguments, write_digits
from quiet import call_main

torch.set_num_threads(1)
with TemporaryDirectory() as name, Path(os.devnull).open("w") as nowhere:
    data = write_digits(Path(name) / "digits.npz")
    call_main(arguments(data, Path(name) / "run"), nowhere)
# What is loaded by now is not looked through again by every child's collector.
gc.freeze()
