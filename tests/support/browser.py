"""A headless Chromium, driven by its DevTools protocol: https://chromedevtools.github.io/devtools-protocol/."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.support.waiting import wait_until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--remote-debugging-port=0"),
    # Connections on the loopback address are found by their address, not by a multicast name.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
_ANSWER_S = 20.0
_POLL_S = 0.05


@dataclass(slots=True)
class Browser:
    """A running browser."""

    socket: ClientConnection
    _last: int = 0
    _events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - the protocol's
        """The answer to a command; events that come before it are kept."""
        self._last += 1
        command = {"id": self._last, "method": method, "params": parameters}
        self.socket.send(json.dumps({**command, "sessionId": session} if session else command))
        while True:
            answer = json.loads(self.socket.recv(_ANSWER_S))
            if answer.get("id") == self._last:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._events.append(answer)

    def open(self, url: str, *, width: int = 1280, height: int = 900) -> "Tab":
        """A page of its own profile."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable", session)
        tab.resize(width, height)
        self.call("Page.navigate", session, url=url)
        return tab

    def hosts(self, session: str) -> set[str]:
        """The hosts that a page with an enabled network domain has sent requests to."""
        events = [one for one in self._events if one.get("sessionId") == session]
        failed = [one["params"] for one in events if one["method"] == "Network.loadingFailed"]
        never_sent = {one["requestId"] for one in failed if one.get("blockedReason") == "csp"}
        sent = [one["params"] for one in events if one["method"] == "Network.requestWillBeSent"]
        urls = [urlsplit(str(one["request"]["url"])) for one in sent if one["requestId"] not in never_sent]
        return {url.netloc for url in urls if url.scheme in {"http", "https"}}

    def errors(self, session: str) -> list[str]:
        """What a page's console has as errors, and what its scripts did not catch."""
        found: list[str] = []
        for event in self._events:
            if event.get("sessionId") != session:
                continue
            entry = event["params"].get("entry", {})
            # A refusal of the API is logged by the browser too.
            if event["method"] == "Log.entryAdded" and entry["level"] == "error" and entry["source"] != "network":
                found.append(entry["text"])
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(event["params"]["exceptionDetails"])[:500])
        return found


@dataclass(frozen=True, slots=True)
class Tab:
    """One page."""

    browser: Browser
    session: str

    def resize(self, width: int, height: int) -> None:
        """Give the page another size, as on another device."""
        self.browser.call(
            "Emulation.setDeviceMetricsOverride",
            self.session,
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def run(self, script: str) -> Any:  # noqa: ANN401 - whatever the script has
        """The value of an expression; a promise is awaited."""
        answer = self.browser.call(
            *("Runtime.evaluate", self.session),
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, script: str, seconds: float = 20.0) -> Any:  # noqa: ANN401 - whatever the script has
        """The first truthy value of an expression."""
        deadline = time.monotonic() + seconds
        while not (value := self.run(script)):
            if time.monotonic() > deadline:
                pytest.fail(f"{script}: not within {seconds:g} s. The page says:\n{self.text()}")
            time.sleep(_POLL_S)
        return value

    def text(self) -> str:
        """What the page's main part says."""
        return str(self.run("document.querySelector('main')?.innerText"))

    def click(self, selector: str) -> None:
        """Press what can be seen and pressed, as soon as it can."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"{found}?.checkVisibility() && !{found}.disabled")
        self.run(f"{found}.click()")

    def fill(self, selector: str, text: str) -> None:
        """Write into a field."""
        self.run(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(text)}")

    def screenshot(self, path: Path) -> None:
        """Keep a picture of the whole page."""
        picture = self.browser.call("Page.captureScreenshot", self.session, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(picture["data"]))


@contextmanager
def browser(profile: Path) -> Generator[Browser]:
    """A browser until the block ends, with a camera and a microphone that are not real."""
    process = subprocess.Popen(  # noqa: S603 - the installed browser
        [str(CHROMIUM), *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        told = profile / "DevToolsActivePort"
        lines = wait_until(lambda: _lines_of(told), "the browser's port")
        with connect(f"ws://127.0.0.1:{lines[0]}{lines[1]}", max_size=None, proxy=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(20)


def _lines_of(told: Path) -> list[str]:
    """The port and the path; empty until both are written."""
    found = told.read_text().split() if told.exists() else []
    return found if len(found) > 1 else []
