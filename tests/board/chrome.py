"""A headless Chromium that is logged in, spoken to through its own protocol: what it shows and asks for."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import websocket

NAMES = ("chromium", "google-chrome", "google-chrome-stable")
# Of these, the last keeps the browser itself from asking other hosts.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)


def chromium() -> str | None:
    """The path of a Chromium, None if there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One page.

    requests: every address that it asked for; blocked: those that the content-security policy kept back; failed: what
    the server refused.
    """

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=30)
        self._numbers = itertools.count(1)
        self.requests: list[str] = []
        self.blocked: set[str] = set()
        self._addresses: dict[str, str] = {}
        self.failed: list[str] = []
        for domain in ("Network", "Page", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and return its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._hear(message)

    def close(self) -> None:
        self._socket.close()

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def wait(self, script: str, seconds: float = 30) -> Any:
        """The value of an expression as soon as it is true."""
        end = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < end, (
                f"still not true after {seconds} s: {script}\n{self.run('document.body.innerText')}"
            )
            time.sleep(0.2)
        return value

    def picture(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def _hear(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
            self._addresses[told["requestId"]] = told["request"]["url"]
        elif message.get("method") == "Network.responseReceived" and told["response"]["status"] >= 400:
            self.failed.append(f"{told['response']['status']} {told['response']['url']}")
        elif message.get("method") == "Network.loadingFailed" and told.get("blockedReason") == "csp":
            self.blocked.add(self._addresses[told["requestId"]])


@contextmanager
def browser(folder: Path, cookies: requests.cookies.RequestsCookieJar, url: str) -> Iterator[Page]:
    """A page of a new browser, logged in by these cookies. folder: for the browser's own files."""
    path = chromium()
    assert path
    profile = folder / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    options = [*OPTIONS, f"--user-data-dir={profile}", "--window-size=1500,2200", "about:blank"]
    process = subprocess.Popen([path, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        page = Page(_address(profile / "DevToolsActivePort"))
        for cookie in cookies:
            page.call("Network.setCookie", name=cookie.name, value=cookie.value, url=url)
        try:
            yield page
        finally:
            page.close()
    finally:
        process.kill()
        process.wait()


def _address(port_file: Path) -> str:
    end = time.monotonic() + 30
    while not (port_file.exists() and port_file.read_text().strip()):
        assert time.monotonic() < end, "Chromium did not start"
        time.sleep(0.1)
    port = port_file.read_text().split()[0]
    pages = requests.get(f"http://127.0.0.1:{port}/json/list", timeout=10).json()
    return next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
