"""A second look at the files of a delivery: whether they are still what was read, and can be decoded to their end."""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.contract import Contract
from orchestration.landing.facts import write_defects
from orchestration.landing.files import Defect, DeliveredFile, sha256_of
from orchestration.landing.parquet_files import describe_parquet, undecodable

_CHANGED = Defect("delivery.changed", "it is no longer the file that was read", "a delivery that has come to rest")
_GONE = Defect("delivery.changed", "it is gone", "a delivery that has come to rest")
_UNDECODABLE = Defect("delivery.unreadable", "the file is damaged: a value of it can't be decoded", "a whole file")


def note_changed_files(connection: duckdb.DuckDBPyConnection) -> bool:
    """Hash every file again; what is another now goes to `delivery.defect`. Whether any is."""
    listed = connection.execute(
        "select table_name, business_date, file_name, sha256, link from delivery.file order by _row"
    ).fetchall()
    hashes = sha256_of(Path(link) for *_, link in listed)
    found = [
        (table, day, name, _CHANGED if hashes[Path(link)] else _GONE)
        for table, day, name, sha256, link in listed
        if hashes[Path(link)] != sha256
    ]
    write_defects(connection, found)
    return bool(found)


def note_undecodable_files(connection: duckdb.DuckDBPyConnection, contract: Contract) -> bool:
    """Decode every value of every Parquet file; a file that can't be goes to `delivery.defect`. Whether any can't.

    A file whose footer is sound can be damaged in the middle. Only a station that failed asks for this.
    """
    listed = connection.execute(
        "select table_name, business_date, file_name, link from delivery.file where link like '%.parquet' order by _row"
    ).fetchall()
    found = []
    for table, day, name, link in listed:
        file = DeliveredFile(table, day, Path(link), Path(link))
        describe_parquet(connection, [file])
        there = [column for column, _ in file.columns]
        columns = [column for column in contract.tables[table].column_names if column in there]
        if not file.is_fit or undecodable(connection, file, columns):
            found.append((table, day, name, _UNDECODABLE))
    write_defects(connection, found)
    return bool(found)
