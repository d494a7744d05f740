"""The command `fenceng export`: the published tables in a copy that travels."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from fenceng.options import Lang, Language, Output
from fenceng.terminal import out, settings_for, wrong_use


class ExportFormat(StrEnum):
    """Formats of an export: one file, or a folder with a file or folder a table."""

    DUCKDB = "duckdb"
    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


SUFFIXES = {".duckdb": ExportFormat.DUCKDB, ".xlsx": ExportFormat.XLSX}


def export(
    to: Annotated[Path, typer.Option("--to", help="File to write (duckdb, xlsx), or folder (parquet, csv).")],
    file_format: Annotated[
        ExportFormat | None, typer.Option("--format", help="By default what the file's name ends in.")
    ] = None,
    tables: Annotated[list[str] | None, typer.Option("--table", help="Only this table; may be repeated.")] = None,
    months: Annotated[
        list[datetime] | None,
        typer.Option("--month", formats=["%Y-%m"], help="Only this month of monthly tables; may be repeated."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    lang: Language = Lang.EN,
    output: Output = None,
) -> None:
    """Copy the published tables, all months of them, to one file or folder that needs nothing else."""
    from fenceng.analysis.export import ExportError, selection_of
    from fenceng.analysis.export import export as write
    from fenceng.words.phrasebook import Phrasebook
    from orchestration.store.releases import release_in_force

    chosen = file_format or SUFFIXES.get(to.suffix)
    if chosen is None:
        raise wrong_use(f"{to} does not say its format; add --format duckdb, parquet, csv or xlsx")
    settings = settings_for(output=output)
    if to.resolve().is_relative_to(settings.published.resolve()):
        raise wrong_use(f"{to} is in the published store, which only a refresh writes")
    release = release_in_force(settings)
    try:
        selection = selection_of(release, tables or (), [month.date() for month in months or ()])
        rows = write(selection, to.absolute(), chosen.value, chinese=lang is Lang.ZH, replace=force)
    except ExportError as error:
        raise wrong_use(str(error)) from None
    say = Phrasebook("release", lang.value).say
    for table, count in rows.items():
        out.print(f"  {table:<42} {count:>12,}")
    out.print(say("exported", escape(str(to)), release.release_id), soft_wrap=True)
