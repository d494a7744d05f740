"""One damaged file, read by the warehouse and by the reference: both refuse it, or both read the same rows.

Without gates and marts a damage takes a tenth of the time, so thousands of files can be tried in minutes.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
from reference.contract import TABLES
from reference.landing import read_partitions
from reference.reading import UNREADABLE, data_files, parse, read_file

from expectations.contract import load_contract
from orchestration.database import connect
from orchestration.landing import read_landing
from orchestration.warehouse import SCHEMAS

from .catalogue import DAMAGES, inflict
from .fuzzer import DAY
from .zone import Zone, copy_of

READ = ["organization", "account", "corporate_profile", "fx_rate", "visit", "contribution"]
GROUPS = ("bytes", "text", "values", "parquet")
Rows = Counter[tuple[Any, ...]]


def damaged(sound: Path, place: Path, rng: random.Random) -> Zone:
    """A zone of one table whose file contents are damaged once or twice."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    name = rng.choice(READ)
    copy_of(sound / name, place / "landing" / name)
    zone = Zone(place / "landing", DAY, rng)
    kinds = sorted((kind for kind in DAMAGES.values() if kind.group in GROUPS), key=lambda kind: kind.name)
    weights = [kind.weight for kind in kinds]
    for name in inflict(zone, rng.choices(kinds, weights, k=rng.choice([1, 1, 1, 2]))):
        zone.note(name)
    return zone


def by_the_warehouse(zone: Zone) -> tuple[Rows | None, int, list[str]]:
    """The landed rows with their dates, UNREADABLE for unreadable values; lines that are not rows; what blocks."""
    (name,) = [path.name for path in zone.landing.iterdir() if path.name in TABLES]
    columns = [column.name for column in TABLES[name].columns]
    with connect() as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        links = zone.landing.parent / "links"
        read_landing(connection, load_contract(), zone.landing, DAY, links, volume_lookback=1)
        defects = connection.execute(
            "select concat(file_name, ': ', found) from delivery.defect where rule not like '%inexact%'"
            " union all select file_name || ': rows' from delivery.file where rows_in_file <> rows_received"
        ).fetchall()
        if defects:
            return None, 0, [text for (text,) in defects]
        ((lines,),) = connection.execute("select count(*) from landing.unreadable_line").fetchall()
        try:
            rows = connection.execute(
                f"select _biz_date, _unreadable, {', '.join(columns)} from landing.{name}"
            ).fetchall()
        except duckdb.Error as error:
            return None, 0, [str(error)[:100]]
    read: Rows = Counter()
    for day, unreadable, *values in rows:
        bad = (unreadable or "").split(",")
        read[day, *(UNREADABLE if c in bad else v for c, v in zip(columns, values, strict=True))] += 1
    return read, lines, []


def by_the_reference(zone: Zone) -> tuple[Rows | None, int, list[str]]:
    """The same for the reference."""
    (name,) = [path.name for path in zone.landing.iterdir() if path.name in TABLES]
    table = TABLES[name]
    read: Rows = Counter()
    lines, faults = 0, []
    for day, folder in read_partitions(zone.landing, table, DAY).items():
        for path in data_files(folder):
            content = read_file(path, table)
            faults += [f"{path.name}: {fault}" for fault in content.faults]
            lines += len(content.lines)
            for row in content.rows:
                values: list[Any] = []
                for column, text in zip(table.columns, row, strict=True):
                    try:
                        values.append(None if text is None else parse(column, text))
                    except ValueError:
                        values.append(UNREADABLE)
                read[day, *values] += 1
    return (None, 0, faults) if faults else (read, lines, [])


def differ(zone: Zone) -> list[str]:
    """The differences between the two readers on a zone."""
    left, left_lines, defects = by_the_warehouse(zone)
    right, right_lines, faults = by_the_reference(zone)
    if left is None or right is None:
        return [] if left is right else [f"the warehouse: {defects[:2]}, the reference: {faults[:2]}"]
    found = [f"{left_lines} lines are not rows, by the reference {right_lines}"] if left_lines != right_lines else []
    for rows, words in ((left - right, "the warehouse"), (right - left, "the reference")):
        found += [f"only {words} reads {str(row)[:300]}" for row in list(rows)[:2]]
    return found


def try_one(sound: list[Path], place: Path, seed: int, number: int) -> tuple[Zone, list[str]]:
    """Inflict the damage of a number; return where the readers differ on it."""
    rng = random.Random(f"alike|{seed}|{number}")
    zone = damaged(rng.choice(sound), place, rng)
    return zone, differ(zone)
