"""A read-only SQLAlchemy dialect that lets Great Expectations push its SQL down to a live DuckDB connection.

The published drivers fail with Great Expectations 1.24: it fetches a result after returning the connection,
when DuckDB has dropped the open result. Here every result is read completely at once. The dialect opens no file: a file
can be attached only once per process, so it borrows a registered connection (`register`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import URL, Connection
from sqlalchemy.pool import Pool, QueuePool

from expectations.quoting import literal

MOST_ROWS = 10_000
_CONNECTIONS: dict[str, duckdb.DuckDBPyConnection] = {}
_TYPES: dict[str, Any] = {
    "BIGINT": sa.BIGINT,
    "INTEGER": sa.INTEGER,
    "DOUBLE": sa.DOUBLE,
    "VARCHAR": sa.VARCHAR,
    "DATE": sa.DATE,
    "BOOLEAN": sa.BOOLEAN,
}


@contextmanager
def register(name: str, connection: duckdb.DuckDBPyConnection, schema: str) -> Iterator[str]:
    """Lend a connection to the dialect under a name; yields its connection string.

    schema: where unqualified tables are looked up.
    """
    _CONNECTIONS[name] = connection
    try:
        yield f"duckdb+readonly:///{name}?schema={schema}"
    finally:
        del _CONNECTIONS[name]


class _Cursor:
    """A DB-API cursor that holds its whole result and refuses to write."""

    arraysize = 1
    rowcount = -1
    lastrowid = None

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None

    def execute(self, query: str, parameters: Sequence[Any] = ()) -> None:
        statements = duckdb.extract_statements(query)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise duckdb.NotSupportedError("the gates only read: refused what is not one query")
        self._cursor.execute(query, list(parameters))
        described = self._cursor.description or []
        self.description = [(d[0], str(d[1]), None, None, None, None, None) for d in described] or None
        # The gates need counts and catalogues only; a query for more rows would fetch personal data.
        self._rows = self._cursor.fetchmany(MOST_ROWS)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        self._cursor.close()


class _Connection:
    """A DB-API connection over a lent DuckDB connection, which it leaves open.

    It holds only the name: Great Expectations keeps its connections until the process ends, and DuckDB then complains
    about one that is still referenced.
    """

    def __init__(self, name: str, schema: str) -> None:
        self._name = name
        self._schema = schema

    def cursor(self) -> _Cursor:
        cursor = _CONNECTIONS[self._name].cursor()
        # Per session: otherwise DuckDB draws a progress bar in an interactive process.
        cursor.execute("set enable_progress_bar = false")
        cursor.execute(f"set search_path = {literal(f'{self._schema},main')}")
        return _Cursor(cursor)

    def commit(self) -> None:
        """Nothing was written."""

    def rollback(self) -> None:
        """Nothing was written."""

    def close(self) -> None:
        """The lender closes."""


class _Dbapi:
    """What SQLAlchemy needs from a DB-API module."""

    apilevel = "2.0"
    paramstyle = "qmark"
    threadsafety = 1
    Error = duckdb.Error
    DatabaseError = duckdb.DatabaseError
    DataError = duckdb.DataError
    IntegrityError = duckdb.IntegrityError
    InterfaceError = duckdb.Error
    InternalError = duckdb.InternalError
    NotSupportedError = duckdb.NotSupportedError
    OperationalError = duckdb.OperationalError
    ProgrammingError = duckdb.ProgrammingError
    Binary = bytes

    @staticmethod
    def connect(name: str, schema: str) -> _Connection:
        return _Connection(name, schema)


class ReadOnlyDuckDBDialect(PGDialect):
    """DuckDB speaks PostgreSQL's SQL; the catalogue is read from information_schema."""

    name = "duckdb"
    driver = "readonly"
    supports_statement_cache = True
    default_paramstyle = "qmark"
    use_native_hstore = False

    @classmethod
    def import_dbapi(cls) -> Any:
        return _Dbapi

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        return QueuePool

    def create_connect_args(self, url: URL) -> tuple[list[Any], dict[str, Any]]:
        return [url.database, url.query["schema"]], {}

    def initialize(self, connection: Connection) -> None:
        self.default_schema_name = str(connection.engine.url.query["schema"])
        self.server_version_info: tuple[int, ...] = (15,)  # type: ignore[assignment]

    def on_connect(self) -> None:
        return None

    def get_schema_names(self, connection: Connection, **kw: Any) -> list[str]:
        rows = connection.execute(sa.text("select distinct schema_name from information_schema.schemata"))
        return [row[0] for row in rows]

    def get_table_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        return self._relations(connection, schema, "BASE TABLE")

    def get_view_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        return self._relations(connection, schema, "VIEW")

    def has_table(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        return table_name in self.get_table_names(connection, schema) + self.get_view_names(connection, schema)

    def get_columns(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> list[Any]:
        rows = connection.execute(
            sa.text(
                "select column_name, data_type, is_nullable from information_schema.columns"
                " where table_schema = :schema and table_name = :table order by ordinal_position"
            ),
            {"schema": schema or self.default_schema_name, "table": table_name},
        )
        return [
            {"name": name, "type": _sqlalchemy_type(str(kind)), "nullable": nullable == "YES", "default": None}
            for name, kind, nullable in rows
        ]

    def get_pk_constraint(self, *args: Any, **kw: Any) -> Any:
        return {"constrained_columns": [], "name": None}

    def get_foreign_keys(self, *args: Any, **kw: Any) -> Any:
        return []

    def get_indexes(self, *args: Any, **kw: Any) -> Any:
        return []

    def _relations(self, connection: Connection, schema: str | None, kind: str) -> list[str]:
        rows = connection.execute(
            sa.text(
                "select table_name from information_schema.tables where table_schema = :schema and table_type = :kind"
            ),
            {"schema": schema or self.default_schema_name, "kind": kind},
        )
        return [row[0] for row in rows]


def _sqlalchemy_type(duckdb_type: str) -> Any:
    if duckdb_type.startswith("DECIMAL"):
        return sa.DECIMAL()
    if duckdb_type.startswith("TIMESTAMP"):
        return sa.TIMESTAMP()
    return _TYPES.get(duckdb_type, sa.VARCHAR)()


registry.register("duckdb.readonly", __name__, "ReadOnlyDuckDBDialect")
