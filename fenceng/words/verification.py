"""What `fenceng verify` prints."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from fenceng.analysis.verification import TableDifference, Verification
from fenceng.terminal import err, print_findings
from fenceng.words.findings import finding_in_words
from fenceng.words.phrasebook import Language, Phrasebook


def print_failed_rebuild(result: Verification, log: Path | None, language: Language) -> None:
    """Why the month could not be rebuilt."""
    book = Phrasebook("verification", language)
    worded = partial(finding_in_words, on=result.business_date, language=language)
    print_findings(result.refresh.findings, worded=worded)
    why = result.refresh.error or book.say("refused")
    said = book.say("colon", _head(result, book), why)
    err.print(f"[bold red]{book.say('not_rebuilt')}[/]{escape(said)}", soft_wrap=True)
    if log:
        err.print(escape(book.say("log", log)), soft_wrap=True)


def print_verification(console: Console, result: Verification, language: Language) -> None:
    """Whether the rebuilt month is identical; otherwise each table that differs, and what has changed since."""
    book = Phrasebook("verification", language)
    if result.is_identical:
        said = book.say("identical_tables", _head(result, book), len(result.tables))
        console.print(f"[bold green]{book.say('identical')}[/]{said}")
    else:
        said = book.say("different_tables", _head(result, book), len(result.differences), len(result.tables))
        console.print(f"[bold red]{book.say('different')}[/]{said}")
    for difference in result.differences:
        _print_difference(console, difference, book)
    for month in result.replaced:
        console.print("  " + book.say("rests_on", f"{month:%Y-%m}"), soft_wrap=True)
    if result.changed:
        causes = book.enumerated(book.say(cause) for cause in result.changed)
        console.print("  " + book.say("changed", causes), soft_wrap=True)
    elif result.differences:
        console.print("  " + book.say("unexplained"), soft_wrap=True)


def _head(result: Verification, book: Phrasebook) -> str:
    return book.say("head", f"{result.month:%Y-%m}", result.business_date)


def _print_difference(console: Console, difference: TableDifference, book: Phrasebook) -> None:
    rows = book.say("rows", f"{difference.published_rows:,}", f"{difference.rebuilt_rows:,}")
    if difference.bytes_only:
        console.print("  " + book.say("bytes_only", difference.table, rows), soft_wrap=True)
        return
    counts = (f"{difference.missing:,}", f"{difference.surplus:,}")
    console.print("  " + book.say("row_changes", difference.table, rows, *counts), soft_wrap=True)
    for column, count in difference.columns.items():
        console.print("    " + book.say("column", column, f"{count:,}"), soft_wrap=True)
