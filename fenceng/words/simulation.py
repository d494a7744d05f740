"""What `fenceng simulate` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from expectations.policy.model import InForce
from fenceng.analysis.simulation import Simulation
from fenceng.words.phrasebook import Language, Phrasebook
from fenceng.words.rules import outcome_in_words
from fenceng.words.sentences import code_in_words, role_group_in_words

# How many shortages are printed.
SHORTAGES = 5
_MOVES = ("purpose", "segment", "before", "after", "customers", "financial_assets")
_CONTACTS = ("role_group", "contacts_now", "contacts_proposed", "needed", "needed_proposed", "available", "short")
_SHORTAGES = ("organisation", "role_group", "available", "needed", "needed_proposed", "short")


def print_simulation(console: Console, result: Simulation, view: InForce, language: Language) -> None:
    """Print the tables of a what-if, its summary, and its inputs. view: the proposed policy, for its labels."""
    book = Phrasebook("simulation", language)
    moves = [_move_in_words(row, view, language) for row in result.moves()]
    contacts = [(role_group_in_words(view, group, language), *rest) for group, *rest in result.contacts()]
    shortages = [
        (organisation, role_group_in_words(view, group, language), *rest)
        for organisation, group, *rest in result.shortages(SHORTAGES)
    ]
    _print_table(console, book, "moves", _MOVES, moves)
    _print_table(console, book, "contacts", _CONTACTS, contacts)
    _print_table(console, book, "shortages", _SHORTAGES, shortages)
    console.print(_summary(result.summary, book), soft_wrap=True)
    facts = result.facts
    changed = book.enumerated(facts.families_changed) or book.say("nothing")
    console.print(book.say("month", facts.business_date[:7], facts.business_date, facts.release))
    console.print(book.say("policy", facts.policy_in_force, facts.policy_proposed, changed))
    if facts.measured_anew:
        console.print(book.say("measures"))
    console.print(book.say("tables", result.folder), soft_wrap=True)


def print_refused(console: Console, language: Language) -> None:
    """That a proposal is not sound."""
    console.print(Phrasebook("simulation", language).say("refused"), style="bold red", soft_wrap=True)


def _move_in_words(row: Sequence[Any], view: InForce, language: Language) -> tuple[Any, ...]:
    """A row of the moves with labels; an outcome that the proposed policy does not know stays a code."""
    purpose, segment, before, after, *rest = row
    own = (one.scheme for one in view.schemes.values() if (one.purpose, one.segment) == (purpose, segment))
    scheme = next(own, "")
    return (
        code_in_words(view, "scheme_purpose", purpose, language),
        code_in_words(view, "segment", segment, language),
        outcome_in_words(view, scheme, before, language),
        outcome_in_words(view, scheme, after, language),
        *rest,
    )


def _summary(summary: Mapping[str, Any], book: Phrasebook) -> str:
    # Customers whose former tier does not exist in the proposed policy.
    elsewhere = summary["customers_moved"] - summary["customers_up"] - summary["customers_down"]
    return book.say(
        "summary",
        customers=f"{summary['customers']:,}",
        moved=f"{summary['customers_moved']:,}",
        up=f"{summary['customers_up']:,}",
        down=f"{summary['customers_down']:,}",
        elsewhere=book.say("elsewhere", f"{elsewhere:,}") if elsewhere else "",
        assets=f"{summary['financial_assets_moved']:,.2f}",
        affected=f"{summary['customers_affected']:,}",
        contacts=f"{summary['contacts_in_force']:,}",
        contacts_proposed=f"{summary['contacts_proposed']:,}",
        needed=f"{summary['people_needed_in_force']:,}",
        needed_proposed=f"{summary['people_needed_proposed']:,}",
    )


def _print_table(
    console: Console, book: Phrasebook, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    if not rows:
        console.print(book.say("none", book.say(title)))
        return
    table = Table(title=book.say(title))
    for name, cell in zip(columns, rows[0], strict=True):
        table.add_column(book.say(name), justify="left" if isinstance(cell, str) else "right", overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, str) else f"{cell:,}" for cell in row))
    console.print(table)
