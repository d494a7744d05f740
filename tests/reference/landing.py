"""Reads a landing zone as plain text rows, and judges the rows by the contract.

Shares nothing with the warehouse. `reading.py` reads the files and parses every value.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from .contract import TABLES, Column, Table
from .reading import canonical, connection, data_files, parse, read_file

__all__ = ["connection", "data_files", "parse", "read_file"]

Row = dict[str, Any]
Reject = tuple[str, date, str, str]

CONTROL = "_control.json"
# From this amount on a row is quarantined, in its own currency or in CNY
LIMIT = Decimal(10) ** 13
LIMITS = {("financial_statement", "total_assets"): Decimal(10) ** 14}
# of any table that has them
NOT_IN_FUTURE = {"opened_on", "issued_on", "drawn_on", "visited_on", "transacted_on", "listed_on", "received_on"}
# when an event happened
OWN_DAYS = {"visited_on", "transacted_on", "period_end", "month", "received_on"}
# Points, from 0 to that many, both included
POINTS = {("appraisal_score", "score"): 50, ("appraisal_feedback", "score"): 100}
# organization before customer and employee before the rest; the rates come before all amounts
ORDER = ["fx_rate", "organization", "customer", "employee"]
ORDER += [name for name in TABLES if name not in ORDER]


# ---------------------------------------------------------------- files


def partitions(landing: Path, table: str) -> dict[date, Path]:
    """Every partition folder of a table that holds at least one data or control file."""
    found: dict[date, Path] = {}
    folder = landing / table
    if not folder.is_dir():
        return found
    for child in folder.iterdir():
        match = re.fullmatch(r"biz_date=([0-9]{4}-[0-9]{2}-[0-9]{2})", child.name)
        if match and child.is_dir() and (data_files(child) or (child / CONTROL).exists()):
            try:
                found[date.fromisoformat(match.group(1))] = child
            except ValueError:
                continue  # not a calendar day
    return dict(sorted(found.items()))


def read_partitions(landing: Path, table: Table, day: date, known_on: date | None = None) -> dict[date, Path]:
    """Return the partitions that a refresh for `day` reads: the newest up to `day`, of events all up to `known_on`."""
    newest = known_on if known_on and table.kind == "event" else day
    known = {d: path for d, path in partitions(landing, table.name).items() if d <= newest}
    if table.kind == "snapshot" and known:
        newest = max(known)
        return {newest: known[newest]}
    return known


@dataclass(frozen=True)
class Received:
    """One row as received: contract columns only, each value as text."""

    biz_date: date
    text: Mapping[str, str | None]


def receive(landing: Path, table: Table, day: date, known_on: date | None = None) -> list[Received]:
    """All rows that a refresh for `day` receives, oldest partition first; lines that are not rows are left out.

    What is recorded after `day` counts only if it happened up to then, or nobody can say when.
    """
    rows = [
        Received(
            biz_date,
            {column.name: canonical(column, text) for column, text in zip(table.columns, row, strict=True)},
        )
        for biz_date, folder in read_partitions(landing, table, day, known_on).items()
        for path in data_files(folder)
        for row in read_file(path, table).rows
    ]
    return [row for row in rows if row.biz_date <= day or not _happened_after(table, row, day)]


def _happened_after(table: Table, row: Received, day: date) -> bool:
    (column,) = (column for column in table.columns if column.name in OWN_DAYS)
    text = row.text[column.name]
    try:
        return text is not None and parse(column, text) > day
    except ValueError:
        return False


def unreadable_lines(
    landing: Path, table: Table, day: date, known_on: date | None = None
) -> list[tuple[date, str, int]]:
    """Partition date, file and line of every received line that is not a row of the table."""
    return [
        (biz_date, path.name, line)
        for biz_date, folder in read_partitions(landing, table, day, known_on).items()
        for path in data_files(folder)
        for line in read_file(path, table).lines
    ]


def delivery_faults(landing: Path, day: date) -> list[str]:
    """Reasons to block a delivery, found before any row is judged."""
    faults: list[str] = []
    for table in TABLES.values():
        read = read_partitions(landing, table, day)
        if not read:
            if table.required:
                faults.append(f"{table.name}: missing, no partition up to {day}")
            continue
        if table.required and table.kind == "snapshot" and max(read) < day:
            faults.append(f"{table.name}: stale, newest partition is {max(read)}")
        total, is_readable = 0, True
        for biz_date, folder in read.items():
            rows = 0
            for path in data_files(folder):
                content = read_file(path, table)
                rows += content.rows_stand
                is_readable &= not content.faults
                faults += [f"{table.name} {biz_date} {path.name}: {fault}" for fault in content.faults]
            total += rows
            faults.extend(f"{table.name} {biz_date}: {fault}" for fault in _control(folder, rows))
        if table.required and not table.may_be_empty and total == 0 and is_readable:
            faults.append(f"{table.name}: empty")
    return faults


def _control(folder: Path, rows: int) -> list[str]:
    """Contradictions between a partition and its control file, if it has one."""
    path = folder / CONTROL
    if not path.exists():
        return []
    if not path.is_file():
        return ["control file can't be read"]
    try:
        control = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return ["control file can't be read"]
    if not isinstance(control, dict):
        return ["control file is no JSON object"]
    faults = []
    if (stated := control.get("rows")) is not None and not _is_number(stated, rows):
        faults.append(f"control file says {stated} rows, there are {rows}")
    if files := control.get("files"):
        if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
            return [*faults, "control file: files are no names with their sha256"]
        sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in data_files(folder)}
        if sums != {name: digest.lower() for name, digest in files.items()}:
            faults.append("control file names other files or other checksums")
    return faults


def _is_number(stated: object, rows: int) -> bool:
    """5, 5.0 and "5" are five."""
    if isinstance(stated, bool):
        return False
    try:
        return Decimal(str(stated)) == rows
    except InvalidOperation:
        return False


# ---------------------------------------------------------------- values


def is_money(column: Column) -> bool:
    """Money is every decimal column of the contract except the rate."""
    return column.type in ("decimal(18,2)", "decimal(20,2)")


def capitals(number: str) -> str:
    """Check characters are judged in upper case; ASCII letters only, so that no other letter becomes two."""
    return "".join(c.upper() if c.isascii() else c for c in number)


def first_of(period: str, day: date) -> date:
    """The first day of a day's month or year."""
    return day.replace(day=1) if period == "month" else day.replace(month=1, day=1)


def reaches_limit(
    table: Table, column: Column, value: Decimal, currency: str | None, rates: Mapping[str, Decimal]
) -> bool:
    """Whether an amount, or its value in CNY, reaches its column's limit."""
    limit = LIMITS.get((table.name, column.name), LIMIT)
    rate = rates.get(currency or "CNY") if column.unit is None else None
    return value >= limit or (rate is not None and value * rate >= limit)


def resident_id_ok(number: str) -> bool:
    """GB 11643: 17 digits and a check character (ISO 7064 MOD 11-2)."""
    number = capitals(number)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return False
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17]


def uscc_ok(number: str) -> bool:
    """GB 32100: 17 characters of its alphabet and a check character (MOD 31-3)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    number = capitals(number)
    if len(number) != 18 or any(character not in alphabet for character in number):
        return False
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(number[:17]))
    return alphabet[-total % 31] == number[17]


# ---------------------------------------------------------------- the judgement


@dataclass
class Accepted:
    """The landing zone after quarantine."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    rejects: set[Reject] = field(default_factory=set)
    # (customer_id, table, reason kind) of accepted customers whose rows were refused, except copies of a kept row
    held_back: set[tuple[str, str, str]] = field(default_factory=set)
    rates: dict[str, Decimal] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)  # tables with a partition up to D, be it without rows


def row_key(table: Table, row: Received) -> str:
    """Join the key values as received with '|'."""
    return "|".join(row.text[name] or "" for name in table.key)


def drop_duplicates(table: Table, rows: Iterable[Received], reject: Callable[[Received, str], None]) -> list[Received]:
    """Keep one of identical copies (the earliest), none of differing ones.

    A row with a null in its key can't be a duplicate; `required` catches it.
    """
    groups: dict[tuple[str, ...], list[Received]] = defaultdict(list)
    keep: list[Received] = []
    for row in rows:
        key = tuple(row.text[name] or "" for name in table.key)
        if all(key):
            groups[key].append(row)
        else:
            keep.append(row)
    for copies in groups.values():
        if any(copy.text != copies[0].text for copy in copies):
            for copy in copies:
                reject(copy, "conflict")
        else:
            keep.append(copies[0])
            for copy in copies[1:]:
                reject(copy, "duplicate")
    return keep


def faults_of(
    table: Table,
    row: Received,
    known: Mapping[str, set[str]],
    rates: Mapping[str, Decimal],
) -> tuple[Row, set[str]]:
    """Return the typed row and every reason kind that rejects it."""
    kinds: set[str] = set()
    typed: Row = {}
    for column in table.columns:
        text = row.text[column.name]
        typed[column.name] = None
        if text is None:
            if not column.nullable:
                kinds.add("required")
            continue
        try:
            value = parse(column, text)
        except ValueError:
            kinds.add("type")
            continue
        typed[column.name] = value
        if column.enum and value not in column.enum:
            kinds.add("enum")
        if column.ref and value not in known[column.name]:
            kinds.add("reference")
        if column.unit == "0..1" and not 0 <= value <= 1:
            kinds.add("range")
        if (most := POINTS.get((table.name, column.name))) is not None and not 0 <= value <= most:
            kinds.add("range")
        if column.first_of and value != first_of(column.first_of, value):
            kinds.add("first_day")
        if column.name in NOT_IN_FUTURE and value > row.biz_date:
            kinds.add("future")
        if is_money(column) and reaches_limit(table, column, value, row.text.get("currency"), rates):
            kinds.add("limit")
        if column.name == "cny_per_unit" and value <= 0:
            kinds.add("positive")
        if (table.name, column.name) == ("loan", "principal_balance") and value < 0:
            kinds.add("negative")
        if column.name == "currency" and table.name != "fx_rate" and value not in rates:
            kinds.add("rate")
    starts_on, ends_on = typed.get("starts_on"), typed.get("ends_on")
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        kinds.add("order")
    if table.name == "customer" and typed["id_number"] is not None:
        checks = {"resident_id": resident_id_ok, "uscc": uscc_ok}
        check = checks.get(typed["id_type"] or "")
        if check and not check(typed["id_number"]):
            kinds.add("checksum")
    return typed, kinds


def accept(landing: Path, day: date, known_on: date | None = None) -> Accepted:
    """Receive and judge every table for a refresh of `day`, with what was recorded up to `known_on`."""
    result = Accepted(rates={"CNY": Decimal(1)})
    identifiers: dict[str, set[str]] = {}
    for name in ORDER:
        table = TABLES[name]
        received = receive(landing, table, day, known_on)
        if read_partitions(landing, table, day):
            result.delivered.add(name)
        refused = 0

        def reject(row: Received, kind: str, table: Table = table) -> None:
            result.rejects.add((table.name, row.biz_date, row_key(table, row), kind))
            if kind != "duplicate" and (customer := row.text.get("customer_id")):
                result.held_back.add((customer, table.name, kind))

        lines = unreadable_lines(landing, table, day, known_on)
        result.rejects |= {(name, biz_date, f"{file}:{line}", "unreadable") for biz_date, file, line in lines}
        kept = drop_duplicates(table, received, reject)
        refused += len(lines) + len(received) - len(kept)
        known: dict[str, set[str]] = {}
        for column in table.columns:
            if column.ref == "organization" and name == "organization":
                # parent_org_id need only lead to a received row
                known[column.name] = {row.text["org_id"] or "" for row in received}
            elif column.ref:
                known[column.name] = identifiers[column.ref]
        rows: list[Row] = []
        for row in kept:
            typed, kinds = faults_of(table, row, known, result.rates)
            for kind in kinds:
                reject(row, kind)
            if kinds:
                refused += 1
            else:
                if table.kind == "event":
                    typed["biz_date"] = row.biz_date  # when it was recorded
                rows.append(typed)
        if len(table.key) == 1:
            identifiers[name] = {str(row[table.key[0]]) for row in rows}
        if name == "fx_rate":
            for rate in rows:
                result.rates.setdefault(rate["currency"], rate["cny_per_unit"])
        result.rows[name] = rows
        result.received[name] = len(received) + len(lines)
        result.accepted[name] = len(rows)
        result.quarantined[name] = refused
        assert result.received[name] == len(rows) + refused
    result.held_back = {item for item in result.held_back if item[0] in identifiers["customer"]}
    return result
