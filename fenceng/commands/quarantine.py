"""The command `fenceng quarantine`: which rows the last refresh held back, where they stand, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from fenceng.terminal import err, out, settings_for, wrong_use

if TYPE_CHECKING:
    from fenceng.analysis.held_rows import HeldRow

COLUMNS = ("table", "business_date", "key", "file", "place", "rule", "reason")


def quarantine(
    table: Annotated[str | None, typer.Option(help="Only rows of this table.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only rows under this rule: account.balance.type.")] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Show each row as it was delivered, personal data and all.")
    ] = False,
    to_file: Annotated[
        Path | None, typer.Option("--csv", help="Write all of them to a CSV file, which Excel opens.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows to print; the file holds all.")] = 100,
    output: Annotated[Path | None, typer.Option(help="Output folder; FENCENG_OUTPUT or var/output by default.")] = None,
) -> None:
    """List the rows that the last refresh held back: key, file and line, rule, reason.

    What --show and --csv with --show tell is confidential: it comes from the landing zone and is never published.
    """
    from expectations.contract import load_contract
    from fenceng.analysis.held_rows import NothingJudgedError, held_rows
    from orchestration.runtime.lock import RefreshRunning

    settings = settings_for(output=output)
    tables = load_contract().tables
    if table and table not in tables:
        raise wrong_use(f"the landing contract has no table {table}; it has {', '.join(tables)}")
    if to_file and to_file.resolve().is_relative_to(settings.published.resolve()):
        raise wrong_use(f"{to_file} lies among the published releases, where nothing confidential may be")
    try:
        found = held_rows(settings, table, rule)
    except (NothingJudgedError, RefreshRunning) as error:
        err.print(f"[bold red]fenceng:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    if to_file:
        _write(to_file, found.rows, show)
        out.print(f"{_rows(len(found.rows))} of {found.business_date} in {to_file}", soft_wrap=True)
        return
    if not found.rows:
        asked = " ".join(part for part in (table, rule) if part)
        out.print(f"the refresh of {found.business_date} held back no row{f' of {asked}' if asked else ''}")
        return
    for row in found.rows[:limit]:
        head = f"[bold]{row.table}[/] {row.business_date} {escape(row.key)}"
        out.print(f"{head}  {escape(row.file)}, {row.place}", soft_wrap=True)
        out.print(f"  {escape(f'{row.because} [{row.rule_id}]')}", soft_wrap=True)
        if show:
            out.print(f"  [dim]{escape(row.delivered)}[/]", soft_wrap=True)
    if len(found.rows) > limit:
        out.print(f"{_rows(limit)} of {len(found.rows):,}; --csv writes all, --limit prints more")


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _write(file: Path, rows: Iterable[HeldRow], show: bool) -> None:
    """Write with a byte-order mark, by which Excel knows UTF-8. Raises OSError."""
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([*COLUMNS, *(["as_delivered"] * show)])
        for row in rows:
            values = (row.table, row.business_date, row.key, row.file, row.place, row.rule_id, row.because)
            writer.writerow([*values, *([row.delivered] * show)])
