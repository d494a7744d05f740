"""A PostgreSQL server of its own for tests: in a temporary folder, reached by a socket, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

# Where Debian, Red Hat and Homebrew put the server's programs, which are on no PATH.
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
# A server refuses to run as root.
SERVER_USER = "postgres"


def server_programs() -> Path:
    """Return the folder of initdb and pg_ctl; skip the test, saying why, where there is no server."""
    for pattern in PLACES:
        for folder in sorted(Path("/").glob(pattern[1:]), reverse=True):
            if (folder / "pg_ctl").exists():
                return folder
    found = shutil.which("pg_ctl")
    if found is None:
        pytest.skip("no PostgreSQL server on this machine: apt-get install postgresql")
    return Path(found).parent


class Server:
    """A running server. folder: its data, log and socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, user: str, database: str = "bank") -> str:
        """A connection string; every user may log in."""
        return f"host={self.folder} user={user} dbname={database}"

    def ask(self, user: str, query: str, *values: object) -> list[tuple[object, ...]]:
        """Run one statement as a user; return its rows."""
        with psycopg.connect(self.url(user), autocommit=True) as connection:
            done = connection.execute(query, values or None)
            # Of a `select from` the description is empty, and of a command it is None.
            return done.fetchall() if done.description is not None else []


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server with a database `bank` and a role `loader` that may do what docs/postgres.md asks for."""
    programs = server_programs()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    as_server: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, SERVER_USER)
        as_server = ["runuser", "-u", SERVER_USER, "--"]

    def run(program: str, *arguments: str) -> None:
        command = [*as_server, str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    try:
        run("initdb", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-N")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        server = Server(folder)
        with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("create database bank")
            connection.execute("create role loader login createrole")
            connection.execute("grant create on database bank to loader")
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
