"""What `fenceng assign propose` prints, and the lists that it writes."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from expectations.quoting import literal
from fenceng.analysis.assignment import PUBLISHED, Proposal
from fenceng.words.actions import day_in_words
from fenceng.words.phrasebook import Language, Phrasebook, Printer
from fenceng.words.sentences import code_in_words, job_in_words
from orchestration.database import path_literal

# Rows of a table that are printed; the files hold all.
PRINTED = 20
REASONS = ("kept", "fewest_customers", "no_people", "pool_full")
# Heading -> column, for each file. A column in `_LABELLED` is written in words.
_FILES: Mapping[str, Mapping[str, str]] = {
    "allocation": {
        "customer": "customer_id", "tier": "tier_code", "assets": "financial_assets", "lead": "lead_org_id",
        "recommended": "recommended_role", "pool": "pool_org_id", "to": "employee_id", "to_role": "employee_role",
        "before": "load_before", "after": "load_after", "cap": "load_cap", "basis": "assignment_basis",
        "why": "reason",
    },
    "surplus": {
        "from": "from_employee_id", "place": "surplus_place", "from_load": "from_load", "from_cap": "from_load_cap",
        "customer": "customer_id", "tier": "tier_code", "assets": "financial_assets", "lead": "lead_org_id",
        "recommended": "recommended_role", "pool": "pool_org_id", "to_place": "to_employee_id",
        "before": "to_load_before", "after": "to_load_after", "to_cap": "to_load_cap", "why": "reason",
    },
    "hiring": {
        "org": "org_id", "role": "role", "customers": "customers", "matching": "assigned_matching",
        "other": "assigned_other", "unassigned": "unassigned", "people": "people", "cap": "load_cap",
        "needed": "people_needed", "short": "people_short",
    },
}  # fmt: skip
_ROLES = ("recommended_role", "employee_role", "role")


def print_proposal(console: Console, found: Proposal, language: Language) -> None:
    """The proposal in figures: how customers got their person, who is above the cap, where people are short."""
    _ProposalPrinter(console, found, language).everything()


def files_of(folder: Path) -> list[Path]:
    """The files that a proposal writes into a folder."""
    return [folder / f"{name}.csv" for name in PUBLISHED]


def write_proposal(console: Console, folder: Path, found: Proposal, language: Language) -> None:
    """Write the lists as CSV, customer by customer, and say so. Raises OSError.

    They begin with a byte order mark: without one Excel in China reads the file as GBK.
    """
    folder.mkdir(parents=True, exist_ok=True)
    book = Phrasebook("assignment", language)
    for name, file in zip(PUBLISHED, files_of(folder), strict=True):
        columns = ", ".join(
            f'{_in_words(found, column, book)} as "{book.say(heading)}"' for heading, column in _FILES[name].items()
        )
        body = file.with_suffix(".part")
        ((rows,),) = found.connection.execute(
            f"copy (select {columns} from proposal.{name}) to {path_literal(body)} (format csv, header)"
        ).fetchall()
        with file.open("wb") as whole, body.open("rb") as part:
            whole.write(codecs.BOM_UTF8)
            while block := part.read(2**20):
                whole.write(block)
        body.unlink()
        console.print(book.say("written", file, f"{rows:,}"), markup=False, soft_wrap=True)


def print_not_written(console: Console, language: Language) -> None:
    """How to get the lists."""
    console.print(Phrasebook("assignment", language).say("not_written"), markup=False, soft_wrap=True)


def _in_words(found: Proposal, column: str, book: Phrasebook) -> str:
    """The SQL of a column, with its codes in words."""
    view, language = found.view, book.language
    labels: Mapping[str, str] = {}
    if column in _ROLES:
        rows = view.rows["policy_role"]
        labels = {row.text("role"): job_in_words(view, row.text("role"), language) for row in rows}
    elif column == "assignment_basis":
        labels = {code: code_in_words(view, column, code, language) for code in ("allocated", "unassigned")}
    elif column == "reason":
        labels = {reason: book.say(f"reason.{reason}") for reason in REASONS}
    if not labels:
        return column
    cases = " ".join(f"when {literal(code)} then {literal(label)}" for code, label in labels.items())
    return f"case {column} {cases} else {column} end"


class _ProposalPrinter(Printer):
    """A proposal on a console, in one language."""

    def __init__(self, console: Console, found: Proposal, language: Language) -> None:
        super().__init__(console, Phrasebook("assignment", language))
        self.found = found
        self.language: Language = language

    def everything(self) -> None:
        found = self.found
        self.line(self.say("title", found.organization or self.say("bank")), style="bold")
        self.line(self.say("as_of", day_in_words(found.as_of, self.language), found.release_id))
        self.bases()
        self.overloaded()
        self.hiring()
        self.console.print()
        self.line(self.say("nothing_changed"))

    def bases(self) -> None:
        rows = [(self.code("assignment_basis", basis), f"{number:,}") for basis, number in self.found.by_basis()]
        self.table("bases", ("basis",), ("customers",), rows)
        by_reason = self.found.by_reason()
        parts = [
            self.say("reason.part", self.say(f"reason.{reason}"), f"{by_reason[reason]:,}")
            for reason in REASONS
            if reason in by_reason
        ]
        self.line(self.say("reasons", self.book.listed(parts)) if parts else self.say("nothing_decided"))

    def overloaded(self) -> None:
        people = self.found.overloaded()
        if not people:
            self.console.print()
            self.line(self.say("nobody_overloaded"))
            return
        rows = [
            (
                one.employee_id,
                self.job(one.role),
                one.org_id,
                *self.numbers(
                    one.customers, one.load_cap, one.over_cap, one.moving, one.placed, one.moving - one.placed
                ),
            )
            for one in people
        ]
        numbers = ("load", "cap", "over", "moving", "placed", "stuck")
        self.table("overloaded", ("employee", "role", "org"), numbers, rows)
        self.line(self.say("moving_note"))

    def hiring(self) -> None:
        places = self.found.hiring()
        if not places:
            self.line(self.say("nobody_to_hire"))
            return
        rows = [
            (
                " ".join(part for part in (one.org_id, one.org_name) if part),
                self.job(one.role),
                *self.numbers(one.customers, one.unassigned, one.people, one.load_cap, one.needed, one.short),
            )
            for one in places
        ]
        numbers = ("customers", "unassigned", "people", "cap", "needed", "short")
        self.table("hiring", ("org", "role"), numbers, rows)

    def table(self, title: str, texts: Sequence[str], numbers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.title(self.say(title))
        table = Table()
        for name in texts:
            table.add_column(self.say(name), overflow="fold")
        for name in numbers:
            table.add_column(self.say(name), justify="right")
        for row in rows[:PRINTED]:
            table.add_row(*map(Text, row))
        self.console.print(table)
        if len(rows) > PRINTED:
            self.line(self.say("more", f"{len(rows) - PRINTED:,}"))

    def numbers(self, *counts: int) -> Iterable[str]:
        return (f"{count:,}" for count in counts)

    def code(self, vocabulary: str, code: str) -> str:
        return code_in_words(self.found.view, vocabulary, code, self.language)

    def job(self, role: str) -> str:
        return job_in_words(self.found.view, role, self.language)
