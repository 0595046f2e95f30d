"""A headless Chromium, driven over a pipe by its own protocol: a keyboard, a mouse and a camera.

Source: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    *("--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-gpu"),
    *("--no-sandbox", "--hide-scrollbars", "--font-render-hinting=none"),
    "--disable-dev-shm-usage",  # a container gives it 64 MB
)
# It reads commands from descriptor 3, and answers on 4.
_PIPED = 'exec "$@" 3<&0 4>&1 >/dev/null 2>&1'
_PATIENCE = 180  # seconds for all that one browser does
_TALL = 900  # pixels of the window
_A4 = {"paperWidth": 8.27, "paperHeight": 11.69}  # inches
_KEYS = {"Enter": "\r", "Tab": "", " ": " "}
_AT = """(() => { const found = document.querySelector(%s);
  if (!found) return null;
  found.scrollIntoView({block: 'center'});
  const box = found.getBoundingClientRect();
  return [box.x + Math.min(box.width / 2, 40), box.y + box.height / 2]; })()"""


def is_there() -> bool:
    """Whether this machine has a browser."""
    return _found() is not None


def _found() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass
class Seen:
    """What a page did beside being shown."""

    requests: list[str] = field(default_factory=list)  # URLs
    complaints: list[str] = field(default_factory=list)  # of the browser's console


class Chromium:
    """One page of a browser of its own, between enter and exit."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._numbers = count(1)
        self._loads = 0
        self._read = bytearray()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        command = _found()
        if command is None:
            raise FileNotFoundError(f"none of {', '.join(NAMES)} is installed")
        with ExitStack() as stack:
            home = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="cordon-", ignore_cleanup_errors=True)
            )
            process = subprocess.Popen(
                ["sh", "-c", _PIPED, "sh", command, *_OPTIONS, f"--user-data-dir={home}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            stack.callback(self._end, process)
            watch = threading.Timer(_PATIENCE, process.kill)
            watch.start()
            stack.callback(watch.cancel)
            assert process.stdin
            assert isinstance(process.stdout, BufferedReader)
            self._to: IO[bytes] = process.stdin
            self._from: BufferedReader = process.stdout
            self._page = ""
            target = self._ask("Target.createTarget", url="about:blank")["targetId"]
            attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
            self._page = attached["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
                self._ask(f"{domain}.enable")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def wear(self, width: int, *, dark: bool, paper: bool = False) -> None:
        """Be `width` CSS pixels wide, by day or by night, or on paper; under 500 a phone."""
        size = {"width": width, "height": _TALL, "deviceScaleFactor": 1, "mobile": width < 500}
        self._ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        media = "print" if paper else ""
        self._ask("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def go(self, url: str) -> None:
        """Open `url`, and wait until it is there."""
        self._loading(lambda: self._ask("Page.navigate", url=url))

    def click(self, selector: str, *, loads: bool = True) -> None:
        """Click in the middle of what `selector` names; wait for the page that this loads."""
        at = self.value(_AT % json.dumps(selector))
        assert at, f"there is no {selector} on {self.value('location.pathname')}"
        where = {"x": at[0], "y": at[1], "button": "left", "clickCount": 1}

        def press() -> None:
            self._ask("Input.dispatchMouseEvent", type="mousePressed", **where)
            self._ask("Input.dispatchMouseEvent", type="mouseReleased", **where)

        self._loading(press) if loads else press()

    def type(self, text: str) -> None:
        """Write `text` where the caret is."""
        self._ask("Input.insertText", text=text)

    def press(self, key: str, *, alt: bool = False, loads: bool = False) -> None:
        """Press a key: Enter, Tab, a space, or a letter."""
        code = key if len(key) > 1 else "Space" if key == " " else f"Key{key.upper()}"
        virtual = {"Enter": 13, "Tab": 9}.get(key) or ord(key.upper())
        how: dict[str, Any] = {"key": key, "code": code, "windowsVirtualKeyCode": virtual}
        text = _KEYS.get(key, key)
        # With Alt it is no text, but still the letter that an access key is compared with.
        said = {"modifiers": 1, "unmodifiedText": text} if alt else {"text": text} if text else {}

        def down_and_up() -> None:
            self._ask("Input.dispatchKeyEvent", type="keyDown", **how, **said)
            self._ask("Input.dispatchKeyEvent", type="keyUp", **how)

        self._loading(down_and_up) if loads else down_and_up()

    def value(self, script: str) -> Any:
        """Return what `script` is, in the page; the page's own policy does not hold for it."""
        said = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]["text"]
        return said["result"].get("value")

    def photograph(self, file: Path) -> None:
        """Write the whole page to `file`, a PNG, however long it is."""
        size = self._ask("Page.getLayoutMetrics")["cssContentSize"]
        whole = {**size, "scale": 1}
        said = self._ask("Page.captureScreenshot", captureBeyondViewport=True, clip=whole)
        file.write_bytes(base64.b64decode(said["data"]))

    def printed(self, file: Path) -> None:
        """Write the page to `file`, a PDF, as it would be printed on A4."""
        said = self._ask("Page.printToPDF", printBackground=False, **_A4)
        file.write_bytes(base64.b64decode(said["data"]))

    def _loading(self, act: Callable[[], object]) -> None:
        before = self._loads
        act()
        while self._loads == before:
            self._take(self._next())

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        session = {"sessionId": self._page} if self._page else {}
        message = {"id": number, "method": method, "params": params, **session}
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while (said := self._next()).get("id") != number:
            self._take(said)
        assert "error" not in said, f"{method}: {said['error']}"
        result: dict[str, Any] = said["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            more = self._from.read1(1 << 16)
            assert more, "the browser ended"
            self._read += more
        text, _, rest = self._read.partition(b"\0")
        self._read = bytearray(rest)
        said: dict[str, Any] = json.loads(text)
        return said

    def _take(self, event: Mapping[str, Any]) -> None:
        said = event.get("params", {})
        match event.get("method"):
            case "Page.loadEventFired":
                self._loads += 1
            case "Network.requestWillBeSent":
                self.seen.requests.append(said["request"]["url"])
            case "Log.entryAdded" if said["entry"]["level"] in ("error", "warning"):
                self.seen.complaints.append(said["entry"]["text"])
            case "Runtime.exceptionThrown" | "Audits.issueAdded":
                self.seen.complaints.append(json.dumps(said)[:400])
            case _:
                pass  # all else that it tells is not asked for

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        try:
            self._page = ""
            self._ask("Browser.close")
            process.wait(10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
