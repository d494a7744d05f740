"""Loads a landing zone into the scratch warehouse: typed rows, and delivery facts for gate 1 to judge.

Nothing is judged here. An unreadable value becomes null and its column is named in `_unreadable`; a CSV line that is
not a row goes to `landing.unreadable_line`; an unusable file goes to `delivery.defect`.

DuckDB reads each file through our own symlink: the sender's file name may hold a glob pattern, a `key=value` or bytes
that are not text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from statistics import median

import duckdb

from expectations.contract import Contract, Table
from expectations.gate_1.gate import ROW_BITS
from expectations.physical_types import load_physical_types
from orchestration.database import file_literal, path_literal
from orchestration.landing.cells import typed_select
from orchestration.landing.csv_files import scan_csv
from orchestration.landing.deliveries import (
    CONTROL_FILE,
    Partition,
    newest_read,
    partitions_to_read,
    strays,
    unknown_entries,
)
from orchestration.landing.facts import (
    ReadPartition,
    control_defect,
    create_tables,
    stated_rows,
    write_defects,
    write_files,
    write_partitions,
    write_strays,
)
from orchestration.landing.files import NO_FILE, Defect, DeliveredFile, UnfitFileError, header_defects, sha256_of
from orchestration.landing.parquet_files import DAMAGED, PLAIN, describe_parquet, undecodable

RATES = "fx_rate"
# Columns that a scan adds to those of the file.
_SCAN_COLUMNS = {"file_index", "file_row_number", "filename"}
_CSV = "auto_detect=false, header=true, delim=',', quote='\"', escape='\"', nullstr='', hive_partitioning=false"


@dataclass(frozen=True)
class LandingSummary:
    """What was read: rows by table, and the fingerprint over all files."""

    rows: dict[str, int]
    input_fingerprint: str


class _Links:
    """Symlinks to the sender's files, under our own names: `<folder>/<number>.parquet`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        folder.mkdir(parents=True)

    def to(self, file: Path) -> Path:
        """Create a link to the file and return it."""
        link = self._folder / f"{next(self._numbers)}{file.suffix}"
        link.symlink_to(file.absolute())
        return link


def read_landing(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    landing: Path,
    business_date: date,
    links: Path,
    *,
    known_on: date | None = None,
    allow_stale: bool = False,
    volume_lookback: int,
) -> LandingSummary:
    """Load the data that counts for the date into `landing.<table>` and its facts into schema `delivery`.

    Creates every table of the contract, empty if nothing was delivered. links: folder to create for the symlinks,
    through which the files are read as long as the scratch folder lives. known_on: up to which date the partitions of
    event tables are read, the business date by default; of those after it only what happened up to it. volume_lookback:
    number of earlier snapshots that define the usual row count.
    """
    create_tables(connection)
    linked = _Links(links)
    read: dict[str, list[ReadPartition]] = {}
    usual: dict[str, float] = {}
    for table in contract.tables.values():
        chosen, before = partitions_to_read(landing, table, business_date, known_on)
        read[table.name] = [_linked(partition, linked) for partition in chosen]
        earlier = [_linked(partition, linked) for partition in before[-volume_lookback:]]
        usual[table.name] = _usual_rows(connection, earlier)
        if table.name == RATES:
            _load_earlier_rates(connection, table, earlier)
    files = [file for found in read.values() for partition in found for file in partition.files]
    hashes = sha256_of(file.link for file in files)
    for file in files:
        file.sha256 = hashes[file.link]
    numbers = count()
    for table in contract.tables.values():
        files_of_table = [file for found in read[table.name] for file in found.files]
        _load_table(connection, table, files_of_table, numbers, business_date)
    _write_facts(connection, contract, read, usual, business_date, allow_stale=allow_stale)
    not_read: dict[str | None, list[str]] = {
        name: strays(landing, name, newest_read(table, business_date, known_on))
        for name, table in contract.tables.items()
    }
    write_strays(connection, not_read | {None: unknown_entries(landing, contract)})
    lines = sorted(f"{file.table}/biz_date={file.business_date}/{file.name}:{file.sha256}" for file in files)
    rows = {name: sum(partition.rows for partition in found) for name, found in read.items()}
    return LandingSummary(rows, hashlib.sha256("\n".join(lines).encode()).hexdigest())


def _linked(partition: Partition, links: _Links) -> ReadPartition:
    files = (DeliveredFile(partition.table, partition.business_date, file, links.to(file)) for file in partition.files)
    return ReadPartition(partition, tuple(files))


def _load_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    files: Sequence[DeliveredFile],
    numbers: Iterator[int],
    business_date: date,
) -> None:
    """Create `landing.<table>`: a view that casts Parquet in place, plus a typed copy of the CSV rows.

    Decoding Parquet is about as fast as reading a copy of it, and making the copy took a tenth of a refresh. Files in
    the landing zone never change, so the view sees what was counted and hashed.
    """
    _describe(connection, table, files)
    try:
        received = _fill(connection, table, files, numbers)
    except duckdb.Error:
        # A readable footer may promise data that the file does not hold.
        damaged = [
            file
            for file in files
            if file.is_fit and not file.is_csv and undecodable(connection, file, _contract_columns(table, file))
        ]
        if not damaged:
            raise
        for file in damaged:
            file.defects.append(DAMAGED)
        received = _fill(connection, table, files, numbers)
    later = _leave_out_later(connection, table, files, business_date)
    for file in files:
        if file.is_fit:
            file.later = later.get(file.file_id, 0)
            file.received = received.get(file.file_id, 0) + len(file.unreadable_lines) - file.later
        else:
            file.file_id = next(numbers)


def _fill(
    connection: duckdb.DuckDBPyConnection, table: Table, files: Sequence[DeliveredFile], numbers: Iterator[int]
) -> dict[int, int]:
    """Create the copy and the view over the fit files and number these files; return file_id -> rows read.

    Raises duckdb.Error if a file can't be decoded.
    """
    columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
    connection.execute(
        f"create or replace table landing.{table.name}_csv"
        f" ({columns}, _row bigint, _biz_date date, _unreadable varchar)"
    )
    selects = [f"select * from landing.{table.name}_csv"]
    for group in _same_columns(file for file in files if file.is_fit):
        for file in group:
            file.file_id = next(numbers)
        if group[0].is_csv:
            connection.execute(f"insert into landing.{table.name}_csv {_csv_query(table, group)}")
        else:
            selects.append(_parquet_query(table, group))
    connection.execute(f"create or replace view landing.{table.name} as {' union all '.join(selects)}")
    return dict(
        connection.execute(f"select _row >> {ROW_BITS}, count(*) from landing.{table.name} group by all").fetchall()
    )


def _leave_out_later(
    connection: duckdb.DuckDBPyConnection, table: Table, files: Sequence[DeliveredFile], business_date: date
) -> dict[int, int]:
    """Leave out of `landing.<table>` what was recorded and happened after the business date; return file_id -> rows.

    A row whose own day can't be read stays, and is quarantined for that.
    """
    if all(file.business_date <= business_date for file in files):
        return {}
    is_later = f"_biz_date > date '{business_date}' and {table.own_day} > date '{business_date}'"
    later = connection.execute(
        f"select _row >> {ROW_BITS}, count(*) from landing.{table.name} where {is_later} group by all"
    ).fetchall()
    connection.execute(f"alter view landing.{table.name} rename to {table.name}_read")
    connection.execute(
        f"create view landing.{table.name} as select * from landing.{table.name}_read where ({is_later}) is not true"
    )
    return dict(later)


def _describe(connection: duckdb.DuckDBPyConnection, table: Table, files: Sequence[DeliveredFile]) -> None:
    """Find the rows, columns and defects of the files. A CSV that is not plain is replaced by a copy of its rows."""
    for file in files:
        if not file.path.is_file():
            file.defects.append(NO_FILE)
    describe_parquet(connection, [file for file in files if file.is_fit and not file.is_csv])
    for file in files:
        try:
            if file.is_fit and file.is_csv:
                _scan_csv(file)
        except UnfitFileError as unfit:
            file.defects.append(unfit.defect)
        except OSError:
            file.defects.append(NO_FILE)
        if file.is_fit:
            file.defects += header_defects(table, [name for name, _ in file.columns])
        if file.is_fit and not file.is_csv:
            _check_types(connection, table, file)
            _avoid_names(connection, table, file)


def _scan_csv(file: DeliveredFile) -> None:
    copy = file.link.with_suffix(".rows.csv")
    scan, is_plain = scan_csv(file.link, copy)
    file.rows = scan.received
    file.columns = tuple((name, "VARCHAR") for name in scan.header)
    file.unreadable_lines = scan.unreadable
    file.source = file.link if is_plain else copy


def _avoid_names(connection: duckdb.DuckDBPyConnection, table: Table, file: DeliveredFile) -> None:
    """Read a file from a copy if one of its columns has the name of a column that DuckDB's scan adds."""
    if not _SCAN_COLUMNS & {name.casefold() for name, _ in file.columns}:
        return
    copy = file.link.with_suffix(".rows.parquet")
    names = ", ".join(f'"{name}"' for name, _ in file.columns if name in table.column_names)
    try:
        connection.execute(
            f"copy (select {names} from read_parquet({file_literal(file.link)}, {PLAIN})) to {path_literal(copy)}"
            " (format parquet)"
        )
    except duckdb.Error:
        file.defects.append(DAMAGED)
        return
    file.source = copy


def _check_types(connection: duckdb.DuckDBPyConnection, table: Table, file: DeliveredFile) -> None:
    """Note columns whose type loses information; refuse those that hold values of a type we can't read."""
    known, types = load_physical_types(), dict(file.columns)
    for column in table.columns:
        if column.name not in types:
            continue
        arrival, expected = known.arrival(types[column.name]), known.expected(column)
        treatment = known.treatment(column, arrival)
        if treatment == "refuse":
            try:
                ((values,),) = connection.execute(
                    f'select count("{column.name}") from read_parquet({file_literal(file.link)}, {PLAIN})'
                ).fetchall()
            except duckdb.Error:
                values = 1
            if values:
                found = f"column {column.name} arrives as {arrival.words}"
                file.defects.append(Defect("delivery.type", found, expected.form))
        elif treatment == "warn":
            found = f"column {column.name} arrives as {arrival.words}, so that {arrival.lost}"
            file.warnings.append(Defect("delivery.inexact_type", found, expected.form))


def _contract_columns(table: Table, file: DeliveredFile) -> list[str]:
    """Return the contract's columns that the file has."""
    there = {name for name, _ in file.columns}
    return [name for name in table.column_names if name in there]


def _same_columns(files: Iterable[DeliveredFile]) -> list[list[DeliveredFile]]:
    """Group the files that one scan can read: same format, columns and types."""
    groups: dict[tuple[bool, tuple[tuple[str, str], ...]], list[DeliveredFile]] = {}
    for file in files:
        groups.setdefault((file.is_csv, file.columns), []).append(file)
    return list(groups.values())


def _parquet_query(table: Table, group: Sequence[DeliveredFile]) -> str:
    listed = ", ".join(file_literal(file.source) for file in group)
    scan = f"read_parquet([{listed}], file_row_number=true, {PLAIN}) as source"
    row = f"((cast({group[0].file_id} + file_index as bigint) << {ROW_BITS}) + file_row_number + 1)"
    return typed_select(table, dict(group[0].columns), scan, row, _date_of_file(group))


def _csv_query(table: Table, group: Sequence[DeliveredFile]) -> str:
    """Return the query of a scan of CSV files, with rows numbered per file in file order.

    Columns are taken by position, since the file's other columns may have any name.
    """
    listed = ", ".join(file_literal(file.source) for file in group)
    places = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(group[0].columns)))
    scan = f"read_csv([{listed}], {_CSV}, columns={{{places}}}, strict_mode=true)"
    before, rows_before = 0, []
    for file in group:
        rows_before.append(str(before))
        before += file.rows - len(file.unreadable_lines)
    names = ", ".join(
        f'c{place} as "{name}"' for place, (name, _) in enumerate(group[0].columns) if name in table.column_names
    )
    numbered = f"(select {names}, file_index, row_number() over () as scanned from {scan}) as source"
    row = (
        f"((cast({group[0].file_id} + file_index as bigint) << {ROW_BITS}) + scanned"
        f" - [{', '.join(rows_before)}][cast(file_index as bigint) + 1])"
    )
    return typed_select(table, dict(group[0].columns), numbered, row, _date_of_file(group))


def _date_of_file(group: Sequence[DeliveredFile]) -> str:
    """Return SQL for the partition date of a scanned row."""
    dates = [f"date '{file.business_date}'" for file in group]
    return dates[0] if len(set(dates)) == 1 else f"[{', '.join(dates)}][cast(file_index as bigint) + 1]"


def _usual_rows(connection: duckdb.DuckDBPyConnection, earlier: Sequence[ReadPartition]) -> float:
    """Return the median row count of earlier snapshots; 0 if none has a count without being read."""
    counts = [rows for found in earlier if (rows := _rows_at_once(connection, found)) is not None]
    return float(median(counts)) if counts else 0.0


def _rows_at_once(connection: duckdb.DuckDBPyConnection, read: ReadPartition) -> int | None:
    """Return the rows from the control file or the Parquet footers; None for CSV, which would have to be read."""
    stated = stated_rows(read)
    if stated is not None or any(file.is_csv or not file.path.is_file() for file in read.files):
        return stated
    describe_parquet(connection, read.files)
    return read.rows if read.is_fit else None


def _load_earlier_rates(connection: duckdb.DuckDBPyConnection, table: Table, earlier: Sequence[ReadPartition]) -> None:
    """Load the rates of the previous snapshot into `delivery.earlier_rate`, if it can be read."""
    connection.execute(
        "create or replace table delivery.earlier_rate (currency varchar, cny_per_unit decimal(18, 8),"
        " business_date date)"
    )
    if not earlier:
        return
    files = earlier[-1].files
    _describe(connection, table, files)
    for group in _same_columns(file for file in files if file.is_fit):
        query = _csv_query(table, group) if group[0].is_csv else _parquet_query(table, group)
        try:
            connection.execute(
                f"insert into delivery.earlier_rate select currency, min(cny_per_unit), _biz_date from ({query})"
                " where currency is not null and cny_per_unit is not null group by all"
            )
        except duckdb.Error:
            # Earlier deliveries are not judged again.
            continue


def _write_facts(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    read: Mapping[str, Sequence[ReadPartition]],
    usual: Mapping[str, float],
    business_date: date,
    *,
    allow_stale: bool,
) -> None:
    partitions_read: list[tuple[Table, ReadPartition | None, float]] = []
    for name, table in contract.tables.items():
        partitions_read += [(table, found, usual.get(name, 0.0)) for found in read[name]] or [(table, None, 0.0)]
    write_partitions(connection, partitions_read, business_date, allow_stale=allow_stale)
    write_files(connection, [file for found in read.values() for partition in found for file in partition.files])
    for found in read.values():
        for partition in found:
            told = [(file.name, defect) for file in partition.files for defect in (*file.defects, *file.warnings)]
            if partition.is_fit and (defect := control_defect(partition)):
                told.append((CONTROL_FILE, defect))
            where = (partition.partition.table, partition.partition.business_date)
            write_defects(connection, [(*where, name, defect) for name, defect in told])
