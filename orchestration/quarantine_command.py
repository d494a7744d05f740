"""The command `fenceng quarantine`: which rows the last refresh held back, where they stand, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from orchestration.terminal import err, out, settings_for, wrong_use

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
    from orchestration.held_rows import NothingJudgedError, held_rows
    from orchestration.lock import RefreshRunning

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
    cells = [
        (r.table, str(r.business_date), r.key, r.file, r.place, r.rule_id, r.because, *([r.delivered] * show))
        for r in found.rows
    ]
    header = (*COLUMNS, *(["as delivered"] * show))
    if to_file:
        _write(to_file, header, cells)
        out.print(f"{_rows(len(cells))} of {found.business_date} in {to_file}", soft_wrap=True)
        return
    if not cells:
        asked = " ".join(part for part in (table, rule) if part)
        out.print(f"the refresh of {found.business_date} held back no row{f' of {asked}' if asked else ''}")
        return
    _print(f"Held back by the refresh of {found.business_date}", header, cells[:limit])
    if len(cells) > limit:
        out.print(f"{_rows(limit)} of {len(cells):,}; --csv writes all, --limit prints more")


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _print(title: str, header: Sequence[str], cells: Iterable[Sequence[str]]) -> None:
    table = Table(*(Column(name, overflow="fold") for name in header), title=title, title_justify="left")
    for row in cells:
        table.add_row(*map(escape, row))
    out.print(table)


def _write(file: Path, header: Sequence[str], cells: Iterable[Sequence[str]]) -> None:
    """Write with a byte-order mark, by which Excel knows UTF-8. Raises OSError."""
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(cells)
