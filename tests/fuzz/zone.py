"""A landing zone that may be damaged: a copy of a sound one whose files are replaced, never modified in place.

The copy consists of hard links, so it takes milliseconds. Every change goes through `write` or `save`, which replace
the old file with a new one.
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
from reference.contract import TABLES, Table
from reference.landing import read_partitions
from reference.reading import data_files, exact

SNAPSHOTS = [name for name, table in TABLES.items() if table.kind == "snapshot"]
EVENTS = [name for name, table in TABLES.items() if table.kind == "event"]


@dataclass
class Sheet:
    """The rows of a file as text; types: DuckDB's type of each column in the file."""

    names: list[str]
    rows: list[list[str | None]]
    types: list[str]


@dataclass
class Zone:
    """The damaged copy; `rng` draws everything random.

    later: changes to the zone after it was read and judged, before anything is published.
    """

    landing: Path
    day: date
    rng: random.Random
    later: list[Callable[[], None]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Record what was done, for the report of a broken statement."""
        self.log.append(text)

    # ------------------------------------------------------------ what to damage

    def files(self, suffix: str = "") -> list[Path]:
        """The data files that a refresh reads."""
        return [
            path
            for table in TABLES.values()
            for folder in read_partitions(self.landing, table, self.day).values()
            for path in data_files(folder)
            if path.name.endswith(suffix) and path.is_file()
        ]

    def file(self, suffix: str = "") -> Path:
        """One of them; all tables are equally likely, and now and then one that a refresh does not read."""
        found = self.files(suffix)
        if self.rng.random() < 0.03 or not found:
            found = sorted(path for path in self.landing.rglob(f"*{suffix or '.*'}") if path.is_file())
        tables = sorted({self.table_of(path).name for path in found})
        chosen = self.rng.choice(tables)
        return self.rng.choice([path for path in found if self.table_of(path).name == chosen])

    def csv_file(self) -> Path:
        """A CSV; if there is none, a Parquet file is converted."""
        if self.files(".csv"):
            return self.file(".csv")
        return self.converted(self.file(".parquet"))

    def parquet_file(self) -> Path:
        """A Parquet file; if there is none, a CSV is converted."""
        if self.files(".parquet"):
            return self.file(".parquet")
        return self.converted(self.file(".csv"))

    def converted(self, path: Path) -> Path:
        """The file in the other format."""
        sheet = self.load(path)
        other = path.with_suffix(".csv" if path.suffix == ".parquet" else ".parquet")
        path.unlink()
        if other.suffix == ".parquet":
            table = self.table_of(path)
            known = {column.name: column.type for column in table.columns}
            sheet.types = [known.get(name, "VARCHAR") for name in sheet.names]
        self.save(other, sheet)
        self.note(f"{path.name} as {other.suffix}")
        return other

    def table_of(self, path: Path) -> Table:
        """The table whose folder contains a path."""
        return TABLES.get(path.relative_to(self.landing).parts[0], TABLES["customer"])

    def partition(self) -> Path:
        """A partition folder that a refresh reads."""
        return self.file().parent

    # ------------------------------------------------------------ contents

    def write(self, path: Path, data: bytes) -> None:
        """Replace what is there with a file of these bytes."""
        if path.is_symlink() or path.exists():
            path.unlink()
        path.write_bytes(data)

    def load(self, path: Path) -> Sheet:
        """The rows of a sound file, as text."""
        if path.suffix == ".csv":
            text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
            names, *rows = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
            return Sheet(names, [[value or None for value in row] for row in rows if row], ["VARCHAR"] * len(names))
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'Asia/Shanghai'")
            described = connection.execute("describe select * from read_parquet(?)", [exact(path)]).fetchall()
            texts = connection.execute(
                "select columns(*)::varchar from read_parquet(?, hive_partitioning = false)", [exact(path)]
            ).fetchall()
        return Sheet([row[0] for row in described], [list(row) for row in texts], [row[1] for row in described])

    def save(self, path: Path, sheet: Sheet) -> None:
        """Write rows: CSV as text, Parquet with each column's type if all its values fit."""
        if path.suffix == ".csv":
            self.write(path, csv_bytes([sheet.names, *sheet.rows]))
            return
        types = ", ".join(f"c{place} varchar" for place in range(len(sheet.names)))
        with duckdb.connect() as connection:
            connection.execute(f"create table t ({types})")
            for begin in range(0, len(sheet.rows), 500):
                chunk = sheet.rows[begin : begin + 500]
                marks = ", ".join(f"({', '.join('?' * len(sheet.names))})" for _ in chunk)
                width = len(sheet.names)
                values = [value for row in chunk for value in [*row, *[None] * width][:width]]
                connection.execute(f"insert into t values {marks}", values)
            columns = []
            for place, (name, kind) in enumerate(zip(sheet.names, sheet.types, strict=True)):
                column, quoted = f"c{place}", '"' + name.replace('"', '""') + '"'
                ((lost,),) = connection.execute(
                    f"select count(*) from t where {column} is not null"
                    f" and (try_cast({column} as {kind}) is null or try_cast({column} as {kind})::varchar <> {column})"
                ).fetchall()
                columns.append(f"{column if lost else f'cast({column} as {kind})'} as {quoted}")
            self.copy_to(connection, f"select {', '.join(columns)} from t", path)

    def copy_to(self, connection: duckdb.DuckDBPyConnection, query: str, path: Path, options: str = "") -> None:
        """Write a query as Parquet under a safe name, then rename it to the requested one."""
        made = path.parent / "._made"
        connection.execute(f"copy ({query}) to '{_text(made)}' (format parquet{options})")
        if path.exists():
            path.unlink()
        made.rename(path)

    def reparquet(self, path: Path, columns: str, options: str = "", setup: Sequence[str] = ()) -> None:
        """Rewrite a Parquet file with other columns: SQL over its own."""
        with duckdb.connect() as connection:
            for statement in setup:
                connection.execute(statement)
            source = f"read_parquet('{exact(path).replace(chr(39), chr(39) * 2)}', hive_partitioning = false)"
            self.copy_to(connection, f"select {columns} from {source}", path, options)


def csv_bytes(rows: Sequence[Sequence[str | None]], end: str = "\n", delimiter: str = ",", **options: int) -> bytes:
    """Rows as CSV; lone surrogates become the bytes that they represent."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator=end, delimiter=delimiter, **options)  # type: ignore[arg-type]
    writer.writerows([["" if value is None else value for value in row] for row in rows])
    return target.getvalue().encode("utf-8", "surrogateescape")


def _text(path: Path) -> str:
    return os.fsencode(path).decode("utf-8").replace("'", "''")


def copy_of(sound: Path, target: Path) -> Path:
    """A copy by hard links."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(sound, target, copy_function=os.link)
    return target


def trim(landing: Path, day: date, events_kept: int) -> None:
    """Keep few event partitions and no control files: they would say the same about every damaged file.

    Raises ValueError if a table's folders have other names.
    """
    for control in sorted(landing.rglob("_*.json")):
        control.unlink()
    for name in EVENTS:
        folders = sorted((landing / name).glob("biz_date=*")) if (landing / name).is_dir() else []
        if not all(re.fullmatch(r"biz_date=\d{4}-\d{2}-\d{2}", folder.name) for folder in folders):
            raise ValueError(f"{landing / name}: other names than expected")
        up_to = [folder for folder in folders if folder.name <= f"biz_date={day}"]
        for folder in up_to[:-events_kept]:
            shutil.rmtree(folder)
