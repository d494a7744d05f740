"""What `fenceng versions` and `fenceng rollback` print."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from fenceng.analysis.versions import Version, Versions
from fenceng.words.phrasebook import Language, Phrasebook
from orchestration.store.rollback import Rollback

_COLUMNS = ("business_date", "known_on", "published_at", "policy", "code")


def print_versions(console: Console, found: Versions, language: Language) -> None:
    """The kept releases, the months of the one in force, and the rollbacks."""
    book = Phrasebook("versions", language)
    releases = Table(Column(book.say("release"), no_wrap=True), book.say("state"), *_headings(book))
    releases.title = book.say("releases")
    for one in found.releases:
        state = book.say("in_force") if one.release_id == found.current else ""
        releases.add_row(one.release_id, state, *_cells(one))
    months = Table(book.say("month"), *_headings(book), title=book.say("months"))
    for month, one in found.months.items():
        months.add_row(month[:7], *_cells(one))
    console.print(releases)
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


def _headings(book: Phrasebook) -> list[Column]:
    return [Column(book.say(name), overflow="fold") for name in _COLUMNS]


def _cells(one: Version) -> tuple[str, ...]:
    at = one.published_at[:16].replace("T", " ")
    return one.business_date, one.known_on, at, one.policy_version, one.code_version
