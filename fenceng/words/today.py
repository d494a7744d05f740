"""What `fenceng today` prints and writes for an outlet, and what `fenceng show --outlet` prints in figures."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from expectations.policy.model import InForce
from expectations.working_days import Day
from fenceng.analysis.actions import Action
from fenceng.analysis.results import EVERYBODY, Standing, Target
from fenceng.analysis.today import OutletFigures, Today, UnmetDuty
from fenceng.words.actions import action_in_words, day_in_words
from fenceng.words.phrasebook import Language, Phrasebook, Printer
from fenceng.words.sentences import code_in_words, job_in_words, metric_in_words, role_group_in_words, tier_in_words

# Why a found action is not listed, in the order in which it is decided.
OUTCOMES = ("under_age", "no_consent", "unreachable")
# Whose the target of a day is on which an outlet has nobody (fct_target_monthly).
NOBODY = "unassigned"
# The columns of the file, by the phrases of their headings.
COLUMNS = (
    "list", "as_of_date", "employee", "role", "priority", "due", "customer", "tier", "org", "purpose", "code", "what",
    "items", "amount", "required", "counted", "missing", "expected", "status", "last", "rule", "clause",
    "target_day", "target_month", "target_to_date", "actual",
)  # fmt: skip
# What actions and duties leave empty.
NO_TARGET = (None, None, None, None)


def print_today(console: Console, found: Today, language: Language) -> None:
    """The list of an outlet: the actions of each person, then those of nobody, the duties, what was dropped."""
    _TodayPrinter(console, found, language).everything()


def write_today(file: Path, found: Today, language: Language) -> int:
    """Write actions, duties and targets as CSV, and return the number of rows. Raises OSError.

    It begins with a byte order mark: without one Excel in China reads the file as GBK.
    """
    book = Phrasebook("today", language)
    rows = [*_action_rows(found, book), *_duty_rows(found, book), *_target_rows(found, book)]
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([book.say(name) for name in COLUMNS])
        writer.writerows(rows)
    return len(rows)


def print_written(console: Console, rows: int, file: Path, language: Language) -> None:
    """How many rows a file holds."""
    console.print(Phrasebook("today", language).say("written", f"{rows:,}", file), markup=False, soft_wrap=True)


def print_figures(console: Console, found: OutletFigures, language: Language) -> None:
    """An outlet's actions by kind and duties by role, in figures."""
    printer = Printer(console, Phrasebook("today", language))
    printer.line(printer.say("figures", found.outlet, day_in_words(found.as_of, language)), style="bold")
    if found.actions:
        console.print(_actions_in_figures(found, printer.book))
    else:
        printer.line(printer.say("figures.no_actions"))
    if found.duties:
        console.print(_duties_in_figures(found, printer.book))
    else:
        printer.line(printer.say("figures.no_duties"))
    if found.ranking:
        printer.title(printer.say("figures.ranking"))
        console.print(_standings_table(found.view, found.ranking, printer.book, printer.say("organisation")))
    if found.campaigns:
        console.print(_campaigns(found, printer.book))
    if found.appraisals:
        console.print(_appraisals(found, printer.book))


class _TodayPrinter(Printer):
    """An outlet's list on a console, in one language."""

    def __init__(self, console: Console, found: Today, language: Language) -> None:
        super().__init__(console, Phrasebook("today", language))
        self.found = found
        self.view: InForce = found.view
        self.language: Language = language

    def everything(self) -> None:
        found = self.found
        self.line(self.say("title", found.outlet), style="bold")
        self.line(self.say("as_of", self.day(found.day), self.day(found.next_day), found.release_id))
        if not found.is_announced:
            self.line(self.say("not_announced", found.next_day.on.year), style="yellow")
        if not found.actions:
            self.title(self.say("no_actions"))
        for employee in found.people():
            self.person(employee)
        self.targets()
        self.standings()
        self.duties()
        self.dropped()

    def day(self, day: Day) -> str:
        """A day with its weekday and its place among the working days."""
        place = (day.number, day.of)
        if day.occasion:
            occasion = self.book.pick(*day.occasion)
            words = self.say("make_up", occasion, *place) if day.is_working else self.say("holiday", occasion)
        else:
            words = self.say("working", *place) if day.is_working else self.say("free")
        return self.say("day", day_in_words(day.on, self.language), self.book.pick(*day.weekday), words)

    def person(self, employee: str | None) -> None:
        own = [action for action in self.found.actions if action.employee_id == employee]
        number = f"{len(own):,}"
        one = ".one" if len(own) == 1 else ""
        if employee is None:
            self.title(self.say(f"nobody{one}", number))
        else:
            role = job_in_words(self.view, self.found.roles.get(employee, ""), self.language)
            self.title(self.say(f"person{one}", employee, role, number))
        names = ("priority", "due", "customer", "tier", "purpose", "what", "rule")
        table = _table([self.say(name) for name in names], wide=self.say("what"))
        for action in own:
            table.add_row(
                str(action.priority),
                f"{action.due_on}",
                action.customer_id,
                action.tier_code,
                code_in_words(self.view, "action_category", action.category, self.language),
                Text(action_in_words(self.view, action, self.language)),
                action.rule_id,
            )
        self.console.print(Padding(table, (0, 0, 0, 2)))

    def targets(self) -> None:
        if not self.found.targets:
            return
        self.title(self.say("targets", day_in_words(self.found.next_day.on, self.language)))
        names = ("metric", "employee", "target_day", "target_month", "target_to_date", "actual", "run_rate")
        table = _table([self.say(name) for name in names], wide=self.say("metric"))
        for target in self.found.targets:
            metric, who, *amounts = _target_cells(self.found, target, self.book)
            table.add_row(Text(metric), who, *amounts)
        self.console.print(Padding(table, (0, 0, 0, 2)))

    def standings(self) -> None:
        if not self.found.standings:
            return
        self.title(self.say("standings"))
        table = _standings_table(self.found.view, self.found.standings, self.book, self.say("employee"))
        self.console.print(Padding(table, (0, 0, 0, 2)))

    def duties(self) -> None:
        duties, person = self.found.duties, self.found.person
        if not duties:
            self.title(self.say("no_group" if person and not person.role_group else "no_duties"))
            return
        self.title(self.say("duties", f"{len(duties):,}"))
        names = ("customer", "class", "who", "missing", "counted", "required", "expected", "status", "last")
        table = _table([self.say(name) for name in names], wide=self.say("who"))
        for duty in duties:
            table.add_row(
                duty.customer_id,
                duty.tier_code,
                Text(role_group_in_words(self.view, duty.role_group, self.language)),
                str(duty.shortfall),
                str(duty.counted),
                str(duty.required),
                f"{duty.expected:.1f}",
                self.say(f"status.{duty.status}"),
                f"{duty.last_contact_on}" if duty.last_contact_on else self.say("never"),
            )
        self.console.print(Padding(table, (0, 0, 0, 2)))

    def dropped(self) -> None:
        found = self.found
        self.console.print()
        if not found.dropped:
            self.line(self.say("nothing_dropped", found.outlet))
            return
        parts = [
            self.say("dropped.part", code_in_words(self.view, "action_outcome", outcome, self.language), f"{number:,}")
            for outcome in OUTCOMES
            if (number := found.dropped.get(outcome, 0))
        ]
        self.line(self.say("dropped", found.outlet, self.book.enumerated(parts)))


def _target_cells(found: Today, target: Target, book: Phrasebook) -> Sequence[str]:
    """Metric, whose it is, and the amounts of the day, the month, to date, the actual one and its rate."""
    org = metric_in_words(found.view, "org", target.metric, book.language)
    who = book.say("whole_outlet") if target.employee_id == EVERYBODY else target.employee_id
    if target.employee_id == NOBODY:
        who = book.say("unassigned")
    amounts = (target.day, target.month, target.to_date, target.actual)
    rate = "" if target.run_rate is None else f"{target.run_rate:.0%}"
    return (org, who, *("" if amount is None else f"{amount:,}" for amount in amounts), rate)


def _standings_table(view: InForce, standings: Sequence[Standing], book: Phrasebook, subject: str) -> Table:
    """A row a subject, a column a compare: its rank among how many, or that they are too few."""
    compares = sorted({one.compare for one in standings}, key=lambda name: (name == "overall", name))
    table = _table([subject, *(code_in_words(view, "compare", name, book.language) for name in compares)], wide="")
    for subject_id in dict.fromkeys(one.subject_id for one in standings):
        own = {one.compare: one for one in standings if one.subject_id == subject_id}
        table.add_row(subject_id, *(_place(own.get(name), book) for name in compares))
    return table


def _place(standing: Standing | None, book: Phrasebook) -> str:
    if standing is None or standing.rank is None:
        return book.say("no_rank")
    return book.say("rank", standing.rank, standing.peers)


def _action_rows(found: Today, book: Phrasebook) -> Iterator[Sequence[object]]:
    """The actions in the order in which they are printed, in the order of COLUMNS."""
    language = book.language
    for employee in found.people():
        for action in found.actions:
            if action.employee_id == employee:
                yield _action_row(found, action, book, language)


def _action_row(found: Today, action: Action, book: Phrasebook, language: Language) -> Sequence[object]:
    view, role = found.view, found.roles.get(action.employee_id or "", "")
    return (
        book.say("list.action"), action.as_of, action.employee_id, job_in_words(view, role, language),
        action.priority, action.due_on, action.customer_id, tier_in_words(view, action.tier_code, language),
        action.lead_org_id, code_in_words(view, "action_category", action.category, language), action.action_kind,
        action_in_words(view, action, language), action.items, action.amount, None, None, None, None, None, None,
        action.rule_id, action.clause_ref, *NO_TARGET,
    )  # fmt: skip


def _duty_rows(found: Today, book: Phrasebook) -> Iterator[Sequence[object]]:
    for duty in found.duties:
        yield _duty_row(found, duty, book)


def _duty_row(found: Today, duty: UnmetDuty, book: Phrasebook) -> Sequence[object]:
    view = found.view
    return (
        book.say("list.duty"), found.day.on, None, role_group_in_words(view, duty.role_group, book.language),
        None, None, duty.customer_id, tier_in_words(view, duty.tier_code, book.language), duty.lead_org_id, None,
        duty.role_group, None, None, None, duty.required, duty.counted, duty.shortfall, f"{duty.expected:.6f}",
        book.say(f"status.{duty.status}"), duty.last_contact_on, None, duty.clause_ref, *NO_TARGET,
    )  # fmt: skip


def _target_rows(found: Today, book: Phrasebook) -> Iterator[Sequence[object]]:
    """The targets, each in the unit of its metric; due is the day that the target of the day is for."""
    for target in found.targets:
        everybody = target.employee_id in (EVERYBODY, NOBODY)
        role = "" if everybody else job_in_words(found.view, found.roles.get(target.employee_id, ""), book.language)
        yield (
            book.say("list.target"), found.day.on, None if everybody else target.employee_id, role, None,
            found.next_day.on, None, None, found.outlet.org_id, None, target.metric,
            metric_in_words(found.view, "org", target.metric, book.language), *(None for _ in range(10)),
            target.day, target.month, target.to_date, target.actual,
        )  # fmt: skip


def _actions_in_figures(found: OutletFigures, book: Phrasebook) -> Table:
    view, language = found.view, book.language
    outcomes = [one for one in OUTCOMES if any(figures.dropped.get(one) for figures in found.actions)]
    table = Table(title=book.say("figures.actions"))
    table.add_column(book.say("kind"))
    numbers = [book.say("listed"), book.say("customers")]
    numbers += [code_in_words(view, "action_outcome", one, language) for one in outcomes]
    for name in numbers:
        table.add_column(name, justify="right")
    for figures in found.actions:
        counts = (figures.listed, figures.customers, *(figures.dropped.get(one, 0) for one in outcomes))
        table.add_row(
            code_in_words(view, "action_kind", figures.action_kind, language), *(f"{count:,}" for count in counts)
        )
    return table


def _duties_in_figures(found: OutletFigures, book: Phrasebook) -> Table:
    table = Table(title=book.say("figures.duties"))
    table.add_column(book.say("who"), overflow="fold")
    for name in ("count", "met", "open", "missed", "excluded", "missing"):
        table.add_column(book.say(f"figures.{name}"), justify="right")
    for figures in found.duties:
        counts = (figures.duties, figures.met, figures.open, figures.missed, figures.excluded, figures.missing)
        who = role_group_in_words(found.view, figures.role_group, book.language)
        table.add_row(Text(who), *(f"{count:,}" for count in counts))
    return table


def _campaigns(found: OutletFigures, book: Phrasebook) -> Table:
    table = Table(title=book.say("figures.campaigns"))
    names = ("campaign", "organisation", "status", "ends_on", "targeted", "contacted", "converted", "lift", "plan")
    for name in names:
        table.add_column(book.say(name), justify="right" if name in ("targeted", "contacted", "converted") else "left")
    for one in found.campaigns:
        lift = (
            ""
            if one.lift_low is None
            else book.say(
                "interval", *(f"{share:.1%}" for share in (one.lift, one.lift_low, one.lift_high) if share is not None)
            )
        )
        table.add_row(
            one.campaign_id, one.org_id, code_in_words(found.view, "campaign_status", one.status, book.language),
            f"{one.ends_on}", f"{one.targeted:,}", f"{one.contacted:,}", f"{one.converted:,}", lift,
            one.missing_plan_fields or "",
        )  # fmt: skip
    return table


def _appraisals(found: OutletFigures, book: Phrasebook) -> Table:
    table = Table(title=book.say("figures.appraisals"))
    for name in ("year", "employee", "role", "status"):
        table.add_column(book.say(name))
    for one in found.appraisals:
        role = job_in_words(found.view, one.role, book.language)
        status = code_in_words(found.view, "appraisal_status", one.status, book.language)
        table.add_row(f"{one.year.year}", one.employee_id, role, status)
    return table


def _table(headings: Sequence[str], wide: str) -> Table:
    """A table without lines, in which the wide column takes what the others leave."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in headings:
        table.add_column(name, overflow="fold", ratio=1 if name == wide else None)
    return table
