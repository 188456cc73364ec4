"""A real Chromium without a window, driven over a pipe: what tests of pages open them with.

The protocol is Chrome's own (DevTools protocol): JSON messages ended by a zero byte, read by the browser from its file
descriptor 3 and written to 4. The browser gets a profile of its own in a scratch folder and no network.
"""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
ANSWER_SECONDS_MAX = 60


def found() -> str | None:
    """Return the path of the browser on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Chromium:
    """One browser process with one page; close it, or use it in a `with` statement."""

    def __init__(self, program: str, *options: str) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # The browser reads descriptor 3 and writes 4; a shell puts them there, whatever their numbers are here.
        command = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", command, program, *_options(self._profile.name), *options, "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._numbers = itertools.count(1)
        self._received = b""
        self._told: list[dict[str, Any]] = []
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        os.close(self._write)
        os.close(self._read)
        self._process.terminate()
        self._process.wait(timeout=ANSWER_SECONDS_MAX)
        self._profile.cleanup()

    def ask(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and return its result; AssertionError when the browser refuses."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if hasattr(self, "_session"):
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next_message()
            if "method" in answer:
                self._told.append(answer)
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def open(self, path: Path, language: str = "en-GB") -> None:
        """Load a local page afresh, as somebody who reads that language."""
        self.ask("Emulation.setUserAgentOverride", userAgent="test", acceptLanguage=language)
        self.ask("Page.navigate", url=path.absolute().as_uri())
        self.wait_for("document.readyState === 'complete'")

    def watched(self, path: Path, language: str = "en-GB") -> tuple[list[str], list[str]]:
        """Load a local page; return what it asked for beside itself, and what the browser complained of."""
        for domain in ("Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")
        self._told.clear()
        self.open(path, language)
        self.value("new Promise(done => setTimeout(done, 50))")
        asked = [one["params"]["request"]["url"] for one in self._told if one["method"] == "Network.requestWillBeSent"]
        complaints = [
            str(one["params"])
            for one in self._told
            if one["method"] in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        ]
        return [url for url in asked if url != path.absolute().as_uri()], complaints

    def value(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Return the value of an expression as soon as it is true."""
        end = time.monotonic() + ANSWER_SECONDS_MAX
        while not (value := self.value(expression)):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)
        return value

    def choose_files(self, selector: str, files: Sequence[Path]) -> None:
        """Put files into a file input, as somebody does who picks them."""
        document = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", nodeId=node, files=[str(path.absolute()) for path in files])

    def screenshot(self, path: Path, width: int = 1100, height: int = 900, scale: float = 1) -> None:
        """Write a picture of the whole page."""
        size: Mapping[str, Any] = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, path: Path) -> None:
        """Write the page as it prints."""
        printed = self.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        path.write_bytes(base64.b64decode(printed["data"]))

    def _next_message(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._read], [], [], ANSWER_SECONDS_MAX)
            assert ready, "the browser does not answer"
            chunk = os.read(self._read, 1 << 16)
            assert chunk, "the browser ended"
            self._received += chunk
        message, _, self._received = self._received.partition(b"\0")
        return dict(json.loads(message))


# Private


def _options(profile: str) -> list[str]:
    options = ["--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run"]
    options += ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars"]
    options += ["--disable-component-update", "--disable-sync", "--no-default-browser-check"]
    if os.geteuid() == 0:  # the browser's own sandbox refuses the superuser
        options.append("--no-sandbox")
    return options
