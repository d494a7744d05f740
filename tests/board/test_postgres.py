"""The same board on PostgreSQL: its queries, metrics and row rules give there what they give on DuckDB."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from served import Bank, table
from sqlalchemy.engine import make_url

from bi.superset import assets, marts, rights

DATASETS = assets.datasets("zh")
# Where Debian puts the server's programs, which are on no PATH.
PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@pytest.fixture(scope="module")
def postgres(bank: Bank) -> Iterator[Any]:
    """A cursor of a server that holds the marts; the server ends with the tests."""
    if PROGRAMS is None or not (PROGRAMS / "initdb").exists():
        pytest.skip("no PostgreSQL server on this machine: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    # It refuses to run as root.
    runner = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        runner = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *arguments: str) -> None:
        command = [*runner, str(PROGRAMS / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    try:
        run("initdb", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-N")
        run("pg_ctl", "-w", "-o", f"-c listen_addresses='' -c unix_socket_directories={folder}", "start")
        connection = psycopg2.connect(host=str(folder), user="postgres", dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            load(bank, cursor, folder)
            yield cursor
        connection.close()
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def load(bank: Bank, cursor: Any, folder: Path) -> None:
    """Copy every mart into the server, with the types of the contract."""
    names = bank.rows("select table_name from information_schema.tables where table_catalog = 'release'")
    for (name,) in names:
        columns = bank.rows(f"describe {name}")
        types = ", ".join(f"{column} {kind.replace('DOUBLE', 'double precision')}" for column, kind, *_ in columns)
        cursor.execute(f"create table {name} ({types})")
        bank.rows(f"copy {name} to '{folder / 'rows.csv'}' (header false)")
        with (folder / "rows.csv").open() as rows:
            cursor.copy_expert(f"copy {name} from stdin (format csv)", rows)


def rows(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql)
    return list(cursor.fetchall())


def rendered(clause: str, user: str) -> str:
    """A row rule as Superset renders it for a user."""
    return re.sub(r"'\{\{.*?\}\}'", "'" + user.replace("'", "''") + "'", clause)


def test_every_data_set_gives_the_same_rows(bank: Bank, postgres: Any) -> None:
    for dataset in DATASETS.values():
        sql = dataset.asset["sql"]
        assert table(rows(postgres, sql)) == table(bank.rows(sql)), dataset.id


def test_every_metric_gives_the_same_number(bank: Bank, postgres: Any) -> None:
    for dataset in DATASETS.values():
        for metric in dataset.asset["metrics"]:
            sql = f"select {metric['expression']} from ({dataset.asset['sql']}) as virtual_table"
            assert table(rows(postgres, sql)) == table(bank.rows(sql)), (dataset.id, metric)


@pytest.mark.parametrize("kind", ["bank", "branch", "outlet", "manager", "nobody", "injection"])
def test_every_row_rule_lets_the_same_rows_through(bank: Bank, postgres: Any, kind: str) -> None:
    for dataset in DATASETS.values():
        clause = rendered(rights.clause(dataset.rights), bank.people[kind])
        assert "{" not in clause
        sql = f"select count(*) from ({dataset.asset['sql']}) as virtual_table where ({clause})"
        assert rows(postgres, sql) == bank.rows(sql), dataset.id


def test_the_password_stays_out_of_what_superset_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "postgresql+psycopg2://board:secret@db.bank:5432/bank?options=-csearch_path%3Dmarts"
    monkeypatch.setenv("BOARD_URI", address)
    assert "secret" not in "".join(assets.bundle(marts.public_uri()).values())
    stored = make_url(marts.public_uri())
    url, parameters = marts.connection_of(stored, {"x": 1})
    assert str(url) == address and parameters == {"x": 1}
    # Another database than the marts is left as it is.
    other = make_url("sqlite:///other.db")
    assert marts.connection_of(other, {}) == (other, {})
