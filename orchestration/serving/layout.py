"""What a release looks like on PostgreSQL: its tables, their columns and rights, and the views that readers use.

A table is partitioned by batch, and a batch is one Parquet file of the store: closed months are loaded once. Tables of
one shape (columns, types, rights) are in one schema, and a release of another shape gets another.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import starmap
from pathlib import Path

from psycopg import sql

from orchestration.database import connect, file_literal
from orchestration.serving.readers import KINDS, Readers, ReadersError, readers_of_marts
from orchestration.store.releases import FILE, Release

# The group role of all readers, and the schema that they know.
READER_ROLE = "fenceng_reader"
# The group role of tools that hold the rights themselves; rights.sql names it.
SERVICE_ROLE = "fenceng_service"
VIEWS = "marts"
SQL = Path(__file__).with_name("sql")
# Marts on which the rights rest. They are loaded a second time, as `rights_of_<mart>`, for the views of rights.sql: the
# policy of a table must not read a table with a policy.
RIGHTS_REST_ON = ("fct_access_right", "fct_access_customer", "dim_employee", "dim_customer")
_TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "HUGEINT": "numeric(38)",
    "INTEGER": "integer",
    "TIMESTAMP": "timestamp",
    "VARCHAR": "text",
}
# How a view shows a column of each type. A comparison of text, integers or dates counts as leak-proof, and PostgreSQL
# may make it before it asks for the rights: whether these were asked for at all would then show, in `explain analyze`
# and in the time, if a foreign row has the value. These operators change no value and are not leak-proof.
_VEILED = {
    "bigint": "{} + 0",
    "boolean": "({}::text)::boolean",
    "date": "{} + 0",
    "double precision": "{} + 0",
    "integer": "{} + 0",
    "text": "{} || ''",
    "timestamp": "{} + interval '0'",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
# Whose rows a subject's are: the view of rights.sql and its column.
_MINE = {
    "customer": ("my_customer", "customer_id"),
    "organization": ("my_organization", "org_id"),
    "employee": ("my_employee", "employee_id"),
}


@dataclass(frozen=True)
class Table:
    """A published table. columns: name -> PostgreSQL type; comments: column -> comment; files: path -> SHA-256.

    readers: None for the second copy of a table on which the rights rest, which nobody reads.
    """

    name: str
    columns: Mapping[str, str]
    comment: str
    comments: Mapping[str, str]
    readers: Readers | None
    files: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """The tables of a release, in order of name, and the schema of their shape."""

    release: Release
    tables: tuple[Table, ...]

    @property
    def shape(self) -> str:
        """Schema of the partitioned tables; the same for releases whose tables and rights are the same."""
        told = [
            [table.name, [*table.columns.items()], table.comment, [*table.comments.items()], asdict(table.readers)]
            for table in self.published
            if table.readers
        ]
        made = [json.dumps(told), *((SQL / name).read_text("utf-8") for name in ("registry.sql", "rights.sql"))]
        return "fenceng_" + hashlib.sha256("".join([*made, str(_VEILED)]).encode()).hexdigest()[:12]

    @property
    def published(self) -> tuple[Table, ...]:
        """The tables that readers see."""
        return tuple(table for table in self.tables if table.readers)

    @property
    def schema(self) -> str:
        """Schema of the files that this release brings."""
        return "release_" + re.sub(r"\W", "_", self.release.release_id.lower())


def layout_of(release: Release) -> Layout:
    """Describe the tables of a release.

    Raises ReadersError for a table whose readers are not known, or for a release without the tables of the rights.
    """
    readers = readers_of_marts()
    manifest = release.manifest()
    if lacking := [table for table in RIGHTS_REST_ON if table not in manifest["rows"]]:
        raise ReadersError(f"release {release.release_id} has no {', '.join(lacking)}: refresh, then serve it")
    with connect(release.folder / FILE, read_only=True) as connection:
        columns: dict[str, dict[str, tuple[str, str]]] = {}
        for table, column, kind, comment in connection.execute(
            "select table_name, column_name, data_type, comment from duckdb_columns() where schema_name = 'marts'"
            " order by table_name, column_index"
        ).fetchall():
            columns.setdefault(table, {})[column] = (kind, comment or "")
        comments = dict(
            connection.execute("select view_name, comment from duckdb_views() where schema_name = 'marts'").fetchall()
        )
    tables = []
    for name in sorted(manifest["rows"]):
        if name not in readers:
            raise ReadersError(f"{name}: published, but no model says who reads it; refresh with this version first")
        files = {path: told["sha256"] for path, told in manifest["files"].items() if path.startswith(f"{name}/")}
        tables.append(
            Table(
                name,
                {column: postgres_type(kind) for column, (kind, _) in columns[name].items()},
                comments[name] or "",
                {column: comment for column, (_, comment) in columns[name].items()},
                readers[name],
                dict(sorted(files.items())),
            )
        )
    rights = [
        replace(table, name=f"rights_of_{table.name}", readers=None) for table in tables if table.name in RIGHTS_REST_ON
    ]
    return Layout(release, (*tables, *rights))


def postgres_type(kind: str) -> str:
    """Return the PostgreSQL type of a DuckDB type. Raises ValueError for one that no mart has."""
    if decimal := _DECIMAL.fullmatch(kind):
        return f"numeric({decimal[1]},{decimal[2]})"
    if kind not in _TYPES:
        raise ValueError(f"no PostgreSQL type for {kind}")
    return _TYPES[kind]


def rows_of(release: Release, table: Table, file: str) -> str:
    """Return the DuckDB query of a file's rows, in the order of the table's columns."""
    columns = ", ".join(f'"{column}"' for column in table.columns)
    return f"select {columns} from read_parquet({file_literal(release.folder / file)}, hive_partitioning = false)"


def tables_of_shape(layout: Layout) -> Iterator[sql.Composed]:
    """The statements that create the schema of a shape: empty tables, whose rights are in place before any row is."""
    shape = sql.Identifier(layout.shape)
    yield sql.SQL("create schema {}").format(shape)
    for table in layout.tables:
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in table.columns.items()
        )
        name = sql.Identifier(layout.shape, table.name)
        yield sql.SQL("create table {} (batch integer not null, {}) partition by list (batch)").format(name, columns)
        if table.readers:
            # Forced: the views of readers run with the rights of the owner, and the policies hold for it, too.
            yield sql.SQL("alter table {} enable row level security").format(name)
            yield sql.SQL("alter table {} force row level security").format(name)
    rights = (SQL / "rights.sql").read_text(encoding="utf-8")
    # Not str.format: its braces are those of the file, and the schema's name is ours.
    yield sql.Composed([sql.SQL(rights.replace("{shape}", layout.shape))])
    for table in layout.published:
        name = sql.Identifier(layout.shape, table.name)
        yield sql.SQL(
            "create policy of_release on {} as restrictive for select"
            " using (batch = any(array(select shown_batch.batch from fenceng.shown_batch as shown_batch)))"
        ).format(name)
        yield sql.SQL("create policy readers on {} for select using ({})").format(
            name, _condition(layout.shape, table.readers)
        )


def views_of_shape(layout: Layout) -> Iterator[sql.Composed]:
    """The statements that create the schema of views that readers use; none may exist."""
    yield sql.SQL("create schema {}").format(sql.Identifier(VIEWS))
    yield sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(VIEWS), sql.Identifier(READER_ROLE))
    for table in layout.published:
        view = sql.Identifier(VIEWS, table.name)
        yield sql.SQL("create view {} as select {} from {}").format(
            view,
            sql.SQL(", ").join(starmap(_shown, table.columns.items())),
            sql.Identifier(layout.shape, table.name),
        )
        yield sql.SQL("grant select on {} to {}").format(view, sql.Identifier(READER_ROLE))
        yield sql.SQL("comment on view {} is {}").format(view, sql.Literal(table.comment))
        for column, comment in table.comments.items():
            yield sql.SQL("comment on column {} is {}").format(
                sql.Identifier(VIEWS, table.name, column), sql.Literal(comment)
            )
    yield sql.SQL(
        "create view {view} with (security_barrier = true) as"
        " select release.release_id, release.business_date, release.newest_business_date, release.policy_version,"
        " release.published_at, release.shown_at"
        " from fenceng.release as release inner join fenceng.shown as shown using (release_id)"
        " where (select my_reach.is_reader from {reach} as my_reach)"
    ).format(view=sql.Identifier(VIEWS, "release_in_force"), reach=sql.Identifier(layout.shape, "my_reach"))
    yield sql.SQL("grant select on {} to {}").format(
        sql.Identifier(VIEWS, "release_in_force"), sql.Identifier(READER_ROLE)
    )


def _shown(column: str, kind: str) -> sql.Composable:
    """A column as a view shows it: its value, through an operator that PostgreSQL keeps behind the rights."""
    name = sql.Identifier(column)
    # A comparison of numeric values is not leak-proof as it is.
    return sql.SQL(_VEILED.get(kind, "{}") + " as {}").format(name, name)


def _condition(shape: str, readers: Readers | None) -> sql.Composable:
    """Which rows of a table a reader may read. Uncorrelated sub-queries: each runs once a statement."""
    reach = sql.SQL("(select my_reach.{} from {} as my_reach)")
    if readers is None:
        return sql.SQL("false")
    if readers.everybody:
        return reach.format(sql.Identifier("is_reader"), sql.Identifier(shape, "my_reach"))
    parts: list[sql.Composable] = [reach.format(sql.Identifier("is_of_bank"), sql.Identifier(shape, "my_reach"))]
    for subject, column in readers.columns.items():
        view, key = _MINE[subject]
        part = sql.SQL("{} in (select mine.{} from {} as mine)").format(
            sql.Identifier(column), sql.Identifier(key), sql.Identifier(shape, view)
        )
        if readers.kind:
            part = sql.SQL("({} = {} and {})").format(sql.Identifier(readers.kind), sql.Literal(KINDS[subject]), part)
        parts.append(part)
    return sql.SQL(" or ").join(parts)
