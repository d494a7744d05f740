"""What `fenceng doctor` prints."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fenceng.analysis.doctor import Check, Part
from fenceng.words.phrasebook import Language, Phrasebook


def print_checks(console: Console, checks: Iterable[Check], language: Language) -> None:
    """A table with a line for each check."""
    book = Phrasebook("doctor", language)
    table = Table(book.say("check"), book.say("state"), book.say("detail"))
    for check in checks:
        state = f"[green]{book.say('ok')}[/]" if check.passed else f"[red]{book.say('fix')}[/]"
        table.add_row(book.say(check.subject), state, escape(detail(check, book)))
    console.print(table)


def detail(check: Check, book: Phrasebook) -> str:
    """What a check found, as a sentence."""
    filled = (book.say(one.phrase, *one.values) if isinstance(one, Part) else one for one in check.values)
    return book.say(check.phrase, *filled)
