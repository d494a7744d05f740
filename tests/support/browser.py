"""A headless Chromium that opens a file: what it draws, says on its console and asks of the network."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

# The first that is installed; snap's cannot read the test's folder.
NAMES = ("chromium", "google-chrome", "google-chrome-stable")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
)
# Chromium itself calls home for the time and for accounts.
OF_THE_BROWSER = "google.com"


def chromium() -> str | None:
    """The path of a Chromium, None if there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass(frozen=True)
class Opened:
    """A page after its scripts ran. requests: other urls than files that were asked for, by the page alone."""

    dom: str
    console: list[str]
    requests: list[str]


def open_page(file: Path, folder: Path, fragment: str = "", *, width: int = 1280) -> Opened:
    """Open a file and let its scripts end. folder: for the browser's own files."""
    log = folder / "net.json"
    done = _run(
        folder,
        "--enable-logging=stderr",
        f"--log-net-log={log}",
        "--virtual-time-budget=10000",
        f"--window-size={width},2000",
        "--dump-dom",
        f"{file.as_uri()}{fragment}",
    )
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    asked = {event["params"]["url"] for event in _events(log) if "url" in event.get("params", {})}
    hosts = {url: urlsplit(url).hostname or "" for url in asked if not url.startswith(("file:", "data:", "chrome"))}
    return Opened(done.stdout, console, sorted(url for url, host in hosts.items() if not host.endswith(OF_THE_BROWSER)))


def print_page(file: Path, folder: Path) -> bytes:
    """The PDF of a page."""
    target = folder / "page.pdf"
    _run(folder, "--virtual-time-budget=10000", "--no-pdf-header-footer", f"--print-to-pdf={target}", file.as_uri())
    return target.read_bytes()


def _run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    browser = chromium()
    assert browser
    return subprocess.run(
        [browser, *QUIET, f"--user-data-dir={folder / 'profile'}", *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def _events(log: Path) -> list[dict[str, dict[str, str]]]:
    events: list[dict[str, dict[str, str]]] = json.loads(log.read_text(encoding="utf-8"))["events"]
    return events
