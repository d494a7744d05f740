"""Publication: make the release under construction the current one, or change nothing.

Every step but the last works in a folder that no reader knows. The last replaces one symlink by an atomic rename: a
kill at any moment leaves either the old or the new release current, and complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.quoting import literal
from orchestration.database import connect, exact_pattern, file_literal, path_literal
from orchestration.settings import Settings
from orchestration.store.mart_labels import MartLabels
from orchestration.store.releases import (
    CURRENT,
    FILE,
    MANIFEST,
    SUPERSEDED,
    TOOLS_FILE,
    Release,
    as_of_path,
    current_release,
    month_of_path,
    month_path,
    present_name,
    superseded_path,
)

MONTH_SCHEMA = "month_in_hand"
MART_SCHEMA = "marts"
BUILDING = ".building"
# As-of tables that a run of an older date changes, too: they tell of all runs and months.
OF_ALL_RUNS = frozenset({"fct_refresh_run", "dim_month"})
# What readers of DuckDB 1.x and 2.x understand.
STORAGE_VERSION = "v1.0.0"


class UnreadableMonthError(Exception):
    """A closed month holds values that the table's current columns can't hold."""


@dataclass(frozen=True)
class Publication:
    """What to publish: the run, its business date, and facts for the manifest.

    grains: mart -> columns that its rows are sorted by in Parquet, so that equal rows give equal bytes. published_at:
    the time, in UTC, stated in the run record and the manifest. labels: Chinese names of marts and columns.
    """

    run_id: str
    business_date: date
    grains: Mapping[str, Sequence[str]]
    facts: Mapping[str, Any]
    labels: MartLabels = field(default_factory=lambda: MartLabels({}))
    published_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @property
    def month(self) -> date:
        """First day of the open month, which this release rewrites."""
        return self.business_date.replace(day=1)


@dataclass(frozen=True)
class Comments:
    """The comments on a table and on its columns."""

    table: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class ClosedMonths:
    """The months of earlier refreshes in a release: path -> path in the previous release.

    linked: files shared with it; recast: files whose columns were another version's, written anew in today's. columns:
    monthly table -> the columns and types that all its files have.
    """

    linked: Mapping[str, str]
    recast: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]


def publish(
    settings: Settings,
    publication: Publication,
    at_step: Callable[[str], None] = lambda _: None,
    before_flip: Callable[[], None] = lambda: None,
    write_pages: Callable[[Release, date], object] = lambda _release, _newest: None,
) -> Release:
    """Publish the database that dbt built and gate 2 passed. at_step is called with each step before it starts.

    write_pages: called with the release once its views stand, and the newest business date. before_flip: final check,
    called once the new release is complete; if it raises, the old release stays current. The caller holds the refresh
    lock. Raises OSError, duckdb.Error or UnreadableMonthError; the old release stays current.
    """
    releases = settings.published / "releases"
    building, final = releases / BUILDING, releases / publication.run_id
    previous = current_release(settings.published)

    at_step("export")
    with connect(settings.building, settings=settings) as connection:
        connection.execute("set preserve_insertion_order = true")
        newest = _newest_business_date(previous, publication)
        if previous and newest > publication.business_date:
            _carry_over_as_of_tables(connection, previous)
        connection.execute(
            f"update {MART_SCHEMA}.fct_refresh_run set published_at = ? where run_id = ?",
            [publication.published_at.replace(tzinfo=None), publication.run_id],
        )
        _export(connection, building, publication)
        comments = {table: _comments(connection, table) for table in _files(building)}
    # Readers get views over the Parquet files, which hold the same rows.
    settings.building.unlink()

    at_step("carry closed months")
    with connect(settings=settings) as connection:
        closed = _carry_closed_months(connection, previous, building, publication.month)

    at_step("keep what months rest on")
    months = _months(previous, publication)
    _keep_superseded(months, previous, building, closed)

    # The views contain the path of the release folder, so it is renamed before they are created.
    at_step("name the release")
    os.rename(building, final)

    at_step("views over the files")
    rows = _create_views(final, comments, publication.labels)

    # Before the manifest, which seals the pages with the rest.
    at_step("report")
    write_pages(Release(final), newest)

    at_step("manifest")
    _write_manifest(final, publication, previous, newest, rows, closed, months)

    at_step("sync")
    _seal(final)

    at_step("flip")
    before_flip()
    flip(settings.published, final)

    at_step("retention")
    release = Release(final)
    _prune(releases, release, settings.releases_kept)
    return release


def _files(release: Path) -> dict[str, list[Path]]:
    """Return the tables of a release, in order, and their Parquet files: one a month, or a single one."""
    found: dict[str, list[Path]] = {}
    for file in sorted(release.glob("*/*.parquet")):
        if file.parent.name != SUPERSEDED:
            found.setdefault(file.parent.name, []).append(file)
    return found


def _newest_business_date(previous: Release | None, publication: Publication) -> date:
    if previous is None:
        return publication.business_date
    return max(date.fromisoformat(previous.manifest()["newest_business_date"]), publication.business_date)


def _carry_over_as_of_tables(connection: duckdb.DuckDBPyConnection, previous: Release) -> None:
    """Keep the as-of tables of the newest date: a back-dated run rewrites only its own month."""
    for table in _tables(connection, MART_SCHEMA):
        file = previous.as_of_file(table)
        if file and table not in OF_ALL_RUNS:
            there = _types(connection, _rows(file))
            shared = ", ".join(name for name in _types(connection, f"{MART_SCHEMA}.{table}") if name in there)
            connection.execute(f"delete from {MART_SCHEMA}.{table}")
            connection.execute(
                f"insert into {MART_SCHEMA}.{table} by name select {shared} from read_parquet(?)", [exact_pattern(file)]
            )


def _tables(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    listed = connection.execute(
        "select table_name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE'"
        " order by table_name",
        [schema],
    ).fetchall()
    return [name for (name,) in listed]


def _export(connection: duckdb.DuckDBPyConnection, building: Path, publication: Publication) -> None:
    for schema in (MONTH_SCHEMA, MART_SCHEMA):
        for table in _tables(connection, schema):
            file = (
                month_path(building, table, publication.month)
                if schema == MONTH_SCHEMA
                else as_of_path(building, table)
            )
            file.parent.mkdir(parents=True, exist_ok=True)
            # Runs are sorted by publication, not by a key.
            order = ", ".join(["published_at", "run_id"] if table == "fct_refresh_run" else publication.grains[table])
            connection.execute(
                f"copy (select * from {schema}.{table} order by {order}) to {path_literal(file)}"
                " (format parquet, compression zstd)"
            )


def _carry_closed_months(
    connection: duckdb.DuckDBPyConnection, previous: Release | None, building: Path, month: date
) -> ClosedMonths:
    """Take all other months from the previous release: by hard link, or cast if a file has other columns.

    Tools read a table's folder as it is, and most take the columns of the first file for those of all. What the
    previous release says of its columns is taken over, so that a day does not cost more as history grows.
    """
    linked: dict[str, str] = {}
    recast: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {}
    said = previous.manifest().get("columns", {}) if previous else {}
    for table in _files(building):
        in_hand = month_path(building, table, month)
        if not in_hand.exists():
            continue
        columns[table] = _types(connection, _rows(in_hand))
        for other in previous.months(table) if previous else ():
            source = previous.month_file(table, other) if previous else None
            if other == month or previous is None or source is None:
                continue
            target = month_path(building, table, other)
            is_alike = said.get(table) == columns[table] or _types(connection, _rows(source)) == columns[table]
            if is_alike:
                _link(source, target)
            else:
                _recast(connection, source, target, columns[table])
            names = linked if is_alike else recast
            names[target.relative_to(building).as_posix()] = source.relative_to(previous.folder).as_posix()
    return ClosedMonths(linked, recast, columns)


def _rows(file: Path) -> str:
    # Up to version 0.6 the month is in the folder's name as well as in the file.
    return f"read_parquet({file_literal(file)}, hive_partitioning = false)"


def _recast(connection: duckdb.DuckDBPyConnection, source: Path, target: Path, columns: Mapping[str, str]) -> None:
    """Write a month in today's columns and types: newer columns are null, older ones stay in the source only.

    Raises UnreadableMonthError for a value that the new type can't hold.
    """
    there = _types(connection, _rows(source))
    for name, kind in columns.items():
        if there.get(name, kind) != kind:
            _check_cast(connection, source, name, kind)
    cast = ", ".join(f"cast({name if name in there else 'null'} as {kind}) as {name}" for name, kind in columns.items())
    connection.execute("set preserve_insertion_order = true")
    connection.execute(
        f"copy (select {cast} from {_rows(source)}) to {path_literal(target)} (format parquet, compression zstd)"
    )


def _months(previous: Release | None, publication: Publication) -> dict[str, Any]:
    """Return month -> how it was built: run, dates, and the earlier months' files that it read."""
    carried: dict[str, Any] = previous.manifest().get("months", {}) if previous else {}
    carried = {
        month: one | {"inputs": {present_name(path): described for path, described in one["inputs"].items()}}
        for month, one in carried.items()
    }
    built = {
        "run_id": publication.run_id,
        "business_date": publication.business_date.isoformat(),
        "known_on": publication.facts.get("known_on"),
        "inputs": publication.facts.get("inputs", {}),
    }
    return dict(sorted((carried | {publication.month.isoformat(): built}).items()))


def _keep_superseded(months: Mapping[str, Any], previous: Release | None, building: Path, closed: ClosedMonths) -> None:
    """Hard-link each file that a month was built from and that this release or an earlier one replaces."""
    if previous is None:
        return
    needed = {(path, one["sha256"]) for built in months.values() for path, one in built["inputs"].items()}
    for path, sha256 in sorted(needed):
        source = previous.file_with(path, sha256)
        is_shared = source is not None and source == previous.folder / closed.linked.get(path, "")
        if source is not None and not is_shared:
            _link(source, superseded_path(building, sha256))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        # Copy on a file system without hard links.
        shutil.copyfile(source, target)


def _create_views(final: Path, comments: Mapping[str, Comments], labels: MartLabels) -> dict[str, int]:
    """Create the two files that readers open; return the rows of every published table."""
    rows = {}
    for name, schema in ((FILE, MART_SCHEMA), (TOOLS_FILE, "main")):
        with connect() as connection:
            connection.execute(
                f"attach {path_literal(final / name)} as door (storage_version {literal(STORAGE_VERSION)})"
            )
            connection.execute(f"create schema if not exists door.{schema}")
            connection.execute(f"use door.{schema}")
            for table, files in _files(final).items():
                listed = ", ".join(file_literal(file) for file in files)
                connection.execute(f"create view {table} as select * from read_parquet([{listed}])")
                _comment(connection, table, comments[table], labels)
                rows[table] = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
    return rows


def _check_cast(connection: duckdb.DuckDBPyConnection, file: Path, column: str, kind: str) -> None:
    try:
        connection.execute(f"select count(cast({column} as {kind})) from {_rows(file)}").fetchall()
    except duckdb.Error as error:
        # Up to version 0.6 a file was named after its table; since then its folder is.
        month = month_of_path(file.as_posix())
        table = file.stem if file.parent.name.startswith("policy_month=") else file.parent.name
        raise UnreadableMonthError(
            f"{table} of {month}: published values of {column} can't be cast to {kind} ({error});"
            " give the changed column another name"
        ) from None


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Return the columns of a relation and their types, in column order."""
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall()}


def _comments(connection: duckdb.DuckDBPyConnection, table: str) -> Comments:
    """Return the comments on a table that dbt built."""
    described = connection.execute(
        "select comment from duckdb_tables() where table_name = ? and schema_name in (?, ?)",
        [table, MONTH_SCHEMA, MART_SCHEMA],
    ).fetchall()
    columns = connection.execute(
        "select column_name, comment from duckdb_columns() where table_name = ? and schema_name in (?, ?)",
        [table, MONTH_SCHEMA, MART_SCHEMA],
    ).fetchall()
    return Comments(described[0][0] or "", {name: comment or "" for name, comment in columns})


def _comment(connection: duckdb.DuckDBPyConnection, view: str, comments: Comments, labels: MartLabels) -> None:
    """Comment a view and its columns: the Chinese name, then the English description."""
    connection.execute(f"comment on view {view} is {literal(labels.before(comments.table, view))}")
    for column, comment in comments.columns.items():
        connection.execute(f"comment on column {view}.{column} is {literal(labels.before(comment, view, column))}")


def _write_manifest(
    final: Path,
    publication: Publication,
    previous: Release | None,
    newest: date,
    rows: Mapping[str, int],
    closed: ClosedMonths,
    months: Mapping[str, Any],
) -> None:
    """Write row counts and file hashes of the release; a linked month keeps the hash it was published with."""
    known = previous.manifest()["files"] if previous else {}
    files = {}
    for path in sorted(final.rglob("*")):
        if path.is_file():
            name = path.relative_to(final).as_posix()
            files[name] = known[closed.linked[name]] if name in closed.linked else _described(path)
    manifest = {
        "release_id": publication.run_id,
        "business_date": publication.business_date.isoformat(),
        "newest_business_date": newest.isoformat(),
        "policy_month": publication.month.isoformat(),
        "previous_release": previous.release_id if previous else None,
        "published_at": publication.published_at.isoformat(),
        **publication.facts,
        "grains": {table: list(columns) for table, columns in sorted(publication.grains.items())},
        "columns": closed.columns,
        "rows": rows,
        "months": months,
        "files": files,
    }
    (final / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as handle:
        return {"sha256": hashlib.file_digest(handle, "sha256").hexdigest(), "bytes": path.stat().st_size}


def _seal(final: Path) -> None:
    """Make the files read-only and fsync them before the symlink can point to them."""
    for path in sorted(final.rglob("*"), reverse=True):
        if path.is_file() and path.stat().st_nlink == 1:
            path.chmod(0o444)
        _sync(path)
    _sync(final)
    _sync(final.parent)


def flip(published: Path, final: Path) -> None:
    """Put a complete release in force, in one step. The caller holds the refresh lock."""
    link = published / f".{CURRENT}.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / final.name)
    os.replace(link, published / CURRENT)
    _sync(published)


def _prune(releases: Path, current: Release, kept: int) -> None:
    """Keep the newest published releases; older ones go, and so do builds that were never published.

    Closed months outlive their release: hard links in newer releases keep them.
    """
    with connect(current.database, read_only=True) as connection:
        listed = connection.execute(
            f"select run_id from {MART_SCHEMA}.fct_refresh_run order by published_at desc, run_id desc limit {kept}"
        ).fetchall()
    stay = {run_id for (run_id,) in listed} | {current.release_id}
    for folder in releases.iterdir():
        if folder.is_dir() and folder.name not in stay:
            shutil.rmtree(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
