"""A board that is really served: a copy of a published sample bank, Superset on a free port, users of every kind.

`make test-board` runs these tests in the board's own environment; elsewhere they are not collected.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PUBLISHED = os.environ.get("BOARD_TEST", "")
if not PUBLISHED:
    collect_ignore_glob = ["test_*.py"]
else:
    import duckdb
    from served import Bank, Board

ROOT = Path(__file__).parents[2]
# The sample bank has nobody at head office.
HEAD_OFFICE = "E99999"
# What a name may try.
INJECTION = "x' or '1'='1"


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Copies of the release, as two releases of which `current` is the first, and somebody of every kind."""
    folder = tmp_path_factory.mktemp("published")
    for name in ("one", "two"):
        _copy(Path(PUBLISHED).resolve(), folder / name)
    (folder / "current").symlink_to("one")
    with duckdb.connect() as marts:
        marts.execute(f"attach '{folder / 'one' / 'marts.duckdb'}' as release (read_only); use release")
        yield Bank(folder, marts, _people(marts))


def _copy(release: Path, target: Path) -> None:
    """Copy a release, whose views name its files, with somebody at head office."""
    shutil.copytree(release, target, ignore=shutil.ignore_patterns("*.duckdb", "report"))
    with duckdb.connect(str(release / "marts.duckdb"), read_only=True) as old:
        views = old.execute("select sql from duckdb_views() where not internal").fetchall()
    with duckdb.connect(str(target / "marts.duckdb")) as new:
        for (sql,) in views:
            new.execute(sql.replace(str(release), str(target)))
        new.execute("alter view fct_access_right rename to delivered_right")
        new.execute(
            "create table fct_access_right as from delivered_right"
            f" union all select '{HEAD_OFFICE}', org_id, 'bank', 'TEST' from dim_organization"
        )


def _people(marts: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Kind -> somebody of it with something to see, or with no right."""
    with_customers = """
        select min(held.employee_id) from fct_access_right as held
        inner join fct_maintenance_assignment_monthly as assignment
            on held.employee_id in (
                assignment.employee_id, assignment.credit_employee_id, assignment.beside_employee_id,
                assignment.specialist_employee_id
            )
        inner join dim_month as months on months.policy_month = assignment.policy_month and months.is_newest
        where held.scope = 'customers'
    """
    branch = """
        select min(held.employee_id) from fct_access_right as held
        inner join dim_employee as employee on employee.employee_id = held.employee_id
        inner join dim_organization as place on place.org_id = employee.org_id
        where held.scope = 'subtree' and place.org_level = 'branch'
    """
    queries = {
        "branch": branch,
        "outlet": "select min(employee_id) from fct_access_right where scope = 'organization'",
        "manager": with_customers,
        "nobody": "select min(employee_id) from dim_employee where is_active and role = 'teller'",
    }
    people = {kind: marts.execute(sql).fetchall()[0][0] for kind, sql in queries.items()}
    assert all(people.values()), people
    return {"bank": HEAD_OFFICE, **people, "stranger": "E00000", "injection": INJECTION}


@pytest.fixture(scope="session")
def board(bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """The board, installed from nothing and served, with its administrator's and its readers' passwords."""
    home = tmp_path_factory.mktemp("board")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BOARD_")},
        "BOARD_HOME": str(home / "home"),
        "BOARD_URI": f"duckdb:///{bank.folder / 'current' / 'marts.duckdb'}",
    }
    command = [sys.executable, "-m", "bi.superset"]
    said = home / "out"
    with said.open("w") as out, (home / "log").open("w") as log:
        server = subprocess.Popen([*command, "up", "--bind", bind], cwd=ROOT, env=environment, stdout=out, stderr=log)
    try:
        _wait(bind, server, home / "log")
        password = re.search(r"^user admin, password (\S+) ", said.read_text(), re.M)
        assert password, said.read_text()
        made = subprocess.run(
            [*command, "user", *bank.people.values()],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        passwords = dict(line.rsplit("  ", 1) for line in made.stdout.splitlines())
        assert passwords.keys() == set(bank.people.values()), made.stderr
        yield Board(f"http://{bind}", home / "home", environment, {"admin": password[1], **passwords})
    finally:
        server.kill()
        server.wait()


def _wait(bind: str, server: subprocess.Popen[bytes], log: Path) -> None:
    import requests

    end = time.monotonic() + 300
    while True:
        try:
            if requests.get(f"http://{bind}/health", timeout=5).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass
        assert server.poll() is None and time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.5)
