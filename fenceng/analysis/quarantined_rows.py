"""The rows that the last refresh quarantined, and how they were delivered.

This is the confidential side: it reads the scratch warehouse and the landing zone; nothing of it is published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from expectations.contract import load_contract
from expectations.gate_1 import reasons
from expectations.policy.in_force import parameters
from orchestration.database import connect, file_literal
from orchestration.landing.csv_files import read_records
from orchestration.landing.files import sha256_of
from orchestration.landing.parquet_files import PLAIN
from orchestration.printable import printable
from orchestration.runtime.lock import refresh_lock
from orchestration.settings import Settings

# The number of a row in its file, or the line of one that could not be read as a row.
_Number = tuple[int | None, int | None]
# Where it is, and its text.
_Found = tuple[str, str]


class NothingJudgedError(Exception):
    """The scratch holds no judged rows; the message says why."""


@dataclass(frozen=True)
class QuarantinedRow:
    """A row that a rule quarantines. place: its line in a CSV, its row in Parquet. delivered: as written there."""

    table: str
    business_date: date
    key: str
    file: str
    rule_id: str
    because: str
    place: str = ""
    delivered: str = ""


@dataclass(frozen=True)
class QuarantinedRows:
    """What a refresh quarantined, by table, date, file and place."""

    business_date: date
    rows: tuple[QuarantinedRow, ...]


@dataclass(frozen=True)
class _Where:
    """Where a row is: its file, and its row number or line."""

    link: Path
    sha256: str
    row_number: int | None
    line_number: int | None


def quarantined_rows(settings: Settings, table: str | None = None, rule: str | None = None) -> QuarantinedRows:
    """The rows that the last refresh of the output folder quarantined, optionally of one table or under one rule.

    Raises NothingJudgedError if no refresh has judged rows, RefreshRunningError while one is running.
    """
    if not settings.warehouse.exists():
        raise NothingJudgedError(f"no refresh has run in {settings.output} yet; run `fenceng refresh`")
    with refresh_lock(settings.output), connect(settings.warehouse, read_only=True) as connection:
        business_date = _judged_date(connection)
        because = reasons(load_contract(), parameters(business_date))
        listed = connection.execute(
            "select held.table_name, held.business_date, held.row_key, file.file_name, held.rule_id, held.why,"
            " file.link, file.sha256, held.row_number, held.line_number"
            " from gate_1.quarantined_row as held inner join delivery.file as file on file._row = held.file_id"
            " where ($table is null or held.table_name = $table) and ($rule is null or held.rule_id = $rule"
            " or held.rule_id = concat(held.table_name, '.', $rule))"
            " order by held.table_name, held.business_date, held.file_id, held.row_number, held.line_number,"
            " held.rule_id",
            {"table": table, "rule": rule},
        ).fetchall()
        found = [
            (
                QuarantinedRow(name, day, key, file, rule_id, why or because.get(rule_id, rule_id)),
                _Where(Path(link), sha256, row_number, line_number),
            )
            for name, day, key, file, rule_id, why, link, sha256, row_number, line_number in listed
        ]
        return QuarantinedRows(business_date, tuple(_with_their_places(connection, found)))


def _judged_date(connection: duckdb.DuckDBPyConnection) -> date:
    try:
        ((day,),) = connection.execute("select business_date from run.context").fetchall()
    except (duckdb.CatalogException, ValueError):
        raise NothingJudgedError("the last refresh ended before reading anything") from None
    judged = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'gate_1' and table_name = 'quarantined_row'"
    ).fetchall()
    if not judged:
        raise NothingJudgedError(
            f"the refresh of {day} judged no row: the delivery was blocked as a whole, or the refresh ended before"
        )
    business_date: date = day
    return business_date


def _with_their_places(
    connection: duckdb.DuckDBPyConnection, found: Sequence[tuple[QuarantinedRow, _Where]]
) -> Iterable[QuarantinedRow]:
    """Look each row up in its file; a file that has changed since it was read is skipped."""
    hashes = sha256_of({where.link for _, where in found})
    looked_up: dict[Path, Mapping[_Number, _Found]] = {}
    for row, where in found:
        if where.link not in looked_up:
            wanted = {(w.row_number, w.line_number) for _, w in found if w.link == where.link}
            is_same = hashes[where.link] == where.sha256
            looked_up[where.link] = _look_up(connection, where.link, wanted) if is_same else {}
        place, delivered = looked_up[where.link].get(
            (where.row_number, where.line_number),
            (f"line {where.line_number}" if where.line_number else f"row {where.row_number}", "(the file has changed)"),
        )
        yield replace(row, place=place, delivered=delivered)


def _look_up(connection: duckdb.DuckDBPyConnection, link: Path, wanted: Collection[_Number]) -> dict[_Number, _Found]:
    if link.suffix == ".csv":
        return dict(_csv_rows(link, wanted))
    numbers = ", ".join(str(number) for number, _ in wanted if number)
    result = connection.execute(
        "select file_row_number + 1, * exclude (file_row_number)"
        f" from read_parquet({file_literal(link)}, file_row_number=true, {PLAIN})"
        f" where file_row_number + 1 in ({numbers})"
    )
    names = [name for name, *_ in result.description or []][1:]
    return {
        (number, None): (f"row {number}", "; ".join(f"{name}={_shown(v)}" for name, v in zip(names, row, strict=True)))
        for number, *row in result.fetchall()
    }


def _csv_rows(file: Path, wanted: Collection[_Number]) -> Iterator[tuple[_Number, _Found]]:
    for line, row_number, text in read_records(file):
        number = (row_number, None) if row_number else (None, line)
        if number in wanted:
            yield number, (f"line {line}", printable(text.rstrip("\r\n")))


def _shown(value: object) -> str:
    if value is None:
        return ""
    return printable(value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value))
