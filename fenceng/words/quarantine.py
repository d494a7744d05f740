"""What `fenceng quarantine` prints, and the CSV that it writes."""

from __future__ import annotations

import csv
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from fenceng.analysis.quarantined_rows import QuarantinedRows
from fenceng.words.findings import because
from fenceng.words.phrasebook import Language, Phrasebook

COLUMNS = ("table", "business_date", "key", "file", "place", "rule", "reason")


def print_rows(
    console: Console, found: QuarantinedRows, limit: int, language: Language, *, with_delivered: bool
) -> None:
    """Each row with its file, place and reason, up to a limit. with_delivered: also as it was delivered."""
    book = Phrasebook("quarantine", language)
    for row in found.rows[:limit]:
        head = f"[bold]{row.table}[/] {row.business_date} {escape(row.key)}"
        console.print(f"{head}  {escape(row.file)}{book.comma}{_place(row.place, book)}", soft_wrap=True)
        why = because(row.rule_id, row.because, found.business_date, language)
        console.print(f"  {escape(f'{why} [{row.rule_id}]')}", soft_wrap=True)
        if with_delivered:
            console.print(f"  [dim]{escape(row.delivered)}[/]", soft_wrap=True)
    if len(found.rows) > limit:
        console.print(book.say("limited", _rows(limit, book), f"{len(found.rows):,}"))


def print_none(
    console: Console, found: QuarantinedRows, table: str | None, rule: str | None, language: Language
) -> None:
    """That no row was quarantined, of the given table or under the given rule."""
    asked = " ".join(part for part in (table, rule) if part)
    book = Phrasebook("quarantine", language)
    console.print(book.say("none", found.business_date, book.say("of", asked) if asked else ""))


def print_written(console: Console, found: QuarantinedRows, file: Path, language: Language) -> None:
    """How many rows a file holds."""
    book = Phrasebook("quarantine", language)
    said = book.say("written", _rows(len(found.rows), book), found.business_date, file)
    console.print(said, markup=False, soft_wrap=True)


def _place(place: str, book: Phrasebook) -> str:
    """A place of a row, `line 3` or `row 3`, in words."""
    kind, _, number = place.partition(" ")
    return book.say(f"at_{kind}", number) if number else place


def _rows(count: int, book: Phrasebook) -> str:
    return book.say("row" if count == 1 else "rows", f"{count:,}")


def write_rows(file: Path, found: QuarantinedRows, language: Language, *, with_delivered: bool) -> None:
    """Write all rows as CSV with a byte order mark, which tells Excel it is UTF-8. Raises OSError."""
    book = Phrasebook("quarantine", language)
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([*COLUMNS, *(["as_delivered"] * with_delivered)])
        for row in found.rows:
            why = because(row.rule_id, row.because, found.business_date, language)
            values = (row.table, row.business_date, row.key, row.file, _place(row.place, book), row.rule_id, why)
            writer.writerow([*values, *([row.delivered] * with_delivered)])
