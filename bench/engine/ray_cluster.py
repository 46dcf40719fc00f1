"""Joining a Ray cluster, or starting one on this machine; always with a token, never with usage statistics."""

import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from bench.errors import BenchError, UsageError
from bench.wording import count

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray warns, at every start, of what this will be by default.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
SECONDS_TO_KNOCK = 10.0
"""At a cluster's door."""
LONGEST_REASON = 300
"""Characters of an error of Ray's that are shown."""


def check_installed() -> None:
    """UsageError where the extra is not installed."""
    if find_spec("ray") is None:
        raise UsageError(
            "the Ray engine needs ray, which is not installed: pip install --editable '.[cluster]' in the clone"
        )


def join(address: str | None, cores: int) -> Any:
    """The module `ray`, connected to the cluster at the address; None: one of its own with so many cores.

    Raises BenchError where there is no cluster, or one that does not let us in.
    """
    check_installed()
    if address not in (None, "auto"):
        _knock(address)
    # Ray reads its settings when it is imported.
    os.environ |= {name: os.environ.get(name, value) for name, value in QUIET.items()}
    _see_to_token(address)
    import ray

    where: dict[str, Any] = {"address": address} if address else {"address": "local", "num_cpus": cores}
    if address is None:
        where["include_dashboard"] = False
    try:
        with _our_sigterm():
            ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
    except ray.exceptions.AuthenticationError as error:
        raise UsageError(
            f"the Ray cluster at {address} asks for its token: put what `ray get-auth-token` says on its head "
            "into ~/.ray/auth_token here, or set RAY_AUTH_TOKEN; for a cluster without one set "
            "RAY_AUTH_MODE=disabled"
        ) from error
    except Exception as error:  # Ray raises whatever its parts do
        raise BenchError(
            f"cannot use Ray at {address or 'this machine'}: {first_line(error)}; see whether it runs "
            "(`ray status`) and has this machine's token (`ray get-auth-token`), or leave out --address"
        ) from error
    return ray


def first_line(error: BaseException) -> str:
    """The error's first line of text, shortened, or its name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:LONGEST_REASON]


def units_at_once(ray: Any, threads: int, *, gpu: bool) -> int:
    """How many units the cluster has room for now; UsageError where no node has room for one."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    rooms = [int(node.get("CPU", 0)) // threads for node in nodes]
    if gpu:
        rooms = [min(room, int(node.get("GPU", 0))) for room, node in zip(rooms, nodes, strict=True)]
    if not sum(rooms):
        most = max((int(node.get("CPU", 0)) for node in nodes), default=0)
        wanted = count(threads, "core") + (" and a GPU" if gpu else "")
        raise UsageError(
            f"a unit takes {wanted} but no node of the cluster has that (at most {count(most, 'core')}); "
            "choose fewer --threads"
        )
    return sum(rooms)


def _knock(address: str) -> None:
    """Find out at once whether anybody is there; Ray takes minutes for it."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--address must be auto or HOST:PORT but got {address}")
    try:
        socket.create_connection((host, int(port)), timeout=SECONDS_TO_KNOCK).close()
    except (OSError, OverflowError) as error:
        raise BenchError(
            f"no Ray cluster answers at {address} ({error}); `ray start --head` starts one, or leave out --address"
        ) from error


def _see_to_token(address: str | None) -> None:
    """Ask for a token everywhere; a cluster of our own gets a new one, which only it and we know."""
    if address is None:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    else:
        os.environ.setdefault("RAY_AUTH_MODE", "token")


@contextmanager
def _our_sigterm() -> Iterator[None]:
    """Ray takes SIGTERM for itself; what it means to this process stays as it was."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
