"""What `fenceng quarantine` prints, and the CSV that it writes."""

from __future__ import annotations

import csv
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from fenceng.analysis.quarantined_rows import QuarantinedRows
from fenceng.words.phrasebook import counted

COLUMNS = ("table", "business_date", "key", "file", "place", "rule", "reason")


def print_rows(console: Console, found: QuarantinedRows, limit: int, *, with_delivered: bool) -> None:
    """Each row with its file, place and reason, up to a limit. with_delivered: also as it was delivered."""
    for row in found.rows[:limit]:
        head = f"[bold]{row.table}[/] {row.business_date} {escape(row.key)}"
        console.print(f"{head}  {escape(row.file)}, {row.place}", soft_wrap=True)
        console.print(f"  {escape(f'{row.because} [{row.rule_id}]')}", soft_wrap=True)
        if with_delivered:
            console.print(f"  [dim]{escape(row.delivered)}[/]", soft_wrap=True)
    if len(found.rows) > limit:
        console.print(f"{counted(limit, 'row')} of {len(found.rows):,}; --csv writes all, --limit prints more")


def print_none(console: Console, found: QuarantinedRows, table: str | None, rule: str | None) -> None:
    """That no row was quarantined, of the given table or under the given rule."""
    asked = " ".join(part for part in (table, rule) if part)
    console.print(f"the refresh of {found.business_date} quarantined no row{f' of {asked}' if asked else ''}")


def print_written(console: Console, found: QuarantinedRows, file: Path) -> None:
    """How many rows a file holds."""
    console.print(f"{counted(len(found.rows), 'row')} of {found.business_date} in {file}", soft_wrap=True)


def write_rows(file: Path, found: QuarantinedRows, *, with_delivered: bool) -> None:
    """Write all rows as CSV with a byte order mark, which tells Excel it is UTF-8. Raises OSError."""
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([*COLUMNS, *(["as_delivered"] * with_delivered)])
        for row in found.rows:
            values = (row.table, row.business_date, row.key, row.file, row.place, row.rule_id, row.because)
            writer.writerow([*values, *([row.delivered] * with_delivered)])
