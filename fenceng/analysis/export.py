"""Export: the published tables of a release in a copy that travels, all months in it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from expectations.quoting import literal
from orchestration.database import connect, file_literal, path_literal
from orchestration.store.mart_labels import MartLabels, mart_labels
from orchestration.store.publish import STORAGE_VERSION
from orchestration.store.releases import TOOLS_FILE, Release

# A folder that an export wrote, which another export may replace.
MARK = "export.json"
BOM = b"\xef\xbb\xbf"
SHEET_ROWS = 1_048_575  # below the heading; Excel's limit
SHEET_NAME = 31  # characters; Excel's limit
EXACT_DIGITS = 15  # of a number in Excel; longer ones are written as text
COLUMN_WIDTH = 18
# Excel runs a cell of a CSV that begins so as a formula.
_FORMULA = re.compile(r"[=+\-@\t\r]")
_BATCH = 10_000


class ExportError(Exception):
    """What was asked for can't be exported; the message says why and what to do."""


@dataclass(frozen=True)
class Selection:
    """Tables of a release with their files. files: table -> its Parquet files; monthly: those with one file a month."""

    release: Release
    files: Mapping[str, tuple[Path, ...]]
    monthly: frozenset[str]

    def rows(self, table: str) -> str:
        """The table as a relation of DuckDB."""
        return f"read_parquet([{', '.join(map(file_literal, self.files[table]))}], hive_partitioning = false)"


def selection_of(release: Release, tables: Sequence[str] = (), months: Sequence[date] = ()) -> Selection:
    """Choose tables, by default all, and months of the monthly ones, by default all.

    months: their first days. Raises ExportError for a table or a month that is not published.
    """
    published: list[str] = sorted(release.manifest()["rows"])
    if unknown := sorted(set(tables) - set(published)):
        raise ExportError(f"{', '.join(unknown)}: not a published table; the tables are {', '.join(published)}")
    files: dict[str, tuple[Path, ...]] = {}
    monthly = set()
    for table in published:
        if tables and table not in tables:
            continue
        there = release.months(table)
        as_of = release.as_of_file(table)
        if there:
            monthly.add(table)
            if lacking := sorted(set(months) - set(there)):
                raise ExportError(
                    f"{', '.join(f'{month:%Y-%m}' for month in lacking)}: not published; the months are"
                    f" {', '.join(f'{month:%Y-%m}' for month in there)}"
                )
            found = (release.month_file(table, month) for month in there if not months or month in months)
            files[table] = tuple(file for file in found if file)
        elif as_of:
            files[table] = (as_of,)
    return Selection(release, files, frozenset(monthly))


def export(
    selection: Selection, target: Path, file_format: str, *, chinese: bool = False, replace: bool = False
) -> dict[str, int]:
    """Write the tables to a file (duckdb, xlsx) or a folder (parquet, csv); return table -> rows.

    The target appears as a whole, or not at all. chinese: headings of csv and xlsx in Chinese. replace: whether an
    earlier export may be replaced. Raises ExportError if the target is something else, or what Excel can't hold.
    """
    write: Callable[[Selection, Path, MartLabels | None], dict[str, int]] = {
        "duckdb": _write_duckdb,
        "parquet": _write_parquet,
        "csv": _write_csv,
        "xlsx": _write_xlsx,
    }[file_format]
    _refuse(target, is_folder=file_format in ("parquet", "csv"), replace=replace)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_name(f".{target.name}.export")
    _remove(made)
    try:
        rows = write(selection, made, mart_labels() if chinese else None)
        if made.is_dir():
            _mark(selection, made, rows)
        if target.is_dir():
            _remove(target)
        os.replace(made, target)
    finally:
        _remove(made)
    return rows


def _refuse(target: Path, *, is_folder: bool, replace: bool) -> None:
    if not target.exists():
        return
    is_ours = (target / MARK).is_file() if target.is_dir() else not is_folder
    if target.is_dir() != is_folder or not is_ours:
        raise ExportError(f"{target} is there already and is no such export; name another place")
    if not replace:
        raise ExportError(f"{target} is there already; use --force to replace it, or name another place")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _mark(selection: Selection, folder: Path, rows: Mapping[str, int]) -> None:
    manifest = selection.release.manifest()
    told = {name: manifest[name] for name in ("release_id", "business_date", "policy_version", "code_version")}
    (folder / MARK).write_text(json.dumps(told | {"rows": dict(rows)}, indent=2) + "\n", encoding="utf-8")


# ---------------------------------------------------------------- formats


def _write_duckdb(selection: Selection, target: Path, _: MartLabels | None) -> dict[str, int]:
    """One file with tables, and the comments of the release; it needs no other file."""
    rows = {}
    with connect() as connection:
        connection.execute(f"attach {path_literal(target)} as exported (storage_version {literal(STORAGE_VERSION)})")
        connection.execute(f"attach {path_literal(selection.release.folder / TOOLS_FILE)} as published (read_only)")
        for table in selection.files:
            connection.execute(f"create table exported.main.{table} as select * from {selection.rows(table)}")
            rows[table] = _count(connection, f"exported.main.{table}")
        described = connection.execute(
            "select view_name, null, comment from duckdb_views() where database_name = 'published'"
            " union all select table_name, column_name, comment from duckdb_columns() where database_name = 'published'"
        ).fetchall()
        for table, column, comment in described:
            if table in selection.files and comment:
                what = f"column exported.main.{table}.{column}" if column else f"table exported.main.{table}"
                connection.execute(f"comment on {what} is {literal(comment)}")
        connection.execute("detach exported")
    return rows


def _write_parquet(selection: Selection, target: Path, _: MartLabels | None) -> dict[str, int]:
    """A folder a table, with the published files as they are."""
    rows = {}
    with connect() as connection:
        for table, files in selection.files.items():
            (target / table).mkdir(parents=True)
            for file in files:
                # A month that version 0.6 published is named after its folder there.
                month = file.parent.name.removeprefix("policy_month=")[:7]
                name = file.name if file.parent.name == table else f"{month}.parquet"
                shutil.copyfile(file, target / table / name)
            rows[table] = _count(connection, selection.rows(table))
    return rows


def _write_csv(selection: Selection, target: Path, labels: MartLabels | None) -> dict[str, int]:
    """A file a table, in UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    rows = {}
    target.mkdir(parents=True)
    body = target / ".body"
    with connect() as connection:
        for table in selection.files:
            kinds = _kinds(connection, selection, table)
            columns = ", ".join(
                f"{_harmless(name) if kind == 'VARCHAR' else name} as {_heading(table, name, labels)}"
                for name, kind in kinds.items()
            )
            connection.execute(
                f"copy (select {columns} from {selection.rows(table)}) to {path_literal(body)} (format csv, header)"
            )
            with (target / f"{table}.csv").open("wb") as whole, body.open("rb") as rest:
                whole.write(BOM)
                shutil.copyfileobj(rest, whole)
            rows[table] = _count(connection, selection.rows(table))
    body.unlink(missing_ok=True)
    return rows


def _harmless(column: str) -> str:
    """Text that Excel would run as a formula gets an apostrophe before it."""
    begins = f"regexp_matches({column}, {literal(f'^{_FORMULA.pattern}')})"
    return f"case when {begins} then '''' || {column} else {column} end"


def _heading(table: str, column: str, labels: MartLabels | None) -> str:
    text = (labels.of(table, column) if labels else None) or column
    return '"' + text.replace('"', '""') + '"'


def _write_xlsx(selection: Selection, target: Path, labels: MartLabels | None) -> dict[str, int]:
    """A workbook with a sheet a table: text stays text, and a number that Excel would round is written as text."""
    with connect() as connection:
        rows = {table: _count(connection, selection.rows(table)) for table in selection.files}
        if too_long := {table: count for table, count in rows.items() if count > SHEET_ROWS}:
            said = ", ".join(f"{table} has {count:,} rows" for table, count in too_long.items())
            raise ExportError(
                f"{said}, and a sheet of Excel holds {SHEET_ROWS:,}; choose tables or months, or export csv"
            )
        names = _sheet_names(selection.files, labels)
        with xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_numbers": False}) as book:
            formats = {
                "heading": book.add_format({"bold": True, "bottom": 1}),
                "DATE": book.add_format({"num_format": "yyyy-mm-dd"}),
                "TIMESTAMP": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            }
            for table in selection.files:
                kinds = _kinds(connection, selection, table)
                sheet = book.add_worksheet(names[table])
                sheet.freeze_panes(1, 0)
                sheet.set_column(0, len(kinds) - 1, COLUMN_WIDTH)
                sheet.autofilter(0, 0, rows[table], len(kinds) - 1)
                headings = [(labels.of(table, name) if labels else None) or name for name in kinds]
                for place, heading in enumerate(headings):
                    sheet.write_string(0, place, heading, formats["heading"])
                for line, row in enumerate(_read(connection, selection.rows(table)), start=1):
                    for place, (value, kind) in enumerate(zip(row, kinds.values(), strict=True)):
                        _write_cell(sheet, line, place, value, formats.get(kind))
    return rows


def _sheet_names(tables: Mapping[str, object], labels: MartLabels | None) -> dict[str, str]:
    """A name of at most 31 characters for each table; what is cut off ends in a number if it is not unique."""
    names: dict[str, str] = {}
    for table in tables:
        text = (labels.of(table) if labels else None) or re.sub(r"^(fct|dim)_|_monthly$", "", table)
        name, number = text[:SHEET_NAME], 2
        while name.casefold() in {one.casefold() for one in names.values()}:
            name, number = f"{text[: SHEET_NAME - 2]}_{number}", number + 1
        names[table] = name
    return names


def _write_cell(sheet: Worksheet, line: int, place: int, value: Any, cell_format: Format | None) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, Decimal | int | float):
        digits = len(Decimal(value).normalize().as_tuple().digits) if not isinstance(value, float) else 0
        if digits > EXACT_DIGITS:
            sheet.write_string(line, place, str(value))
        else:
            sheet.write_number(line, place, float(value))
    elif isinstance(value, date | datetime):
        sheet.write_datetime(line, place, value, cell_format)
    else:
        sheet.write_string(line, place, str(value))


# ---------------------------------------------------------------- reading


def _kinds(connection: duckdb.DuckDBPyConnection, selection: Selection, table: str) -> dict[str, str]:
    described = connection.execute(f"describe select * from {selection.rows(table)}").fetchall()
    return {name: kind for name, kind, *_ in described}


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    ((rows,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(rows)


def _read(connection: duckdb.DuckDBPyConnection, relation: str) -> Iterator[tuple[Any, ...]]:
    result = connection.execute(f"select * from {relation}")
    while batch := result.fetchmany(_BATCH):
        yield from batch
