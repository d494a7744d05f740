"""What a landing zone holds: partitions and their files, entries that are never read, complete dates.

Names come from the sender and may hold any bytes: they are compared and sorted as raw bytes, and displayed by
`printable`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.contract import Contract, Table
from orchestration.printable import printable

CONTROL_FILE = "_control.json"
DATA_SUFFIXES = (".parquet", ".csv")
_PARTITION = re.compile(r"biz_date=(\d{4}-\d{2}-\d{2})", re.ASCII)


@dataclass(frozen=True)
class Partition:
    """One delivered folder: its date and its data files (Parquet or CSV), sorted by name."""

    table: str
    business_date: date
    folder: Path
    files: tuple[Path, ...]


def partitions(landing: Path, table: str) -> list[Partition]:
    """Return a table's partitions by date: folders with a data file, or with a control file that lists missing ones.

    Folders whose names don't match `biz_date=YYYY-MM-DD` are not partitions.
    """
    found = []
    for folder in _entries(landing / table):
        business_date = _date_of(folder)
        if business_date is None:
            continue
        files = tuple(file for file in _entries(folder) if _is_data(file))
        if files or (folder / CONTROL_FILE).exists():
            found.append(Partition(table, business_date, folder, files))
    return sorted(found, key=lambda partition: partition.business_date)


def strays(landing: Path, table: str, newest: date) -> list[str]:
    """Return what is never read in a table's folder: folders that are not partitions, files that are not data files.

    Names with a leading dot or underscore are the sender's markers and don't count; partitions after the newest
    date that is read are not inspected.
    """
    found = []
    for entry in _entries(landing / table):
        if _is_mark(entry):
            continue
        day = _date_of(entry)
        if day is None:
            found.append(printable(entry.name))
        elif day <= newest:
            found += [
                printable(f"{entry.name}/{file.name}")
                for file in _entries(entry)
                if not _is_data(file) and not _is_mark(file)
            ]
    return found


def unknown_entries(landing: Path, contract: Contract) -> list[str]:
    """Return what the landing zone holds beside the contract's table folders, except the sender's markers."""
    return [
        printable(entry.name)
        for entry in _entries(landing)
        if not _is_mark(entry) and not (entry.name in contract.tables and entry.is_dir())
    ]


def _entries(folder: Path) -> list[Path]:
    """Return a folder's entries sorted by name bytes; empty if the folder is missing or has just gone."""
    try:
        return sorted(folder.iterdir(), key=lambda entry: os.fsencode(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_mark(entry: Path) -> bool:
    return entry.name.startswith(("_", "."))


def _is_data(file: Path) -> bool:
    """Return whether the name is a data file's; a folder or dangling link by that name is reported as unreadable."""
    return file.suffix in DATA_SUFFIXES and not _is_mark(file)


def _date_of(folder: Path) -> date | None:
    match = _PARTITION.fullmatch(folder.name)
    if not match or not folder.is_dir():
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None


def partitions_to_read(
    landing: Path, table: Table, business_date: date, known_on: date | None = None
) -> tuple[list[Partition], list[Partition]]:
    """Return the partitions to read and the earlier snapshots.

    A snapshot table reads its newest partition up to the business date, an event table reads all up to known_on, the
    business date by default.
    """
    newest = newest_read(table, business_date, known_on)
    known = [p for p in partitions(landing, table.name) if p.business_date <= newest]
    return (known[-1:], known[:-1]) if table.kind == "snapshot" else (known, [])


def newest_read(table: Table, business_date: date, known_on: date | None) -> date:
    """Return the newest partition date of a table that counts."""
    return known_on if table.kind == "event" and known_on else business_date


def complete_dates(landing: Path, contract: Contract) -> list[date]:
    """Return the dates on which every required snapshot has a partition, so that a refresh can run."""
    required = [table for table in contract.tables.values() if table.required and table.kind == "snapshot"]
    dates = [{p.business_date for p in partitions(landing, table.name)} for table in required]
    return sorted(set.intersection(*dates)) if dates else []


@dataclass(frozen=True)
class Arrival:
    """What arrived of a date. lacking: tables without a partition, or whose control file names a missing file."""

    business_date: date
    lacking: tuple[str, ...]


def arrivals(landing: Path, contract: Contract) -> Iterator[Arrival]:
    """Yield each date on which a required snapshot arrived, the newest first."""
    required = [table.name for table in contract.tables.values() if table.required and table.kind == "snapshot"]
    delivered = {name: {p.business_date: p for p in partitions(landing, name)} for name in required}
    for day in sorted({day for found in delivered.values() for day in found}, reverse=True):
        lacking = [name for name in required if day not in delivered[name] or _awaits(delivered[name][day].folder)]
        lacking += [
            name
            for name in sorted(contract.tables.keys() - delivered.keys())
            if _awaits(landing / name / f"biz_date={day}")
        ]
        yield Arrival(day, tuple(lacking))


def _awaits(folder: Path) -> bool:
    """Return whether a partition's control file names a file that is not there yet."""
    control = folder / CONTROL_FILE
    return control.is_file() and _lacks_a_file(control)


def deliveries(landing: Path, contract: Contract, since: date | None) -> dict[date, str]:
    """Return complete date, from `since` on -> hash of the names, sizes and mtimes of all tables' files.

    A date is incomplete while its control file lists a missing file. Without control files only time tells: what looks
    the same twice is no longer being written.
    """
    standing: dict[date, str] = {}
    for day in complete_dates(landing, contract):
        if since is not None and day < since:
            continue
        folders = [landing / name / f"biz_date={day}" for name in sorted(contract.tables)]
        files = [file for folder in folders for file in _entries(folder) if file.is_file()]
        if any(_lacks_a_file(file) for file in files if file.name == CONTROL_FILE):
            continue
        states = [(printable(file.relative_to(landing).as_posix()), file.stat()) for file in files]
        text = "\n".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states)
        standing[day] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return standing


def _lacks_a_file(control: Path) -> bool:
    """Return whether a control file lists a missing file. An unreadable control file is left to gate 1."""
    try:
        named = json.loads(control.read_text(encoding="utf-8-sig")).get("files") or {}
        return any(not (control.parent / name).exists() for name in named)
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return False
