"""The units, the login and the compose file: sound by their own tools, and open to this machine alone."""

from __future__ import annotations

import base64
import configparser
import http.server
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from expectations.project import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SITES = sorted((DEPLOY / "nginx").glob("*.conf"))
LOCAL = ("127.0.0.1", "[::1]", "localhost")


def sections(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, encoding="utf-8")
    return parser


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_sound(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    text = unit.read_text(encoding="utf-8")
    # The programs of the unit, which are not installed here.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.M)
    copy = tmp_path / unit.name
    copy.write_text(text, encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_unprivileged_and_for_this_machine(unit: Path) -> None:
    service = sections(unit)["Service"]
    assert service["User"] == "fenceng"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["ProtectHome"]) == ("yes", "strict", "yes")
    told = re.findall(r"(?:-h|--bind) (\S+?)(?::\d+)?(?= |$)", service["ExecStart"])
    assert all(address in LOCAL for address in told)
    assert told or "webserver" not in service["ExecStart"]
    program = service["ExecStart"].split()[0]
    assert program.startswith(("/opt/fenceng/.venv/bin/", "/opt/fenceng/.board/bin/"))


def test_the_landing_zone_is_only_read() -> None:
    for unit in UNITS:
        service = sections(unit)["Service"]
        assert "/data/landing" not in service.get("ReadWritePaths", ""), unit.name


def test_every_port_of_the_containers_is_this_machines() -> None:
    services = yaml.safe_load((PROJECT_ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for name, service in services.items():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), name
    assert "ports" not in services["pages"], "they have no login"
    secrets = {"POSTGRES_PASSWORD", "SECRET_KEY"}
    assert not any(secrets & set(service.get("environment", {})) for service in services.values())


class Pages(http.server.BaseHTTPRequestHandler):
    """Stands where Dagster's pages are, and tells what it was asked with."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.path} {self.headers.get('Authorization')}".encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def pages() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_the_login_lets_in_who_knows_the_password(site: Path, pages: int, tmp_path: Path) -> None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("no nginx on this machine: apt-get install nginx-light")
    port = pages + 1 if pages < 60_000 else pages - 1
    text = site.read_text(encoding="utf-8")
    text, listens = re.subn(r"listen \S+;", f"listen 127.0.0.1:{port};", text)
    text, passes = re.subn(r"proxy_pass \S+;", f"proxy_pass http://127.0.0.1:{pages};", text)
    text, files = re.subn(r"auth_basic_user_file \S+;", f"auth_basic_user_file {tmp_path}/htpasswd;", text)
    assert (listens, passes, files) == (1, 1, 1)
    (tmp_path / "htpasswd").write_text("operator:{PLAIN}secret\n", encoding="utf-8")
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Its workers would else be somebody who may not read the test's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log; worker_processes 1;"
        f" events {{}} http {{ access_log off; {folders} {text} }}",
        encoding="utf-8",
    )
    with subprocess.Popen([program, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "log"]) as server:
        try:
            assert ask(port, None) == (401, "")
            assert ask(port, "operator:wrong") == (401, "")
            # The password ends at the login.
            assert ask(port, "operator:secret") == (200, "/runs None")
        finally:
            server.terminate()


def ask(port: int, login: str | None) -> tuple[int, str]:
    """The status and text of a page, once the server is up."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/runs")
    if login:
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    for _ in range(100):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("the server did not come up")
