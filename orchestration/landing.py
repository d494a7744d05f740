"""Reads a landing zone into the scratch warehouse: typed rows, and the facts of the delivery for gate 1 to judge.

Nothing is judged here. A value that can't be read becomes null and its column is named in `_unreadable`; a line of
a CSV that is no row goes to `landing.unreadable_line`; a missing column is filled with nulls and noted.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from statistics import median

import duckdb

from expectations.contract import Column, Contract, Table

CONTROL_FILE = "_control.json"
DATA_SUFFIXES = (".parquet", ".csv")
_PARTITION = re.compile(r"biz_date=(\d{4}-\d{2}-\d{2})")
_DATE_TEXT = r"\s*[0-9]{4}[-/][^(]*"
_HIVE = "hive_partitioning=true, hive_types={'biz_date': date}"
_CSV = "auto_detect=false, header=true, delim=',', quote='\"', escape='\"', nullstr=''"


@dataclass(frozen=True)
class Partition:
    """One delivered folder: its date and its data files (Parquet or CSV), in the order of their names."""

    table: str
    business_date: date
    folder: Path
    files: tuple[Path, ...]


@dataclass
class PartitionFacts:
    """What is known of a partition that was read, for the rules of expectations/gate_1/delivery.yml."""

    partition: Partition
    rows: int = 0
    missing_columns: set[str] = field(default_factory=set)
    control_error: str = ""
    read_error: str = ""


@dataclass(frozen=True)
class LandingSummary:
    """What was read: rows by table, and the fingerprint of every file."""

    rows: dict[str, int]
    input_fingerprint: str


def partitions(landing: Path, table: str) -> list[Partition]:
    """All partitions of a table, by date: folders with a data file, or with a control file that says what is missing.

    Names of another form are no partitions.
    """
    found = []
    for folder in (landing / table).glob("biz_date=*"):
        business_date = _date_of(folder)
        if business_date is None:
            continue
        files = tuple(
            sorted(
                file
                for file in folder.iterdir()
                if file.suffix in DATA_SUFFIXES and not file.name.startswith(("_", "."))
            )
        )
        if files or (folder / CONTROL_FILE).exists():
            found.append(Partition(table, business_date, folder, files))
    return sorted(found, key=lambda partition: partition.business_date)


def strays(landing: Path, table: str, business_date: date) -> list[str]:
    """What lies in a table's folder and is never read: folders of another form, files that are no data of a partition.

    Names that begin with a dot or an underscore are the sender's own marks; partitions after the date are not looked
    into.
    """
    place = landing / table
    found = []
    for entry in sorted(place.iterdir()) if place.is_dir() else ():
        if entry.name.startswith(("_", ".")):
            continue
        day = _date_of(entry)
        if day is None:
            found.append(entry.name)
        elif day <= business_date:
            found += [
                f"{entry.name}/{file.name}"
                for file in sorted(entry.iterdir())
                if file.suffix not in DATA_SUFFIXES and not file.name.startswith(("_", "."))
            ]
    return found


def _date_of(folder: Path) -> date | None:
    match = _PARTITION.fullmatch(folder.name)
    if not match or not folder.is_dir():
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None


def partitions_to_read(landing: Path, table: Table, business_date: date) -> list[Partition]:
    """Of a snapshot the newest partition up to the date, of an event table all of them; none after the date."""
    known = [p for p in partitions(landing, table.name) if p.business_date <= business_date]
    return known[-1:] if table.kind == "snapshot" else known


def complete_dates(landing: Path, contract: Contract) -> list[date]:
    """The dates for which every required snapshot has a partition, and so a refresh can run."""
    required = [table for table in contract.tables.values() if table.required and table.kind == "snapshot"]
    dates = [{p.business_date for p in partitions(landing, table.name)} for table in required]
    return sorted(set.intersection(*dates)) if dates else []


def deliveries(landing: Path, contract: Contract, since: date | None) -> dict[date, str]:
    """Complete date, not before `since` -> what stands there of all tables, by name, size and time of change.

    A date of which a control file names a file that is not there is still being written. Without control files only
    time tells: what is the same at two looks is no longer written.
    """
    standing: dict[date, str] = {}
    for day in complete_dates(landing, contract):
        if since is not None and day < since:
            continue
        folders = [landing / name / f"biz_date={day}" for name in sorted(contract.tables)]
        files = sorted(file for folder in folders if folder.is_dir() for file in folder.iterdir() if file.is_file())
        if any(_lacks_a_file(file) for file in files if file.name == CONTROL_FILE):
            continue
        states = [(file.relative_to(landing).as_posix(), file.stat()) for file in files]
        text = "\n".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states)
        standing[day] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return standing


def _lacks_a_file(control: Path) -> bool:
    """Whether a control file names a file that is not there. One that can't be read is for gate 1 to judge."""
    try:
        named = json.loads(control.read_text(encoding="utf-8")).get("files") or {}
        return any(not (control.parent / name).exists() for name in named)
    except (ValueError, AttributeError, TypeError):
        return False


def read_landing(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    landing: Path,
    business_date: date,
    *,
    allow_stale: bool = False,
    volume_lookback: int,
) -> LandingSummary:
    """Load what counts for the date into `landing.<table>` and its facts into `delivery.partition`.

    Every table of the contract exists afterwards, empty where nothing was delivered. volume_lookback: how many
    earlier snapshots give the usual number of rows.
    """
    connection.execute("create or replace table landing.unreadable_line (table_name varchar, business_date date,"
                       " file_name varchar, line_number bigint)")  # fmt: skip
    to_read = {table.name: partitions_to_read(landing, table, business_date) for table in contract.tables.values()}
    hashes = _hashes(file for found in to_read.values() for partition in found for file in partition.files)
    facts: list[tuple[Table, PartitionFacts | None, float]] = []
    rows: dict[str, int] = {}
    for table in contract.tables.values():
        found = to_read[table.name]
        of_table = _load_table(connection, table, found)
        for fact in of_table:
            _check_control(fact, hashes)
        rows[table.name] = sum(fact.rows for fact in of_table)
        usual = _usual_rows(connection, landing, table, found, volume_lookback)
        facts += [(table, fact, usual) for fact in of_table] or [(table, None, 0.0)]
    _load_earlier_rates(connection, contract.tables["fx_rate"], landing, to_read["fx_rate"])
    _write_facts(connection, facts, business_date, allow_stale)
    _write_strays(connection, {name: strays(landing, name, business_date) for name in contract.tables})
    lines = sorted(f"{file.relative_to(landing).as_posix()}:{digest}" for file, digest in hashes.items())
    return LandingSummary(rows, hashlib.sha256("\n".join(lines).encode()).hexdigest())


def _load_table(
    connection: duckdb.DuckDBPyConnection, table: Table, found: Sequence[Partition]
) -> list[PartitionFacts]:
    """Make `landing.<table>`: a view that types Parquet where it lies, and a typed copy of what came as CSV.

    Parquet is decoded about as fast as a copy of it is read, and the copy alone took a tenth of a refresh. The
    landing zone never changes, so a view sees what was counted and hashed.
    """
    facts = {partition.folder: PartitionFacts(partition) for partition in found}
    columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
    connection.execute(
        f"create or replace table landing.{table.name}_csv"
        f" ({columns}, _row bigint, _biz_date date, _unreadable varchar)"
    )
    selects = [f"select * from landing.{table.name}_csv"]
    for number, (files, source_columns, scan) in enumerate(_scans(connection, table, facts.values())):
        missing = {column.name for column in table.columns} - source_columns.keys()
        for file in files:
            facts[file.parent].missing_columns |= missing
        try:
            if files[0].suffix == ".parquet":
                select = _typed_select(table, source_columns, scan, _parquet_row(number))
                connection.execute(f"select count(*) from ({select}) where _row is null").fetchall()
                selects.append(select)
            else:
                _copy_csv(connection, table, source_columns, scan)
        except duckdb.Error as error:
            for file in files:
                facts[file.parent].read_error = f"{file.name}: {_first_line(error)}"
    connection.execute(f"create or replace view landing.{table.name} as {' union all '.join(selects)}")
    counted = connection.execute(
        f"select _biz_date, count(*) from landing.{table.name} group by all union all"
        " select business_date, count(*) from landing.unreadable_line where table_name = ? group by all",
        [table.name],
    ).fetchall()
    by_date = {fact.partition.business_date: fact for fact in facts.values()}
    for business_date, rows in counted:
        by_date[business_date].rows += rows
    for fact in facts.values():
        _compare_csv_rows(connection, table, fact)
    return list(facts.values())


def _load_earlier_rates(
    connection: duckdb.DuckDBPyConnection, table: Table, landing: Path, found: Sequence[Partition]
) -> None:
    """The newest rates before those that are read, into `delivery.earlier_rate`; what can't be read is left out."""
    connection.execute(
        "create or replace table delivery.earlier_rate (currency varchar, cny_per_unit decimal(18,8),"
        " business_date date)"
    )
    known = partitions(landing, table.name) if found else []
    earlier = [p for p in known if p.business_date < found[0].business_date][-1:]
    for _, source_columns, scan in _scans(connection, table, [PartitionFacts(partition) for partition in earlier]):
        # CSV rows that are none are told of when the partition is the one that is read.
        select = _typed_select(
            table, source_columns, re.sub(r", strict_mode=true.*\)", ", ignore_errors=true)", scan), "0"
        )
        with suppress(duckdb.Error):
            connection.execute(
                "insert into delivery.earlier_rate select currency, any_value(cny_per_unit), any_value(_biz_date)"
                f" from ({select}) where currency is not null and cny_per_unit is not null group by currency"
            )


def _compare_csv_rows(connection: duckdb.DuckDBPyConnection, table: Table, fact: PartitionFacts) -> None:
    """Rows of the CSV files by two readers: a row that one of them loses must not go unnoticed."""
    files = [file for file in fact.partition.files if file.suffix == ".csv"]
    if not files or fact.read_error:
        return
    (read,) = connection.execute(
        f"select (select count(*) from landing.{table.name}_csv where _biz_date = $day)"
        " + (select count(*) from landing.unreadable_line where table_name = $table and business_date = $day)",
        {"day": fact.partition.business_date, "table": table.name},
    ).fetchall()[0]
    stand = 0
    for file in files:
        try:
            stand += _csv_rows(file)
        except ValueError as error:
            fact.read_error = f"{file.name}, {error}"
            return
    if read != stand:
        fact.read_error = f"{stand} rows stand in {', '.join(file.name for file in files)}, {read} could be read"


def _scans(
    connection: duckdb.DuckDBPyConnection, table: Table, facts: Iterable[PartitionFacts]
) -> Iterable[tuple[list[Path], dict[str, str], str]]:
    """Files with the same columns, those columns with their types, and the SQL that scans them."""
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[Path]] = {}
    for fact in facts:
        for file in fact.partition.files:
            try:
                header = _parquet_columns(connection, file) if file.suffix == ".parquet" else _csv_columns(file)
            except (duckdb.Error, OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
                fact.read_error = f"{file.name}: {_first_line(error)}"
                continue
            groups.setdefault((file.suffix, header), []).append(file)
    for (kind, header), files in groups.items():
        listed = ", ".join(_literal(str(file)) for file in files)
        if kind == ".parquet":
            yield files, dict(header), f"read_parquet([{listed}], file_row_number=true, {_HIVE})"
        else:
            struct = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name, _ in header)
            yield (
                files,
                dict(header),
                (
                    f"read_csv([{listed}], {_CSV}, columns={{{struct}}}, {_HIVE},"
                    " strict_mode=true, store_rejects=true, rejects_table='csv_reject', rejects_scan='csv_scan')"
                ),
            )


def _parquet_row(scan_number: int) -> str:
    """A number for a Parquet row, the same at every read: scan, file and place in 12, 18 and 32 bits."""
    return f"(cast({scan_number} as bigint) << 50) + (cast(file_index as bigint) << 32) + file_row_number + 1"


def _typed_select(table: Table, source_columns: dict[str, str], scan: str, row: str) -> str:
    typed = [f"{_typed(column, source_columns)} as {column.name}" for column in table.columns]
    doubtful = [
        f"case when {_raw(column)} is not null and {_typed(column, source_columns)} is null then '{column.name}' end"
        for column in table.columns
        if column.name in source_columns and column.type != "varchar" and not _arrives_typed(column, source_columns)
    ]
    unreadable = f"nullif(concat_ws(',', {', '.join(doubtful)}), '')" if doubtful else "cast(null as varchar)"
    return (
        f"select {', '.join(typed)}, {row} as _row, source.biz_date as _biz_date, {unreadable} as _unreadable"
        f" from {scan} as source"
    )


def _copy_csv(connection: duckdb.DuckDBPyConnection, table: Table, source_columns: dict[str, str], scan: str) -> None:
    copy = f"landing.{table.name}_csv"
    (copied,) = connection.execute(f"select count(*) from {copy}").fetchall()[0]
    # Below every Parquet row: the scans before this one took numbers from 0 on.
    row = f"-({copied} + row_number() over ())"
    connection.execute(f"insert into {copy} {_typed_select(table, source_columns, scan, row)}")
    connection.execute(
        "insert into landing.unreadable_line select distinct ?, cast(regexp_extract(scan.file_path,"
        " '.*biz_date=([0-9-]{10})/[^/]*$', 1) as date), regexp_extract(scan.file_path, '[^/]*$'), reject.line"
        " from csv_reject as reject inner join csv_scan as scan using (scan_id, file_id)",
        [table.name],
    )
    connection.execute("drop table csv_reject; drop table csv_scan")


def _parquet_columns(connection: duckdb.DuckDBPyConnection, file: Path) -> tuple[tuple[str, str], ...]:
    described = connection.execute(f"describe select * from read_parquet({_literal(str(file))})").fetchall()
    return tuple((row[0], row[1]) for row in described)


def _csv_columns(file: Path) -> tuple[tuple[str, str], ...]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        header = next(csv.reader(handle), [])
    if not header:
        raise ValueError("no header row")
    if len(set(header)) < len(header):
        raise ValueError("a column name stands twice in the header")
    return tuple((name, "VARCHAR") for name in header)


def _csv_rows(file: Path) -> int:
    """The rows of a CSV by another reader than DuckDB's, which was seen to read a file as empty without an error.

    A quotation mark that is not closed makes one row of all that follows, for any reader. Raises ValueError with its
    line, since nobody can say how many rows are lost. A broken line that ends where it should is a row.
    """
    rows, line = 0, 1
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
        reader = csv.reader(handle, strict=True)
        while True:
            try:
                rows += bool(next(reader))
            except StopIteration:
                return rows - 1
            except csv.Error:
                if reader.line_num > line:
                    raise ValueError(f"line {line}: a quotation mark is not closed, or stands inside a value") from None
                rows += 1
            line = reader.line_num + 1


def _arrives_typed(column: Column, source_columns: dict[str, str]) -> bool:
    arrived = source_columns[column.name].replace(" ", "").lower()
    return arrived == column.type.replace(" ", "").lower() and column.type != "double"


def _raw(column: Column) -> str:
    return f"nullif(cast(source.\"{column.name}\" as varchar), '')"


def _typed(column: Column, source_columns: dict[str, str]) -> str:
    """SQL of the column in the contract's type, null where it can't be read; an empty text is null."""
    if column.name not in source_columns:
        return f"cast(null as {column.type})"
    if column.type == "varchar":
        return _raw(column)
    value = f'source."{column.name}"'
    if _arrives_typed(column, source_columns):
        return value
    cast = f"try_cast({_raw(column)} as {column.type})"
    if column.type.startswith("decimal"):
        # DuckDB rounds what has too many places; money that does not fit the contract is not money to be mended.
        return (
            f"case when try_cast({_raw(column)} as decimal(38, 10)) = {cast} and not contains({_raw(column)}, '_')"
            f" then {cast} end"
        )
    if column.type == "date":
        # A time of day is no date: cutting it would be a guess at what was meant. `epoch` is DuckDB's own word.
        return (
            f"case when isfinite({cast}) and try_cast({_raw(column)} as timestamp) = cast({cast} as timestamp)"
            f" and regexp_full_match({_raw(column)}, '{_DATE_TEXT}') then {cast} end"
        )
    if column.type == "double":
        return f"case when isfinite({cast}) then {cast} end"
    return cast


def _hashes(files: Iterable[Path]) -> dict[Path, str]:
    def digest(file: Path) -> str:
        try:
            with file.open("rb") as handle:
                return hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError:
            # Who reads it next says so, and the delivery is blocked.
            return "unreadable"

    listed = list(files)
    with ThreadPoolExecutor() as pool:
        return dict(zip(listed, pool.map(digest, listed), strict=True))


def _check_control(fact: PartitionFacts, hashes: dict[Path, str]) -> None:
    control = fact.partition.folder / CONTROL_FILE
    if not control.exists():
        return
    try:
        stated = json.loads(control.read_text(encoding="utf-8"))
        rows, files = stated.get("rows"), stated.get("files") or {}
        names = {file.name: hashes[file] for file in fact.partition.files}
        if rows is not None and not _is_number(rows, fact.rows):
            fact.control_error = f"{CONTROL_FILE} says {rows} rows, {fact.rows} arrived"
        elif absent := sorted(files.keys() - names.keys()):
            fact.control_error = f"{CONTROL_FILE} names {', '.join(absent)}, which did not arrive"
        elif files and (extra := sorted(names.keys() - files.keys())):
            fact.control_error = f"{', '.join(extra)} arrived without a line in {CONTROL_FILE}"
        elif wrong := sorted(name for name, stated_hash in files.items() if stated_hash.lower() != names[name]):
            fact.control_error = f"the sha256 of {', '.join(wrong)} is not the one in {CONTROL_FILE}"
    except (ValueError, AttributeError, TypeError):
        fact.control_error = f"{CONTROL_FILE} can't be read"


def _is_number(stated: object, rows: int) -> bool:
    """Whether a control file states this number: 5, 5.0 and "5" are five."""
    try:
        return Decimal(str(stated)) == rows
    except InvalidOperation:
        return False


def _usual_rows(
    connection: duckdb.DuckDBPyConnection, landing: Path, table: Table, found: Sequence[Partition], lookback: int
) -> float:
    """The median rows of the snapshots before the one that was read; 0 where there are none."""
    if table.kind != "snapshot" or not found:
        return 0.0
    earlier = [p for p in partitions(landing, table.name) if p.business_date < found[-1].business_date][-lookback:]
    counts = [rows for rows in (_cheap_row_count(connection, partition) for partition in earlier) if rows is not None]
    return float(median(counts)) if counts else 0.0


def _cheap_row_count(connection: duckdb.DuckDBPyConnection, partition: Partition) -> int | None:
    """Rows by the control file or by Parquet's metadata; None for a bare CSV, which would have to be read."""
    try:
        return int(json.loads((partition.folder / CONTROL_FILE).read_text(encoding="utf-8"))["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if any(file.suffix != ".parquet" for file in partition.files):
        return None
    listed = ", ".join(_literal(str(file)) for file in partition.files)
    try:
        counted = connection.execute(f"select sum(num_rows) from parquet_file_metadata([{listed}])").fetchall()
    except duckdb.Error:
        return None
    return int(counted[0][0])


def _write_facts(
    connection: duckdb.DuckDBPyConnection,
    facts: Sequence[tuple[Table, PartitionFacts | None, float]],
    business_date: date,
    allow_stale: bool,
) -> None:
    connection.execute(
        "create or replace table delivery.partition (_row bigint, table_name varchar, kind varchar,"
        " is_required boolean, may_be_empty boolean, partition_date date, rows_received bigint,"
        " missing_columns varchar, control_error varchar, read_error varchar, usual_rows double, business_date date,"
        " is_stale_allowed boolean)"
    )
    rows = [
        (
            number,
            table.name,
            table.kind,
            table.required,
            table.may_be_empty,
            fact.partition.business_date if fact else None,
            fact.rows if fact else 0,
            ", ".join(sorted(fact.missing_columns)) if fact and not fact.read_error else "",
            fact.control_error if fact and not fact.read_error else "",
            fact.read_error if fact else "",
            usual,
            business_date,
            allow_stale,
        )
        for number, (table, fact, usual) in enumerate(facts)
    ]
    connection.executemany(f"insert into delivery.partition values ({', '.join('?' * 13)})", rows)


def _write_strays(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Sequence[str]]) -> None:
    connection.execute("create or replace table delivery.stray (_row bigint, table_name varchar, name varchar)")
    rows = [(table, name) for table, names in found.items() for name in names]
    for number, (table, name) in enumerate(rows):
        connection.execute("insert into delivery.stray values (?, ?, ?)", [number, table, name])


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
