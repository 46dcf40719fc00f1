"""One page in a headless Chromium: opened, measured and printed."""

from base64 import b64decode
from pathlib import Path
from typing import Any, Self

from devtools import DevTools, Message, NoBrowserError

PHONE = 600
"""CSS pixels below which a page is shown as a phone shows it."""


class Browser:
    """A browser with one page, which ends with the `with` block; a call waits for at most 20 s."""

    def __init__(self, program: str) -> None:
        self.tools = DevTools(program)
        self._session = ""

    def __enter__(self) -> Self:
        try:
            target = self._call("Target.createTarget", url="about:blank")["targetId"]
            self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self._call(f"{domain}.enable")
            self._call("Page.setLifecycleEventsEnabled", enabled=True)
        except BaseException:
            self.tools.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.tools.close()

    def open(self, path: Path) -> None:
        """Show the file, all of it, and forget earlier events; NoBrowserError if the browser may not read it."""
        self.tools.events.clear()
        shown = self._call("Page.navigate", url=path.as_uri())
        if "errorText" in shown:
            raise NoBrowserError(f"the browser cannot open {path}: {shown['errorText']}")
        self.tools.wait_for("Page.lifecycleEvent", loaderId=shown["loaderId"], name="load")

    def resize(self, width: int, height: int = 900) -> None:
        """Show pages at this many CSS pixels."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                   mobile=width < PHONE)  # fmt: skip

    def style(self, scheme: str, medium: str = "") -> None:
        """Show pages to someone who prefers this scheme, light or dark; medium: print, to see them as printed."""
        preferred = [{"name": "prefers-color-scheme", "value": scheme}]
        self._call("Emulation.setEmulatedMedia", media=medium, features=preferred)

    def evaluate(self, expression: str) -> Any:
        """What the JavaScript expression gives, or the promise that it is; ValueError if that throws."""
        answer = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise ValueError(_thrown(answer))
        return answer["result"].get("value")

    def pdf(self) -> bytes:
        """The page as the browser prints it unless told otherwise: without backgrounds, on US letter."""
        return b64decode(self._call("Page.printToPDF")["data"])

    @property
    def requests(self) -> list[str]:
        """The addresses asked for since the page was opened."""
        return [event["request"]["url"] for event in self.tools.reported("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[str]:
        """Errors and warnings since the page was opened: the page's own and what the browser refused it."""
        loud = ("error", "warning", "assert")
        thrown = self.tools.reported("Runtime.exceptionThrown")
        calls = self.tools.reported("Runtime.consoleAPICalled")
        entries = [event["entry"] for event in self.tools.reported("Log.entryAdded")]
        said = [str([part.get("value") for part in call["args"]]) for call in calls if call["type"] in loud]
        logged = [entry["text"] for entry in entries if entry["level"] in loud]
        return [*map(_thrown, thrown), *said, *logged]

    def _call(self, method: str, **params: Any) -> Message:
        return self.tools.call(method, self._session, **params)


def _thrown(event: Message) -> str:
    details = event["exceptionDetails"]
    return str(details.get("exception", {}).get("description", details["text"]))
