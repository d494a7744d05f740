"""How the board reaches the marts: PostgreSQL, or the DuckDB file of the release in force."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy.engine import URL, make_url

Parameters = dict[str, Any]
_LOCKING = Lock()


def uri() -> URL:
    """The address of the marts, with its password if it has one."""
    return make_url(os.environ["BOARD_URI"])


def public_uri() -> str:
    """The address without a password: what Superset stores and shows."""
    return _without_password(uri()).render_as_string(hide_password=False)


def _without_password(url: URL) -> URL:
    # Its method `set` takes None for "leave it".
    return url._replace(password=None)


def connection_of(url: URL, parameters: Parameters, *_: Any) -> tuple[URL, Parameters]:
    """The address and the engine's parameters of a connection; Superset calls this for each.

    A release is opened where `current` points now: DuckDB goes by the name of a file, and would go on reading the old
    release as long as anybody reads it.
    """
    ours = uri()
    if _without_password(url) != _without_password(ours):
        return url, parameters
    if not ours.drivername.startswith("duckdb"):
        return ours, parameters
    file = Path(ours.database or "").resolve(strict=True)
    arguments = {**parameters.get("connect_args", {}), "read_only": True}
    lock = ((lambda connection, _: _lock(connection, file.parent)), "connect")
    return make_url(f"duckdb:///{file}"), {**parameters, "connect_args": arguments, "pool_events": [lock]}


def _lock(connection: Any, folder: Path) -> None:
    """Let a connection read the release's files and no other. All connections of a file share what is set here."""
    cursor, directory = connection.cursor(), str(folder).replace("'", "''")
    with _LOCKING:
        cursor.execute("select current_setting('lock_configuration')")
        if not cursor.fetchone()[0]:
            cursor.execute(
                f"set allowed_directories = ['{directory}'];"
                "set enable_external_access = false;"
                "set lock_configuration = true;"
            )
    cursor.close()
