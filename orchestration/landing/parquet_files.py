"""Parquet reading: row counts, columns and types from the file's footer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from orchestration.database import file_literal
from orchestration.landing.files import Defect, DeliveredFile

DAMAGED = Defect("delivery.unreadable", "the file is damaged or incomplete", "a complete Parquet file")
# Name, number of children, and the other fields of the schema that tell types apart.
_SCHEMA = "name, num_children, type, converted_type, logical_type, scale, precision, repetition_type"
Node = tuple[str, int | None, *tuple[object, ...]]


def describe_parquet(connection: duckdb.DuckDBPyConnection, files: Sequence[DeliveredFile]) -> None:
    """Set the row counts and columns of the files; a damaged file gets its defect.

    Takes two queries for all files and one per distinct schema. If the batch fails, it is retried in halves to isolate
    the damaged files.
    """
    if not files:
        return
    listed = ", ".join(file_literal(file.link) for file in files)
    try:
        counted = connection.execute(f"select file_name, num_rows from parquet_file_metadata([{listed}])").fetchall()
        nodes = connection.execute(f"select file_name, {_SCHEMA} from parquet_schema([{listed}])").fetchall()
    except duckdb.Error:
        if len(files) == 1:
            files[0].defects.append(DAMAGED)
            return
        half = len(files) // 2
        describe_parquet(connection, files[:half])
        describe_parquet(connection, files[half:])
        return
    rows = dict(counted)
    schemas: dict[str, list[Node]] = {}
    for name, *node in nodes:
        schemas.setdefault(name, []).append(tuple(node))
    types: dict[tuple[Node, ...], tuple[tuple[str, str], ...]] = {}
    for file in files:
        name = str(file.link)
        schema = tuple(schemas[name])
        if schema not in types:
            types[schema] = _columns(connection, file, schema)
        file.rows = int(rows[name])
        file.columns = types[schema]


def _columns(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile, schema: Sequence[Node]
) -> tuple[tuple[str, str], ...]:
    """Return the top-level columns under the file's own names, with DuckDB types.

    DuckDB renames the second of two columns with one name; the file's own names show the duplicate.
    """
    described = connection.execute(
        f"describe select * from read_parquet({file_literal(file.link)}, {PLAIN})"
    ).fetchall()
    return tuple(zip(_top_level(schema), (row[1] for row in described), strict=True))


# A folder `name=value` in the path is not a column of the file.
PLAIN = "hive_partitioning=false, binary_as_string=false"


def _top_level(schema: Sequence[Node]) -> Iterator[str]:
    """Yield the names of the root's children; the schema lists the tree depth first, parents before children."""
    place = 1
    for _ in range(int(schema[0][1] or 0)):
        yield schema[place][0]
        left = 1
        while left:
            left += int(schema[place][1] or 0) - 1
            place += 1


def undecodable(connection: duckdb.DuckDBPyConnection, file: DeliveredFile, columns: Sequence[str]) -> bool:
    """Return whether any value of the columns can't be decoded, despite a sound footer. Reads all of them."""
    values = ", ".join(f'max(hash("{name}"))' for name in columns)
    try:
        connection.execute(f"select {values} from read_parquet({file_literal(file.link)}, {PLAIN})").fetchall()
    except duckdb.Error:
        return True
    return False
