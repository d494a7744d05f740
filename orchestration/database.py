"""DuckDB connections, and text and paths quoted for its SQL.

Every connection is opened here, so that results don't depend on the machine: one time zone, no progress bar in command
output, no extension downloads. Every path that goes into SQL is escaped here, since DuckDB reads file paths as glob
patterns: `visit[1].parquet` would match `visit1.parquet`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb

from expectations.quoting import literal
from orchestration.settings import TIME_ZONE, Settings

Config = dict[str, str | bool | int | float | list[str]]
# For light queries; work on many rows uses working_config.
_OFFLINE: Config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_PATTERN = re.compile(r"([*?\[])")


def connect(
    database: Path | None = None, *, settings: Settings | None = None, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a database file, or an in-memory database if no file is given.

    settings: of the refresh whose memory limit and scratch folder the connection may use. Raises duckdb.Error.
    """
    config = _OFFLINE if settings is None else working_config(settings)
    connection = duckdb.connect(sql_path(database) if database else ":memory:", read_only=read_only, config=config)
    # Can't be set at connect: the time zone comes with an extension, the progress bar is a session setting.
    connection.execute(f"set global timezone = {literal(TIME_ZONE)}")
    connection.execute("set enable_progress_bar = false")
    return connection


def working_config(settings: Settings) -> Config:
    """Return the DuckDB config for heavy work: bounded memory, spilling into the scratch folder."""
    return {
        **_OFFLINE,
        "memory_limit": settings.memory_limit,
        "temp_directory": sql_path(settings.scratch / "spill"),
        "threads": "2",
    }


def sql_path(path: Path) -> str:
    """Return a path as UTF-8 text for DuckDB, whatever the locale. Raises UnicodeDecodeError if it isn't UTF-8."""
    return os.fsencode(path).decode("utf-8")


def exact_pattern(path: Path) -> str:
    """Escape a path so that read_parquet, read_csv and the other file readers match exactly that file."""
    return _PATTERN.sub(r"[\1]", sql_path(path))


def file_literal(path: Path) -> str:
    """Return `exact_pattern` as an SQL literal."""
    return literal(exact_pattern(path))


def path_literal(path: Path) -> str:
    """Return a path as an SQL literal for statements that take no pattern: attach, copy to."""
    return literal(sql_path(path))
