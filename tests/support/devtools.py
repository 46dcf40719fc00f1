"""A headless Chromium as a process, and the Chrome DevTools Protocol spoken with it through a pipe."""

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import Any

import psutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 20.0
"""Seconds that one answer may take."""
OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    # Root and containers often cannot have the sandbox; the pages are our own.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-extensions",
    "--hide-scrollbars",
    "--no-first-run",
)
Message = dict[str, Any]


class NoBrowserError(Exception):
    """There is no browser here that can be driven."""


def find_browser() -> str:
    """The path of the first Chromium or Chrome on the PATH; NoBrowserError if there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise NoBrowserError(f"none of {', '.join(NAMES)} is on the PATH")


class DevTools:
    """A browser's process; what it answers, and the events that it reports meanwhile."""

    def __init__(self, program: str) -> None:
        self.events: list[Message] = []
        self._buffer = bytearray()
        self._calls = 0
        self._profile = TemporaryDirectory(ignore_cleanup_errors=True)
        # The shell makes its own input and output the descriptors 3 and 4 that Chromium speaks through.
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null', program, *OPTIONS,
             f"--user-data-dir={self._profile.name}", "about:blank"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            start_new_session=True,
        )  # fmt: skip

    def call(self, method: str, session: str = "", **params: Any) -> Message:
        """The result of a method; RuntimeError if refused, TimeoutError if late, NoBrowserError if it has ended."""
        self._calls += 1
        number = self._calls
        message = {"id": number, "method": method, "params": params}
        assert self.process.stdin
        with suppress(BrokenPipeError):
            content = message | ({"sessionId": session} if session else {})
            self.process.stdin.write(json.dumps(content).encode() + b"\0")
        answer = self._until(lambda message: message.get("id") == number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        result: Message = answer["result"]
        return result

    def wait_for(self, method: str, **params: Any) -> None:
        """Wait until an event of the method with these parameters was reported; TimeoutError if it never is."""

        def wanted(message: Message) -> bool:
            return message.get("method") == method and params.items() <= message["params"].items()

        if not any(map(wanted, self.events)):
            self._until(wanted)

    def reported(self, method: str) -> list[Message]:
        """The parameters of every event of the method."""
        return [event["params"] for event in self.events if event["method"] == method]

    def close(self) -> None:
        """End the browser and every process that it started."""
        processes = psutil.Process(self.process.pid).children(recursive=True)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # What still writes its profile would leave it behind.
        psutil.wait_procs(processes, timeout=PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()
        self._profile.cleanup()

    def _until(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message that is wanted; events are kept."""
        end = time.monotonic() + PATIENCE
        while True:
            message = self._next(end)
            if "method" in message:
                self.events.append(message)
            if wanted(message):
                return message

    def _next(self, end: float) -> Message:
        """The next message from the browser, which ends with a zero byte."""
        assert self.process.stdout
        while b"\0" not in self._buffer:
            if not select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"no answer from the browser within {PATIENCE:.0f} s")
            if not (read := os.read(self.process.stdout.fileno(), 1 << 20)):
                raise NoBrowserError("the browser has ended")
            self._buffer += read
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: Message = json.loads(line)
        return message
