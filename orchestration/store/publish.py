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
from orchestration.store.releases import (
    CURRENT,
    FILE,
    MANIFEST,
    Release,
    as_of_path,
    current_release,
    month_of_path,
    month_path,
    superseded_path,
)

MONTH_SCHEMA = "month_in_hand"
MART_SCHEMA = "marts"
BUILDING = ".building"


class UnreadableMonthError(Exception):
    """A closed month holds values that the table's current columns can't hold."""


@dataclass(frozen=True)
class Publication:
    """What to publish: the run, its business date, and facts for the manifest.

    grains: mart -> columns that its rows are sorted by in Parquet, so that equal rows give equal bytes. published_at:
    the time, in UTC, stated in the run record and the manifest.
    """

    run_id: str
    business_date: date
    grains: Mapping[str, Sequence[str]]
    facts: Mapping[str, Any]
    published_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @property
    def month(self) -> date:
        """First day of the open month, which this release rewrites."""
        return self.business_date.replace(day=1)


def publish(
    settings: Settings,
    publication: Publication,
    at_step: Callable[[str], None] = lambda _: None,
    before_flip: Callable[[], None] = lambda: None,
) -> Release:
    """Publish the database that dbt built and gate 2 passed. at_step is called with each step before it starts.

    before_flip: final check, called once the new release is complete; if it raises, the old release stays current. The
    caller holds the refresh lock. Raises OSError, duckdb.Error or UnreadableMonthError; the old release stays current.
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

    at_step("link closed months")
    closed = _link_closed_months(_exported_months(building), previous, building, publication.month)

    at_step("keep what months rest on")
    months = _months(previous, publication)
    _keep_superseded(months, previous, building, publication.month)

    # The views contain the path of the release folder, so it is renamed before they are created.
    at_step("name the release")
    os.rename(building, final)

    at_step("views over the months")
    with connect(final / FILE, settings=settings) as connection:
        rows = _create_views(connection, final, publication.month)
        connection.execute("checkpoint")

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


def _exported_months(building: Path) -> list[str]:
    """Return the exported monthly tables, from their folders."""
    return sorted({path.parent.parent.name for path in building.glob("*/policy_month=*/*.parquet")})


def _newest_business_date(previous: Release | None, publication: Publication) -> date:
    if previous is None:
        return publication.business_date
    return max(date.fromisoformat(previous.manifest()["newest_business_date"]), publication.business_date)


def _carry_over_as_of_tables(connection: duckdb.DuckDBPyConnection, previous: Release) -> None:
    """Keep the as-of tables of the newest date: a back-dated run rewrites only its own month."""
    for table in _tables(connection, MART_SCHEMA):
        file = previous.as_of_file(table)
        if file and table != "fct_refresh_run":
            there = _types(connection, f"read_parquet({file_literal(file)})")
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


def _link_closed_months(tables: Sequence[str], previous: Release | None, building: Path, month: date) -> dict[str, str]:
    """Hard-link all other months from the previous release; return relative path -> path in that release."""
    linked: dict[str, str] = {}
    if previous is None:
        return linked
    for table in tables:
        for other in previous.months(table):
            source = previous.month_file(table, other)
            if other == month or source is None:
                continue
            target = month_path(building, table, other)
            _link(source, target)
            linked[target.relative_to(building).as_posix()] = source.relative_to(previous.folder).as_posix()
    return linked


def _months(previous: Release | None, publication: Publication) -> dict[str, Any]:
    """Return month -> how it was built: run, dates, and the earlier months' files that it read."""
    carried: dict[str, Any] = previous.manifest().get("months", {}) if previous else {}
    built = {
        "run_id": publication.run_id,
        "business_date": publication.business_date.isoformat(),
        "known_on": publication.facts.get("known_on"),
        "inputs": publication.facts.get("inputs", {}),
    }
    return dict(sorted((carried | {publication.month.isoformat(): built}).items()))


def _keep_superseded(months: Mapping[str, Any], previous: Release | None, building: Path, month: date) -> None:
    """Hard-link each file that a month was built from and that this release or an earlier one replaces."""
    if previous is None:
        return
    needed = {(path, one["sha256"]) for built in months.values() for path, one in built["inputs"].items()}
    for path, sha256 in sorted(needed):
        source = previous.file_with(path, sha256)
        is_replaced = month_of_path(path) == month or source != previous.folder / path
        if source is not None and is_replaced:
            _link(source, superseded_path(building, sha256))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        # Copy on a file system without hard links.
        shutil.copyfile(source, target)


def _create_views(connection: duckdb.DuckDBPyConnection, final: Path, month: date) -> dict[str, int]:
    """Create `marts.<table>` over the open and the closed months; return the rows of every published table."""
    for table in _tables(connection, MONTH_SCHEMA):
        closed = [month_path(final, table, other) for other in Release(final).months(table) if other != month]
        connection.execute(f"create view {MART_SCHEMA}.{table} as {_all_months(connection, table, closed)}")
        _copy_comments(connection, table)
    rows = {}
    for (name,) in connection.execute(
        "select table_name from information_schema.tables where table_schema = ? order by table_name", [MART_SCHEMA]
    ).fetchall():
        rows[name] = connection.execute(f"select count(*) from {MART_SCHEMA}.{name}").fetchall()[0][0]
    return rows


def _all_months(connection: duckdb.DuckDBPyConnection, table: str, closed: Sequence[Path]) -> str:
    """Return the query of all months of a table, in the columns and types of the open month.

    A month published by another version is null in newer columns, and its older columns stay in its file only. A column
    whose type changed is cast in full before any reader can see it. Raises UnreadableMonthError for a value that the
    new type can't hold.
    """
    in_hand = _types(connection, f"{MONTH_SCHEMA}.{table}")
    if not closed:
        return f"select * from {MONTH_SCHEMA}.{table}"
    listed = ", ".join(file_literal(file) for file in closed)
    columns = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in in_hand.items())
    for file in closed:
        there = _types(connection, f"read_parquet({file_literal(file)})")
        for name, kind in in_hand.items():
            if there.get(name, kind) != kind:
                _check_cast(connection, file, name, kind)
    return (
        f"select {columns} from (select * from {MONTH_SCHEMA}.{table} union all by name"
        f" select * from read_parquet([{listed}], union_by_name = true))"
    )


def _check_cast(connection: duckdb.DuckDBPyConnection, file: Path, column: str, kind: str) -> None:
    try:
        connection.execute(f"select count(cast({column} as {kind})) from read_parquet({file_literal(file)})").fetchall()
    except duckdb.Error as error:
        month = file.parent.name.removeprefix("policy_month=")
        raise UnreadableMonthError(
            f"{file.stem} of {month}: published values of {column} can't be cast to {kind} ({error});"
            " give the changed column another name"
        ) from None


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Return the columns of a relation and their types, in column order."""
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall()}


def _copy_comments(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    described = connection.execute(
        "select comment from duckdb_tables() where schema_name = ? and table_name = ?", [MONTH_SCHEMA, table]
    ).fetchall()
    for (comment,) in described:
        connection.execute(f"comment on view {MART_SCHEMA}.{table} is {literal(comment or '')}")
    columns = connection.execute(
        "select column_name, comment from duckdb_columns() where schema_name = ? and table_name = ?",
        [MONTH_SCHEMA, table],
    ).fetchall()
    for column, comment in columns:
        connection.execute(f"comment on column {MART_SCHEMA}.{table}.{column} is {literal(comment or '')}")


def _write_manifest(
    final: Path,
    publication: Publication,
    previous: Release | None,
    newest: date,
    rows: Mapping[str, int],
    closed: Mapping[str, str],
    months: Mapping[str, Any],
) -> None:
    """Write row counts and file hashes of the release; a linked month keeps the hash it was published with."""
    known = previous.manifest()["files"] if previous else {}
    files = {}
    for path in sorted(final.rglob("*")):
        if path.is_file():
            name = path.relative_to(final).as_posix()
            files[name] = known[closed[name]] if name in closed else _described(path)
    manifest = {
        "release_id": publication.run_id,
        "business_date": publication.business_date.isoformat(),
        "newest_business_date": newest.isoformat(),
        "policy_month": publication.month.isoformat(),
        "previous_release": previous.release_id if previous else None,
        "published_at": publication.published_at.isoformat(),
        **publication.facts,
        "grains": {table: list(columns) for table, columns in sorted(publication.grains.items())},
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
