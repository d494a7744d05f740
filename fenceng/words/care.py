"""What `fenceng explain` says of who maintains a customer, what is due, and what else is known of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from fenceng.analysis.explanation.care import Care, Maintenance, Row
from fenceng.analysis.explanation.facts import Explanation
from fenceng.words.actions import action_in_words, day_in_words, money_in_words
from fenceng.words.phrasebook import Language, Phrasebook, Printer
from fenceng.words.rules import measure_in_words
from fenceng.words.sentences import code_in_words, job_in_words

_CHANNELS = ("is_new_corporate", "is_institution", "is_borrower")
_WINDOWS = ("3m", "6m", "12m")


class CarePrinter(Printer):
    """The newer marts' part of an explanation, in one language; it prints nothing of an older month."""

    def __init__(self, console: Console, found: Explanation, language: Language, clause: Callable[[str], str]) -> None:
        """clause: words for a clause, which it notes for the list at the end."""
        super().__init__(console, Phrasebook("care", language))
        self.found = found
        self.view = found.view
        self.language: Language = language
        self.clause = clause

    # ---------------------------------------------------------------- words

    def _code(self, vocabulary: str, code: str) -> str:
        return code_in_words(self.view, vocabulary, code, self.language)

    def _money(self, amount: Decimal | None) -> str:
        return self.say("not_known") if amount is None else money_in_words(amount, self.language)

    def _held(self, part: str) -> str:
        """A sentence on quarantined rows behind a part; empty without any."""
        rules = self.found.held_back_in(part)
        return self.say("held", self.book.enumerated(rules)) if rules else ""

    def _sentences(self, *parts: str, indent: int = 2) -> None:
        """A paragraph of the parts that are not empty."""
        if text := self.book.joined(part for part in parts if part):
            self.line(text, indent)

    # ---------------------------------------------------------------- who maintains

    def maintenance(self) -> None:
        """Who maintains the customer and why; to follow the recommended role."""
        care = self.found.care
        if care is None:
            self.line(self.say("older", f"{self.found.as_of}"), 2)
            return
        found = care.maintenance
        if found is None:
            self._sentences(self._held("maintainer"))
            return
        row, load = found.row, found.load
        self._sentences(self._because(found), self._held("maintainer"))
        if load:
            status = self._code("load_status", load["load_status"])
            bounds = (f"{load['load_floor']:,}", f"{load['load_cap']:,}")
            self.line(self.say("load", f"{load['assigned_customers']:,}", *bounds, status), 4)
        if row["is_role_mismatch"]:
            self.line(self.say("mismatch"), 4)
        if row["choice_pending_since"]:
            since = row["choice_pending_since"]
            self.line(self.say("pending", self.book.pick(f"{since:%Y-%m}", f"{since.year}年{since.month}月")), 4)
        if row["pool_org_id"]:
            pool = " ".join(part for part in (row["pool_org_id"], found.pool_name) if part)
            self.line(self.say("pool", pool, found.pool_people), 2)
        others = ("credit", "beside", "specialist")
        named = [(name, row[f"{name}_employee_id"]) for name in others if row[f"{name}_employee_id"]]
        self._sentences(*(self.say(name, self._person(found, employee)) for name, employee in named))

    def _because(self, found: Maintenance) -> str:
        row = found.row
        basis, employee = row["assignment_basis"], row["employee_id"]
        if employee is None:
            return self.say("unassigned.pool_full" if row["pool_org_id"] else "unassigned.no_people")
        return self.say("allocated.kept" if found.is_kept else basis, self._person(found, employee))

    def _person(self, found: Maintenance, employee: str) -> str:
        role = found.roles.get(employee)
        return self.say("person", employee, job_in_words(self.view, role, self.language)) if role else employee

    # ---------------------------------------------------------------- what is due

    def actions(self) -> None:
        """The customer's actions of the newest date."""
        care = self.found.care
        if care is None or care.actions is None:
            return
        self.title(self.say("due", day_in_words(self.found.as_of, self.language)))
        if not care.actions:
            self.line(self.say("nothing_due"), 2)
            return
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("priority", "due_on", "purpose", "what", "employee", "rule", "clause"):
            table.add_column(self.say(name), overflow="fold")
        for action in care.actions:
            table.add_row(
                str(action.priority),
                day_in_words(action.due_on, self.language),
                self._code("action_category", action.category),
                Text(action_in_words(self.view, action, self.language)),
                action.employee_id or self.say("nobody"),
                action.rule_id,
                Text(self.clause(action.clause_ref)),
            )
        self.console.print(Padding(table, (0, 0, 0, 2)))

    # ---------------------------------------------------------------- what else is known

    def known(self) -> None:
        """The row of the customer view in a few lines."""
        care = self.found.care
        if care is None:
            return
        known = care.known
        self.title(self.say("known"))
        self._sentences(self._channels(known))
        self._sentences(self._holdings(care), self._held("holdings"))
        self._sentences(self.say("services", known["service_depth"]), self._held("services"))
        self._sentences(*self._contribution(known), self._held("contribution"))
        self._sentences(*self._trend(known))
        self._sentences(*self._contacts(known), self._held("contact"))
        completeness = f"{float(known['profile_completeness']):.0%}"
        confidence = self._code("data_confidence", known["data_confidence"])
        self._sentences(self.say("star", known["region_star"]))
        self._sentences(self.say("profile", completeness, confidence), self._held("profile"))
        if known["red_list_reason"]:
            since, reason = known["red_list_since"], self._code("red_list_reason", known["red_list_reason"])
            since = self.book.pick(f"{since:%Y-%m}", f"{since.year}年{since.month}月")
            self._sentences(self.say("red_list", since, reason))
        if self.found.segment == "corporate":
            self._sentences(self._statement(known), self._held("statement"))
        self._sentences(self._links(known), self._held("links"))

    def _channels(self, known: Row) -> str:
        names = [self.say(name) for name in _CHANNELS if known[name]]
        return self.say("channels", self.book.enumerated(names)) if names else ""

    def _holdings(self, care: Care) -> str:
        if not care.holdings:
            return self.say("holdings.none")
        parts = []
        for row in care.holdings:
            label = self._code("product_kind", row["product_kind"])
            if row["balance"] is None:
                parts.append(self.say("holding.count", label, row["items"]))
            else:
                parts.append(self.say("holding.amount", label, self._money(row["balance"]), row["items"]))
        return self.say("holdings", self.book.enumerated(parts), care.known["product_depth"])

    def _contribution(self, known: Row) -> list[str]:
        found = []
        for phrase, column in (("revenue", "revenue"), ("capital_return", "economic_capital_return")):
            amounts = [known[f"{column}_{window}"] for window in _WINDOWS]
            if any(amount is not None for amount in amounts):
                found.append(self.say(phrase, self.book.pick(" / ", "、").join(map(self._money, amounts))))
        return found or [self.say("no_contribution")]

    def _trend(self, known: Row) -> list[str]:
        """How the own measure compares with that of some months before; nothing if that is not known."""
        share = known["drop_share"]
        found = [self.say("churned")] if known["is_churned"] else []
        if share:
            own = next(s for s in self.view.schemes.values() if s.segment == self.found.segment and s.purpose == "tier")
            measure = measure_in_words(self.view, own.own_measure_id, self.language)
            months = f"{self.view.parameter('churn_window_months') or 0:f}"
            found.insert(0, self.say("lower" if share > 0 else "higher", measure, f"{abs(share):.1%}", months))
        return found

    def _contacts(self, known: Row) -> list[str]:
        last, high = known["last_contact_on"], known["high_level_visits"]
        found = [self.say("contact", day_in_words(last, self.language)) if last else self.say("no_contact")]
        return found if high is None else [*found, self.say("high_level", high)]

    def _statement(self, known: Row) -> str:
        end = known["statement_period_end"]
        if end is None:
            return self.say("statement.none")
        return self.say(
            "statement.stale" if known["is_statement_stale"] else "statement", day_in_words(end, self.language)
        )

    def _links(self, known: Row) -> str:
        if not known["linked_customers"]:
            return ""
        amounts = (self._money(known["linked_financial_assets"]), self._money(known["linked_loan_balance"]))
        return self.say("links", f"{known['linked_customers']:,}", *amounts)
