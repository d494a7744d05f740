"""DuckDB as this project opens it, and text and paths as its SQL takes them.

Every connection is made here, so that no result rests on the machine: one time zone, no progress bar in what a
command prints, no extension fetched. Every path that goes into SQL goes through here, since DuckDB reads the path of
a file as a pattern: `visit[1].parquet` would name `visit1.parquet`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb

from expectations.quoting import literal as literal
from orchestration.settings import TIME_ZONE, Settings

Config = dict[str, str | bool | int | float | list[str]]
# Where rows are only looked at; what works on many rows brings its own settings.
_OFFLINE: Config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_PATTERN = re.compile(r"([*?\[])")


def connect(
    database: Path | None = None, *, settings: Settings | None = None, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a database file, or one in memory without a file.

    settings: those of the refresh whose memory and scratch the work may take. Raises duckdb.Error.
    """
    config = _OFFLINE if settings is None else working_config(settings)
    connection = duckdb.connect(sql_path(database) if database else ":memory:", read_only=read_only, config=config)
    # Not to be had at connect: the zone comes with an extension, the bar belongs to the session.
    connection.execute(f"set global timezone = {literal(TIME_ZONE)}")
    connection.execute("set enable_progress_bar = false")
    return connection


def working_config(settings: Settings) -> Config:
    """DuckDB's settings where rows are worked on: bounded memory, spilling into the scratch."""
    return {
        **_OFFLINE,
        "memory_limit": settings.memory_limit,
        "temp_directory": sql_path(settings.scratch / "spill"),
        "threads": "2",
    }


def sql_path(path: Path) -> str:
    """A path for DuckDB, which wants UTF-8 whatever the locale says. Raises UnicodeDecodeError where it is none."""
    return os.fsencode(path).decode("utf-8")


def exact_pattern(path: Path) -> str:
    """The pattern that names one file and no other, for what reads files: read_parquet, read_csv and their kin."""
    return _PATTERN.sub(r"[\1]", sql_path(path))


def file_literal(path: Path) -> str:
    """`exact_pattern` as SQL writes it."""
    return literal(exact_pattern(path))


def path_literal(path: Path) -> str:
    """A path as SQL writes it where it is no pattern: attach, copy to."""
    return literal(sql_path(path))
