"""Write partitions through DuckDB into a temporary folder that is then moved into place."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from expectations.contract import Column, Table
from expectations.quoting import literal
from fenceng.sample.columns import Frame, rows_of
from fenceng.sample.defects import Planting, row_key
from orchestration.database import connect

FileFormat = Literal["parquet", "csv"]
PLANTED_FILE = "_planted_defects.csv"
# Marks a landing zone that a sample wrote: its contents may be replaced.
MARK = "_sample_bank"
# Partitions under construction; the reader only looks into the contract's tables.
WORK_FOLDER = ".sample_being_written"

_COPY_OPTIONS = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header true, delimiter ',', quote '\"', nullstr ''",
}


@dataclass(frozen=True)
class Written:
    """One partition: its rows, and (row_key, rule) of the defects in it."""

    rows: int
    planted: frozenset[tuple[str, str]]


class PartitionWriter:
    """Writes partitions of one landing zone in one file format."""

    def __init__(self, landing: Path, file_format: FileFormat) -> None:
        """Open or create the landing zone, and remove what a killed run left half written."""
        self._landing = landing
        self._format = file_format
        self._work = landing / WORK_FOLDER
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        (landing / MARK).touch()
        self._connection = connect()

    def close(self) -> None:
        """Remove the work folder."""
        self._connection.close()
        shutil.rmtree(self._work, ignore_errors=True)

    def folder(self, table: Table, biz_date: date) -> Path:
        """Return the folder of a partition."""
        return self._landing / table.name / f"biz_date={biz_date.isoformat()}"

    def remove(self, table: Table, biz_date: date) -> None:
        """Remove a partition that an earlier run wrote and this one has no rows for."""
        folder = self.folder(table, biz_date)
        if folder.exists():
            self._set_aside(folder)

    def write(self, table: Table, biz_date: date, frame: Frame | None, planting: Planting) -> Written:
        """Write a partition: the frame's rows in their order, then the planted ones."""
        query, planted = self._query(table, frame, planting)
        work = self._work / table.name
        work.mkdir()
        file = work / f"part-0.{self._format}"
        target = str(file).replace("'", "''")
        self._connection.execute(f"copy ({query}) to '{target}' ({_COPY_OPTIONS[self._format]})")
        rows = (rows_of(frame) if frame else 0) + len(planting.rows) + int(planting.repeats_first)
        control = {"rows": rows, "files": {file.name: _sha256(file)}}
        (work / "_control.json").write_text(json.dumps(control) + "\n", encoding="utf-8")
        folder = self.folder(table, biz_date)
        if folder.exists():
            self._set_aside(folder)
        folder.parent.mkdir(exist_ok=True)
        work.rename(folder)
        for name in ("sound_rows", "first_row"):
            self._connection.unregister(name)
        return Written(rows, frozenset(planted))

    def write_planted(self, planted: Iterable[Sequence[str]] | None) -> None:
        """Write the list of planted defects; if there are none, remove that of an earlier run."""
        file = self._landing / PLANTED_FILE
        if planted is None:
            file.unlink(missing_ok=True)
            return
        work = self._work / PLANTED_FILE
        with work.open("w", encoding="utf-8", newline="") as handle:
            lines = csv.writer(handle, lineterminator="\n")
            lines.writerow(["table_name", "business_date", "row_key", "rule_id"])
            lines.writerows(planted)
        work.replace(file)

    def _set_aside(self, folder: Path) -> None:
        """Remove a whole partition at once; it is gone or complete, never half there."""
        old = self._work / "old"
        folder.rename(old)
        shutil.rmtree(old)

    def _query(self, table: Table, frame: Frame | None, planting: Planting) -> tuple[str, list[tuple[str, str]]]:
        # Unreadable values are only possible if every column is text.
        as_text = self._format == "csv" and bool(planting.rows or planting.repeats_first)
        selects = []
        planted = [(row_key(table, row.values), row.rule) for row in planting.rows]
        if frame is not None:
            selects.append(self._select(table, frame, "sound_rows", as_text))
        if frame is not None and planting.repeats_first:
            first = {name: column.take(np.zeros(1, np.int64)) for name, column in frame.items()}
            query = self._select(table, first, "first_row", as_text)
            selects.append(query)
            key = ", ".join(f"cast({name} as varchar)" for name in table.key)
            (found,) = self._connection.execute(f"select {key} from ({query})").fetchall()
            planted.append(("|".join(found), f"{table.name}.key.duplicate"))
        if planting.rows:
            columns = _columns(table, frame)
            selects.append(_values(columns, [row.values for row in planting.rows], as_text))
        return " union all ".join(selects), planted

    def _select(self, table: Table, frame: Frame, name: str, as_text: bool) -> str:
        """Register a frame, and return the query that turns it into the contract's columns."""
        arrays = {}
        columns = []
        for column in _columns(table, frame):
            added, expression = frame[column.name].to_sql(column.name)
            arrays.update(added)
            value = f"cast({expression} as {column.type})"
            columns.append(f"{f'cast({value} as varchar)' if as_text else value} as {column.name}")
        self._connection.register(name, pd.DataFrame(arrays, copy=False))
        return f"select {', '.join(columns)} from {name}"


def _columns(table: Table, frame: Frame | None) -> list[Column]:
    """Return the columns of a partition's file; of the optional ones those that the frame has."""
    return [column for column in table.columns if not column.optional or (frame is not None and column.name in frame)]


def _values(columns: Sequence[Column], rows: Sequence[Mapping[str, str | None]], as_text: bool) -> str:
    names = [column.name for column in columns]
    lines = ", ".join("(" + ", ".join(_literal(row[name]) for name in names) + ")" for row in rows)
    types = ["varchar" if as_text else column.type for column in columns]
    typed = ", ".join(f"cast({name} as {type_}) as {name}" for name, type_ in zip(names, types, strict=True))
    return f"select {typed} from (values {lines}) as planted({', '.join(names)})"


def _literal(text: str | None) -> str:
    return "cast(null as varchar)" if text is None else literal(text)


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
