"""Parquet as it arrives: rows, columns and types by the file's own metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from orchestration.database import file_literal
from orchestration.landing.files import Defect, DeliveredFile

DAMAGED = Defect("delivery.unreadable", "the file is damaged or not whole", "a whole Parquet file")
# name, children, and what else of the schema's row tells one type from another
_SCHEMA = "name, num_children, type, converted_type, logical_type, scale, precision, repetition_type"
Node = tuple[str, int | None, *tuple[object, ...]]


def describe_parquet(connection: duckdb.DuckDBPyConnection, files: Sequence[DeliveredFile]) -> None:
    """Write rows and columns into the files, by three queries for all of them; a damaged file gets its defect.

    Where one of many can't be read the others are asked for again, by halves.
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
    """The top-level columns with DuckDB's types, under the names that the file gives them.

    DuckDB gives the second of two columns of one name another; the file's own names tell that it is there twice.
    """
    described = connection.execute(
        f"describe select * from read_parquet({file_literal(file.link)}, {PLAIN})"
    ).fetchall()
    return tuple(zip(_top_level(schema), (row[1] for row in described), strict=True))


# A folder `name=value` on the way to the file is no column of it.
PLAIN = "hive_partitioning=false, binary_as_string=false"


def _top_level(schema: Sequence[Node]) -> Iterator[str]:
    """The names of the root's children; the schema lists the tree from the top, children behind their parent."""
    place = 1
    for _ in range(int(schema[0][1] or 0)):
        yield schema[place][0]
        left = 1
        while left:
            left += int(schema[place][1] or 0) - 1
            place += 1


def undecodable(connection: duckdb.DuckDBPyConnection, file: DeliveredFile, columns: Sequence[str]) -> bool:
    """Whether some value of the columns can't be decoded, though the file's footer is sound: reads all of them."""
    values = ", ".join(f'max(hash("{name}"))' for name in columns)
    try:
        connection.execute(f"select {values} from read_parquet({file_literal(file.link)}, {PLAIN})").fetchall()
    except duckdb.Error:
        return True
    return False
