"""Load the release in force into PostgreSQL, then let readers see it: all of it, at one moment."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

import duckdb
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from orchestration.database import connect as open_duckdb
from orchestration.serving.layout import (
    READER_ROLE,
    SERVICE_ROLE,
    SQL,
    VIEWS,
    Layout,
    Table,
    layout_of,
    rows_of,
    tables_of_shape,
    views_of_shape,
)
from orchestration.settings import Settings
from orchestration.store.releases import Release

# Releases whose rows stay: a transaction that began before the flip reads the former one to its end.
KEPT = 2
REGISTRY = "fenceng"
# The oldest version that is tested; earlier ones can't take a partition out while others are read (14).
OLDEST = 15
# Any constant: one of these loads at a time, whatever machine it runs on.
_LOCK = 0x46454E43
# Less than deadlock_timeout, one second: if readers and the flip wait for each other, the flip gives way.
_PATIENCE = "500ms"
_TRIES, _PAUSE = 240, 0.5  # the flip of a new shape waits two minutes for a moment without readers
_CHUNK = 1 << 20


class ServingError(Exception):
    """The release can't be served; the message says why and what to do."""


@dataclass(frozen=True)
class Served:
    """What a load did. loaded, kept: files that were loaded now, and that were there; rows: of the files loaded now."""

    release_id: str
    loaded: int
    kept: int
    rows: int
    seconds: float
    left_over: int


Tell = Callable[[str, int], None]


def serve(settings: Settings, release: Release, url: str, tell: Tell = lambda table, rows: None) -> Served:
    """Load a release into the database that `url` names, and show it to readers.

    url: a connection string of PostgreSQL; what it leaves out comes from libpq's variables and password file. tell: is
    given each file's table and rows. Files that are there already are not loaded again, so that a load that was broken
    off goes on. Raises ServingError, ReadersError.
    """
    began = time.monotonic()
    layout = layout_of(release)
    with _connected(url) as connection, _alone(connection):
        _prepare(connection, layout)
        loaded = rows = kept = 0
        for table in layout.tables:
            for file, sha256 in table.files.items():
                if _is_there(connection, layout, table, sha256):
                    kept += 1
                    continue
                count = _load(settings, connection, layout, table, file, sha256)
                loaded, rows = loaded + 1, rows + count
                tell(table.name, count)
        _flip(connection, layout)
        left_over = _prune(connection, layout)
    return Served(release.release_id, loaded, kept, rows, time.monotonic() - began, left_over)


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    where = _where(url)
    try:
        connection = psycopg.connect(url, autocommit=True, application_name="fenceng")
    except psycopg.Error as error:
        raise ServingError(f"no connection to {where}: {_first_line(error)}") from None
    with connection:
        if connection.info.server_version < OLDEST * 10_000:
            version = connection.info.server_version // 10_000
            raise ServingError(f"{where} is PostgreSQL {version}; {OLDEST} or later is needed")
        try:
            yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            raise ServingError(
                f"{where}: {_first_line(error)}; docs/postgres.md says what the loading role needs"
            ) from None
        except psycopg.Error as error:
            raise ServingError(f"{where}: {_first_line(error)}; readers see what they saw before") from None


def _where(url: str) -> str:
    """Name the database without its password."""
    try:
        told = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ServingError(
            "FENCENG_POSTGRES_URL is no connection string of PostgreSQL; one is postgresql://user@host/database"
        ) from None
    return f"database {told.get('dbname', '')} on {told.get('host', 'the local server')}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[None]:
    """Hold the lock of loads; the server frees it when the connection ends, for whatever reason."""
    got = connection.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    if not got or not got[0]:
        raise ServingError("another load is at work on this database; wait for it to end")
    yield


def _prepare(connection: psycopg.Connection, layout: Layout) -> None:
    """Create what is missing: the role of readers, the registry, and the tables of this shape."""
    with connection.transaction():
        for role in (READER_ROLE, SERVICE_ROLE):
            if not _exists(connection, "select from pg_roles where rolname = %s", role):
                connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
        # Only once: replacing its view would wait for every reader.
        if not _exists(connection, "select from pg_namespace where nspname = %s", REGISTRY):
            connection.execute((SQL / "registry.sql").read_bytes())
        if not _exists(connection, "select from pg_namespace where nspname = %s", layout.shape):
            for statement in tables_of_shape(layout):
                connection.execute(statement)


def _is_there(connection: psycopg.Connection, layout: Layout, table: Table, sha256: str) -> bool:
    query = "select from fenceng.batch where shape = %s and table_name = %s and sha256 = %s"
    return _exists(connection, query, layout.shape, table.name, sha256)


def _exists(connection: psycopg.Connection, query: LiteralString, *values: str) -> bool:
    # A row of `select from` is an empty tuple.
    return connection.execute(query, values).fetchone() is not None


def _load(
    settings: Settings, connection: psycopg.Connection, layout: Layout, table: Table, file: str, sha256: str
) -> int:
    """Load a file in one transaction, as a partition that no release shows yet; return its rows."""
    _require_unchanged(layout, file, sha256)
    with connection.transaction():
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(layout.schema)))
        registered = connection.execute(
            "insert into fenceng.batch (shape, table_name, file_name, sha256, partition_schema)"
            " values (%s, %s, %s, %s, %s) returning batch, partition_name",
            [layout.shape, table.name, file, sha256, layout.schema],
        ).fetchone()
        if registered is None:
            raise ServingError(f"{file}: the server gave it no batch; serve it again")
        batch, partition = sql.Literal(registered[0]), sql.Identifier(layout.schema, registered[1])
        # With the check PostgreSQL need not read the rows again to attach them; the default saves sending the batch.
        connection.execute(
            sql.SQL("create table {} (like {}, check (batch = {}))").format(
                partition, sql.Identifier(layout.shape, table.name), batch
            )
        )
        connection.execute(sql.SQL("alter table {} alter column batch set default {}").format(partition, batch))
        connection.execute(sql.SQL("alter table {} enable row level security").format(partition))
        sent = _copy(settings, connection, partition, table, rows_of(layout.release, table, file))
        counted = connection.execute(sql.SQL("select count(*) from {}").format(partition)).fetchone()
        if not counted or counted[0] != sent:
            raise ServingError(f"{file}: {sent} rows sent, {counted} arrived; load it again")
        connection.execute(
            sql.SQL("alter table {} attach partition {} for values in ({})").format(
                sql.Identifier(layout.shape, table.name), partition, batch
            )
        )
        connection.execute(sql.SQL("update fenceng.batch set rows = %s where batch = {}").format(batch), [sent])
    return sent


def _require_unchanged(layout: Layout, file: str, sha256: str) -> None:
    """Refuse a file that is not the one that was published: its hash names the batch, whatever it holds."""
    with (layout.release.folder / file).open("rb") as handle:
        if hashlib.file_digest(handle, "sha256").hexdigest() != sha256:
            raise ServingError(
                f"{file} of release {layout.release.release_id} is not the file that was published;"
                " publish its month again, then serve"
            )


def _copy(
    settings: Settings, connection: psycopg.Connection, partition: sql.Identifier, table: Table, query: str
) -> int:
    """Send the rows of a DuckDB query to a table; return how many they are.

    DuckDB writes CSV into a pipe while PostgreSQL reads from it: nothing is on disk, and two processors work.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("copy {} ({}) from stdin (format csv, freeze)").format(partition, columns)
    reading, writing = os.pipe()
    written = _Writer(settings, query, writing)
    with os.fdopen(reading, "rb", buffering=0) as source:
        written.start()
        try:
            with connection.cursor().copy(statement) as copy:
                while chunk := source.read(_CHUNK):
                    copy.write(chunk)
                written.join()
                # Within the copy, so that what DuckDB could not read to its end is not committed.
                if written.error:
                    raise ServingError(f"{table.name}: {_first_line(written.error)}")
        finally:
            source.close()
            written.join()
    return written.rows


class _Writer(threading.Thread):
    """Writes the rows of a query as CSV into a pipe, then closes it."""

    def __init__(self, settings: Settings, query: str, pipe: int) -> None:
        super().__init__(daemon=True)
        self.settings, self.query, self.pipe = settings, query, pipe
        self.rows = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with open_duckdb(settings=self.settings) as connection:
                done = connection.execute(
                    f"copy ({self.query}) to '/dev/fd/{self.pipe}' (format csv, header false)"
                ).fetchall()
                self.rows = done[0][0]
        except duckdb.Error as error:
            self.error = error
        finally:
            os.close(self.pipe)


def _flip(connection: psycopg.Connection, layout: Layout) -> None:
    """Show the release, in one transaction. Views change only with the shape of the tables."""
    if _views_are_of(connection) == layout.shape:
        with connection.transaction():
            _show(connection, layout)
        return
    for left in range(_TRIES, 0, -1):
        try:
            with connection.transaction():
                connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(_PATIENCE)))
                # Takes an exclusive lock on every view and holds all of them until the commit: whoever has read one
                # of the old views in a transaction keeps it from us, and never meets another's successor.
                connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(VIEWS)))
                for statement in views_of_shape(layout):
                    connection.execute(statement)
                _show(connection, layout)
        except psycopg.errors.LockNotAvailable:
            if left == 1:
                raise ServingError(
                    f"the columns or rights of the tables have changed, and readers have held the views of {VIEWS} for"
                    " two minutes; end the transactions that are idle, then serve again"
                ) from None
            time.sleep(_PAUSE)
        else:
            return


def _views_are_of(connection: psycopg.Connection) -> str | None:
    """Return the shape of the release that readers see, None before the first."""
    found = connection.execute("select shape from fenceng.release inner join fenceng.shown using (release_id)")
    row = found.fetchone()
    return str(row[0]) if row else None


def _show(connection: psycopg.Connection, layout: Layout) -> None:
    manifest = layout.release.manifest()
    release_id = layout.release.release_id
    connection.execute(
        "insert into fenceng.release (release_id, shape, business_date, newest_business_date, policy_version,"
        " published_at) values (%s, %s, %s, %s, %s, %s)"
        " on conflict (release_id) do update set shape = excluded.shape, shown_at = now()",
        [
            release_id, layout.shape, manifest["business_date"], manifest["newest_business_date"],
            manifest["policy_version"], manifest["published_at"],
        ],
    )  # fmt: skip
    connection.execute("delete from fenceng.release_batch where release_id = %s", [release_id])
    # Two months without a row are the same file, and one batch.
    wanted = sorted({(table.name, sha256) for table in layout.tables for sha256 in table.files.values()})
    connection.execute(
        "insert into fenceng.release_batch (release_id, batch) select %s, batch.batch from fenceng.batch as batch"
        " inner join unnest(%s::text[], %s::text[]) as wanted (table_name, sha256) using (table_name, sha256)"
        " where batch.shape = %s",
        [release_id, [name for name, _ in wanted], [sha256 for _, sha256 in wanted], layout.shape],
    )
    there = connection.execute("select count(*) from fenceng.release_batch where release_id = %s", [release_id])
    row = there.fetchone()
    if not row or row[0] != len(wanted):
        raise ServingError(f"release {release_id} was not loaded whole; serve it again")
    connection.execute(
        "insert into fenceng.shown (release_id) values (%s) on conflict (one) do update"
        " set release_id = excluded.release_id",
        [release_id],
    )


def _prune(connection: psycopg.Connection, layout: Layout) -> int:
    """Drop what no kept release needs; return how much could not be dropped yet, since readers use it."""
    with connection.transaction():
        connection.execute(
            "delete from fenceng.release where release_id in (select release_id from fenceng.release"
            " where release_id <> (select release_id from fenceng.shown) order by shown_at desc, release_id offset %s)",
            [KEPT - 1],
        )
    left_over = 0
    connection.execute(sql.SQL("set lock_timeout = {}").format(sql.Literal(_PATIENCE)))
    unused = connection.execute(
        "select batch, shape, table_name, partition_schema, partition_name from fenceng.batch as batch"
        " where not exists (select from fenceng.release_batch as needed where needed.batch = batch.batch)"
        " order by batch"
    ).fetchall()
    for batch, shape, table, schema, partition in unused:
        try:
            _detach(connection, sql.Identifier(shape, table), sql.Identifier(schema, partition))
            with connection.transaction():
                connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(schema, partition)))
                connection.execute("delete from fenceng.batch where batch = %s", [batch])
        except psycopg.errors.LockNotAvailable:
            left_over += 1
    for statement in _empty_schemas(connection):
        try:
            connection.execute(statement)
        except psycopg.errors.LockNotAvailable:
            left_over += 1
    return left_over


def _detach(connection: psycopg.Connection, table: sql.Identifier, partition: sql.Identifier) -> None:
    """Take a partition out of its table without waiting for readers of other partitions."""
    state = connection.execute(
        "select inhdetachpending from pg_inherits where inhrelid = to_regclass(%s)", [partition.as_string(connection)]
    ).fetchone()
    if state:
        how = sql.SQL("finalize" if state[0] else "concurrently")
        connection.execute(sql.SQL("alter table {} detach partition {} {}").format(table, partition, how))


def _empty_schemas(connection: psycopg.Connection) -> list[sql.Composed]:
    """The statements that drop release schemas without a table, and shapes that no release has."""
    found = connection.execute(
        "select nspname from pg_namespace where (nspname like 'release\\_%' and not exists"
        " (select from fenceng.batch where partition_schema = nspname)) or (nspname like 'fenceng\\_%'"
        " and not exists (select from fenceng.release where shape = nspname)"
        " and not exists (select from fenceng.batch where shape = nspname)) order by nspname"
    )
    return [sql.SQL("drop schema {} cascade").format(sql.Identifier(row[0])) for row in found.fetchall()]
