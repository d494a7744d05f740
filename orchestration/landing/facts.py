"""Delivery facts: the tables of schema `delivery`, which gate 1 judges and which account for its row counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import duckdb

from expectations.contract import Table
from orchestration.landing.deliveries import CONTROL_FILE, Partition
from orchestration.landing.files import Defect, DeliveredFile
from orchestration.printable import printable


@dataclass(frozen=True)
class ReadPartition:
    """A partition that was read, with its files."""

    partition: Partition
    files: tuple[DeliveredFile, ...]

    @property
    def rows(self) -> int:
        """Row count of the files that could be read."""
        return sum(file.rows for file in self.files)

    @property
    def is_fit(self) -> bool:
        """Whether every file could be read."""
        return all(file.is_fit for file in self.files)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty tables. `_row` numbers what a delivery.yml rule reports; of a file it is the file_id."""
    connection.execute(
        "create or replace table delivery.partition (_row bigint, table_name varchar, kind varchar,"
        " is_required boolean, may_be_empty boolean, partition_date date, rows_received bigint, is_fit boolean,"
        " usual_rows double, business_date date, is_stale_allowed boolean);"
        # link: symlink in the scratch folder through which the file is read.
        "create or replace table delivery.file (_row bigint, table_name varchar, business_date date,"
        " file_name varchar, rows_in_file bigint, rows_received bigint, rows_later bigint, is_fit boolean,"
        " sha256 varchar, link varchar);"
        # One row where the month is published with a later date.
        "create or replace table delivery.run (_row bigint, business_date date, published_on date);"
        "create or replace table delivery.defect (_row bigint, rule varchar, table_name varchar, partition_date date,"
        " file_name varchar, line_number bigint, found varchar, expected varchar);"
        "create or replace table delivery.stray (_row bigint, table_name varchar, name varchar);"
        "create or replace table landing.unreadable_line (table_name varchar, business_date date, file_id bigint,"
        " file_name varchar, line_number bigint, why varchar)"
    )


def write_partitions(
    connection: duckdb.DuckDBPyConnection,
    read: Iterable[tuple[Table, ReadPartition | None, float]],
    business_date: date,
    *,
    allow_stale: bool,
) -> None:
    """Write one row per partition read, or per table without one, with the usual row count of its table."""
    rows = [
        (
            number,
            table.name,
            table.kind,
            table.required,
            table.may_be_empty,
            found.partition.business_date if found else None,
            found.rows if found else 0,
            found.is_fit if found else True,
            usual,
            business_date,
            allow_stale,
        )
        for number, (table, found, usual) in enumerate(read)
    ]
    _insert(connection, "delivery.partition", rows)


def write_replaced_close(connection: duckdb.DuckDBPyConnection, business_date: date, published_on: date) -> None:
    """Note that the month is published with a later date than the one refreshed."""
    _insert(connection, "delivery.run", [(1, business_date, published_on)])


def write_files(connection: duckdb.DuckDBPyConnection, files: Sequence[DeliveredFile]) -> None:
    """Write one row per file, and one per line that is not a row."""
    _insert(
        connection,
        "delivery.file",
        [
            (f.file_id, f.table, f.business_date, f.name, f.rows, f.received, f.later, f.is_fit, f.sha256, str(f.link))
            for f in files
        ],
    )
    _insert(
        connection,
        "landing.unreadable_line",
        [
            (f.table, f.business_date, f.file_id, f.name, line, why)
            for f in files
            for line, why in f.unreadable_lines.items()
        ],
    )


def write_defects(
    connection: duckdb.DuckDBPyConnection, defects: Iterable[tuple[str, date | None, str, Defect]]
) -> None:
    """Append defects, given as (table, partition date, file or other name, defect)."""
    ((there,),) = connection.execute("select count(*) from delivery.defect").fetchall()
    _insert(
        connection,
        "delivery.defect",
        [
            (number, defect.rule, table, day, name, defect.line, defect.found, defect.expected)
            for number, (table, day, name, defect) in enumerate(defects, start=there)
        ],
    )


def write_strays(connection: duckdb.DuckDBPyConnection, strays: Mapping[str | None, Sequence[str]]) -> None:
    """Write what the landing zone holds and is not read: table (None for no table) -> names."""
    listed = [(table, name) for table, names in strays.items() for name in names]
    _insert(connection, "delivery.stray", [(number, *pair) for number, pair in enumerate(listed)])


def stated_rows(read: ReadPartition) -> int | None:
    """Return the row count in the control file; None without a control file or an integer in it."""
    stated = _stated(read)
    rows = stated.get("rows") if isinstance(stated, dict) else None
    return rows if isinstance(rows, int) else None


def _stated(read: ReadPartition) -> object:
    """Return the content of a partition's control file; None if it is missing or not JSON."""
    control = read.partition.folder / CONTROL_FILE
    try:
        return json.loads(control.read_text(encoding="utf-8-sig")) if control.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None


def control_defect(read: ReadPartition) -> Defect | None:
    """Return where the control file contradicts its partition; None if it agrees or there is none."""
    if not (read.partition.folder / CONTROL_FILE).exists():
        return None
    stated = _stated(read)
    files = (stated.get("files") or {}) if isinstance(stated, dict) else None
    if not isinstance(stated, dict) or not isinstance(files, dict):
        return _control("it can't be read", 'JSON such as {"rows": 5, "files": {"part-0.csv": "<sha256>"}}')
    rows = stated.get("rows")
    if rows is not None and not _is_number(rows, read.rows):
        return _control(f"it says {_shown(rows)} rows, {read.rows} arrived", "the rows of all files of the partition")
    hashes = {printable(str(name)): str(stated_hash).lower() for name, stated_hash in files.items()}
    arrived = {file.name: file.sha256 for file in read.files}
    if absent := sorted(hashes.keys() - arrived.keys()):
        return _control(f"it names {_shown(', '.join(absent))}, which did not arrive", "the files of the partition")
    if hashes and (extra := sorted(arrived.keys() - hashes.keys())):
        return _control(f"{', '.join(extra)} arrived but is not listed", "the files of the partition")
    if wrong := sorted(name for name, stated_hash in hashes.items() if stated_hash != arrived[name]):
        return _control(f"the sha256 of {', '.join(wrong)} does not match", "the sha256 of each file")
    return None


def _control(found: str, expected: str) -> Defect:
    return Defect("delivery.control", found, expected)


def _shown(stated: object) -> str:
    text = printable(str(stated))
    return text if len(text) <= 200 else f"{text[:200]}..."


def _is_number(stated: object, rows: int) -> bool:
    """Return whether a control file states this number: 5, 5.0 and "5" are all five."""
    try:
        return Decimal(str(stated)) == rows
    except InvalidOperation:
        return False


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert in batches of 100: one statement per row would take seconds for several years of files."""
    for begin in range(0, len(rows), 100):
        chunk = rows[begin : begin + 100]
        marks = ", ".join(f"({', '.join('?' * len(row))})" for row in chunk)
        connection.execute(f"insert into {table} values {marks}", [value for row in chunk for value in row])
