"""Rechecks the files of a delivery: unchanged since they were read, and fully decodable."""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.contract import Contract
from orchestration.landing.facts import write_defects
from orchestration.landing.files import Defect, DeliveredFile, sha256_of
from orchestration.landing.parquet_files import describe_parquet, undecodable

_CHANGED = Defect("delivery.changed", "the file has changed since it was read", "a delivery that no longer changes")
_GONE = Defect("delivery.changed", "it is gone", "a delivery that no longer changes")
_UNDECODABLE = Defect("delivery.unreadable", "the file is damaged: a value can't be decoded", "an intact file")


def note_changed_files(connection: duckdb.DuckDBPyConnection) -> bool:
    """Rehash every file and record changed ones in `delivery.defect`. Returns whether there are any."""
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
    """Decode every value of every Parquet file and record failures in `delivery.defect`. Returns whether there are any.

    A file with a sound footer can be damaged in the middle. Only called after a station failed.
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
