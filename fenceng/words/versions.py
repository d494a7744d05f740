"""What `fenceng versions` and `fenceng rollback` print."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fenceng.analysis.versions import Version, Versions
from fenceng.words.phrasebook import Language, Phrasebook
from orchestration.store.rollback import Rollback

_COLUMNS = ("business_date", "known_on", "published_at", "policy", "code")


def print_versions(console: Console, found: Versions, language: Language) -> None:
    """The kept releases, the months of the one in force, and the rollbacks."""
    book = Phrasebook("versions", language)
    releases = _table(book, "releases", "", "release")
    for one in found.releases:
        releases.add_row("*" if one.release_id == found.current else "", one.release_id, *_cells(one))
    console.print(releases)
    console.print(book.say("in_force"))
    console.print()
    months = _table(book, "months", "month")
    for month, one in found.months.items():
        months.add_row(month[:7], *_cells(one))
    console.print(months)
    if found.rollbacks:
        console.print(book.say("rollbacks"))
    for record in found.rollbacks:
        console.print("  " + escape(book.say("rolled_back", **asdict(record))), soft_wrap=True)


def print_rollback(console: Console, record: Rollback, language: Language) -> None:
    """Which release is in force now, and what comes of it."""
    book = Phrasebook("versions", language)
    for phrase in ("done", "next", "schedule"):
        console.print(book.say(phrase, **asdict(record)), markup=False, soft_wrap=True)


def _table(book: Phrasebook, title: str, *first: str) -> Table:
    """A table without lines, so that ids and versions stand whole in 120 columns."""
    table = Table(title=book.say(title), title_justify="left", box=None, pad_edge=False, header_style="dim")
    for name in (*first, *_COLUMNS):
        # A release is copied from here to `fenceng rollback`: on a narrow terminal the others are folded.
        table.add_column(book.say(name) if name else "", no_wrap=name in first, overflow="fold")
    return table


def _cells(one: Version) -> tuple[str, ...]:
    at = one.published_at[:16].replace("T", " ")
    return one.business_date, one.known_on, at, one.policy_version, one.code_version
