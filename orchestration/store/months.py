"""History as input: the published months that a refresh reads.

dbt_project/models/sources.yml declares them: a table of the source `published` with `meta.published_as` is a published
monthly table, with `meta.months` months before the policy month, in the columns and types that it lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from expectations.project import DBT_PROJECT
from expectations.yaml_files import read_yaml
from orchestration.database import connect, file_literal
from orchestration.store.releases import Release, present_name

SOURCES_FILE = DBT_PROJECT / "models" / "sources.yml"
SOURCE = "published"


@dataclass(frozen=True)
class History:
    """A source table over the months of a published one. columns: column -> type."""

    name: str
    published_as: str
    months: int
    columns: Mapping[str, str]


def month_before(month: date, months: int = 1) -> date:
    """Return the first day of a previous month; by default of the last one."""
    count = month.year * 12 + month.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


@cache
def histories(file: Path = SOURCES_FILE) -> tuple[History, ...]:
    """Return the published tables that the models read, in the order of the sources."""
    (source,) = (source for source in read_yaml(file)["sources"] if source["name"] == SOURCE)
    return tuple(
        History(
            table["name"],
            meta["published_as"],
            meta["months"],
            {column["name"]: column["data_type"] for column in table["columns"]},
        )
        for table in source["tables"]
        if (meta := table.get("config", {}).get("meta"))
    )


def history_files(release: Release | None, month: date) -> dict[str, list[Path]]:
    """Return source table -> its files of a release, the newest month first. month: first day of the policy month."""
    found: dict[str, list[Path]] = {}
    for history in histories():
        before = [month_before(month, ago) for ago in range(1, history.months + 1)]
        files = [release.month_file(history.published_as, one) for one in before] if release else []
        found[history.name] = [file for file in files if file]
    return found


def history_queries(release: Release | None, month: date) -> dict[str, str]:
    """Return source table -> the query of its rows; of no rows without a release.

    A month published by an older version lacks newer columns; they are null.
    """
    files = history_files(release, month)
    with connect() as connection:
        return {history.name: _query(connection, history, files[history.name]) for history in histories()}


def inputs(release: Release | None, month: date) -> dict[str, Any]:
    """Return path in the release -> description, as in the manifest, of each file that a refresh of the month reads."""
    if release is None:
        return {}
    known = release.manifest()["files"]
    names = (
        file.relative_to(release.folder).as_posix()
        for files in history_files(release, month).values()
        for file in files
    )
    return {present_name(name): known[name] for name in sorted(names)}


def _query(connection: duckdb.DuckDBPyConnection, history: History, files: list[Path]) -> str:
    if not files:
        nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in history.columns.items())
        return f"select {nothing} where false"
    return " union all ".join(f"select {_columns(connection, history, file)} from {_rows(file)}" for file in files)


def _columns(connection: duckdb.DuckDBPyConnection, history: History, file: Path) -> str:
    there = {name for name, *_ in connection.execute(f"describe select * from {_rows(file)}").fetchall()}
    return ", ".join(
        f"cast({name if name in there else 'null'} as {kind}) as {name}" for name, kind in history.columns.items()
    )


def _rows(file: Path) -> str:
    # Up to version 0.6 the month is in the folder's name as well as in the file.
    return f"read_parquet({file_literal(file)}, hive_partitioning = false)"
