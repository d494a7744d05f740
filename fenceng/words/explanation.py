"""What `fenceng explain` prints, in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from expectations.policy.evaluate import MeasureValue
from expectations.policy.model import CLAUSES, Row, Rule
from fenceng.analysis.explanation.facts import (
    Duty,
    Explanation,
    JudgedRule,
    JudgedScheme,
    Missed,
    MissedGroup,
    Step,
    Waiver,
)
from fenceng.words.care import CarePrinter
from fenceng.words.phrasebook import Language, Phrasebook, Printer
from fenceng.words.rules import measure_in_words, outcome_in_words, rule_in_words, value_in_words
from fenceng.words.sentences import role_group_in_words


def print_explanation(console: Console, found: Explanation, language: Language) -> None:
    """Print it in a language; every cell wraps, so nothing is cut at any width."""
    _ExplanationPrinter(console, found, language).everything()


class _ExplanationPrinter(Printer):
    """An explanation on a console, in one language."""

    def __init__(self, console: Console, found: Explanation, language: Language) -> None:
        super().__init__(console, Phrasebook("explanation", language))
        self.found = found
        self.language: Language = language
        self.view = found.view
        self.clauses: dict[str, None] = {}
        self.care = CarePrinter(console, found, language, self.clause)

    def everything(self) -> None:
        self.head()
        for scheme in self.found.schemes:
            self.scheme(scheme)
        self.better_tier()
        self.maintainer()
        self.care.actions()
        self.duties()
        self.care.known()
        self.watches()
        self.waivers()
        self.held_back()
        self.legend()

    # ---------------------------------------------------------------- words

    def clause(self, clause_ref: str) -> str:
        """A clause as quoted; quoted clauses are explained at the end."""
        clauses = clause_ref.split(CLAUSES)
        self.clauses |= dict.fromkeys(clauses)
        return self.book.pick(clause_ref, self.book.enumerated(clauses))

    def of_measure(self, measure_id: str, words: str) -> str:
        """A measure's name and the words after it."""
        return self.book.pick(f"{self.measure(measure_id)} {words}", f"{self.measure(measure_id)}：{words}")

    def day(self, day: date) -> str:
        return self.book.pick(f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日")

    def month(self, day: date) -> str:
        return self.book.pick(f"{day:%Y-%m}", f"{day.year}年{day.month}月")

    def measure(self, measure_id: str) -> str:
        return measure_in_words(self.view, measure_id, self.language)

    def outcome(self, scheme: str, tier_code: str | None) -> str:
        if tier_code is None:
            return self.say("no_outcome")
        return outcome_in_words(self.view, scheme, tier_code, self.language)

    def value(self, measure_id: str, value: MeasureValue) -> str:
        if isinstance(value, frozenset):
            routes = [value_in_words(self.view, measure_id, one, self.language) for one in sorted(value)]
            return self.book.enumerated(routes)
        return value_in_words(self.view, measure_id, value, self.language)

    def amount(self, measure_id: str, amount: Decimal) -> str:
        return value_in_words(self.view, measure_id, amount, self.language)

    def label(self, row: Row) -> str:
        return row.text(f"label_{self.language}")

    def tier_scheme(self) -> str:
        return next(one.scheme for one in self.found.schemes if one.purpose == "tier")

    # ---------------------------------------------------------------- head

    def head(self) -> None:
        found, tier = self.found, self.found.tier
        scheme = self.tier_scheme()
        self.line(f"{found.customer_id}  {self.outcome(scheme, tier['tier_code'])}", style="bold")
        kind = "kind.corporate" if found.customer_kind == "corporate" else found.customer_kind
        lead = " ".join(part for part in (found.lead_org_id, found.lead_org_name) if part)
        self.line(self.say("head", self.say(found.segment), self.say(kind), self.day(found.opened_on), lead))
        self.line(
            self.say(
                "month",
                self.month(found.policy_month),
                self.day(found.as_of),
                tier["policy_version"],
                found.release_id,
            )
        )
        self.console.print()
        since = "since" if found.since_is_exact else "at_least_since"
        sentences = [self.say(since, self.month(tier["tier_since"]))]
        if tier["tier_before"] is not None:
            sentences.append(self.say("before", self.outcome(scheme, tier["tier_before"])))
        sentences.append(self.say(tier["tier_movement"], self.outcome(scheme, tier["previous_tier_code"])))
        sentences.append(self.say("in_scope" if tier["is_in_scope"] else "out_of_scope"))
        if tier["flips"]:
            sentences.append(self.say("flips", tier["flips"]))
        self.line(self.book.joined(sentences))
        if found.held:
            self.line(
                self.say(
                    "held",
                    self.outcome(scheme, found.held.computed_tier_code),
                    found.held.months_below,
                    found.held.downgrade_after_months,
                    self.clause(found.held.clause_ref),
                )
            )
        own = found.for_purpose("tier")
        if own:
            self.marks(own)

    def marks(self, scheme: JudgedScheme, indent: int = 0) -> None:
        """Note that no source says so, if that holds for every rule that leads to the outcome."""
        if not (scheme.is_gap_fill or scheme.is_assumed):
            return
        mark = "gap" if scheme.is_gap_fill else "assumed"
        for rationale in dict.fromkeys(judged.rule.rationale for judged in scheme.winners):
            self.line(self.say(mark, rationale), indent, style="yellow")

    # ---------------------------------------------------------------- schemes

    def scheme(self, judged: JudgedScheme) -> None:
        row = self.view.schemes[judged.scheme].row
        outcome = self.outcome(judged.scheme, judged.tier_code)
        if judged.is_default and not judged.winners:
            outcome = self.say("default", outcome)
        basis = self.found.tier["size_basis"] if judged.purpose == "size" else None
        if basis:
            outcome = self.say("judged_by", outcome, self.measure(basis))
        self.title(self.label(row) + self.book.colon + outcome)
        if judged.purpose != "tier":
            self.marks(judged, 2)
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for one in (*judged.with_status("met"), *judged.with_status("exempted")):
            self.rule_row(table, one)
        for group in self.missed_together(judged.with_status("missed")):
            self.missed_row(table, group, basis)
        self.console.print(Padding(table, (0, 0, 0, 2)))

    def rule_row(self, table: Table, judged: JudgedRule) -> None:
        rule = judged.rule
        asks = rule_in_words(self.view, rule, self.language)
        has = self.book.listed(self.having(judged))
        more = []
        if judged.waiver:
            more += [self.say("would_miss" if judged.missed else "would_hold"), self.waiver(judged.waiver)]
        if judged.soft_missed and judged.status == "met":
            more.append(self.say("soft", self.book.listed(self.lacking(group, True) for group in judged.soft_missed)))
        self.row(
            table,
            "decides" if judged.is_winner else judged.status,
            [rule],
            [rule.clause_ref],
            self.book.listed([self.say("asks", asks), self.say("has", has), *more]),
        )

    def row(self, table: Table, status: str, rules: Sequence[Rule], clauses: Iterable[str], words: str) -> None:
        """Two lines per rule: its name, outcome and clause; what it requires, and what the customer has."""
        names = self.book.enumerated(rule.rule_id for rule in rules)
        outcomes = dict.fromkeys(self.outcome(rule.scheme, rule.tier_code) for rule in rules)
        quoted = self.book.enumerated(map(self.clause, dict.fromkeys(clauses)))
        head = self.say("rule", names, self.book.enumerated(outcomes), quoted)
        text = Text(head, style="" if status == "missed" else "bold")
        text.append(f"\n{words}", style="not bold")
        table.add_row(self.say(status), text)

    def having(self, judged: JudgedRule) -> list[str]:
        """The customer's values; with the measure's name unless the rule has only one."""
        return [
            self.value(name, value) if len(judged.values) == 1 else self.of_measure(name, self.value(name, value))
            for name, value in judged.values
        ]

    def missed_together(self, judged: Sequence[JudgedRule]) -> list[list[JudgedRule]]:
        """Group missed rules: categories of one measure and outcome, or rules on an unknown measure."""
        groups: dict[tuple[object, ...], list[JudgedRule]] = {}
        for one in judged:
            lacks = one.missed[0][0]
            name = lacks.condition.measure_id
            single = len(one.rule.conditions) == 1
            key: tuple[object, ...] = ("rule", one.rule.rule_id)
            if single and lacks.side == "unknown":
                key = ("unknown", name)
            elif single and lacks.condition.category:
                key = ("category", one.rule.tier_code, one.rule.route, name)
            groups.setdefault(key, []).append(one)
        return sorted(groups.values(), key=lambda group: group[0].missed[0][0].side == "unknown" and len(group) > 1)

    def missed_row(self, table: Table, group: Sequence[JudgedRule], basis: str | None) -> None:
        """Missed rules of one group; see missed_together."""
        rules = [one.rule for one in group]
        lacks = group[0].missed[0][0]
        name = lacks.condition.measure_id
        of_one_measure = len(group[0].values) == 1
        asks = rule_in_words(self.view, _together(rules), self.language)
        has = self.book.listed(self.lacking(missed, not of_one_measure) for missed in group[0].missed)
        words = self.book.listed([self.say("asks", asks), self.say("has", has)])
        held = self.found.held_back_of(name)
        if lacks.side == "unknown" and held and (len(group) > 1 or (of_one_measure and basis)):
            words = self.say("held_back_measure", self.measure(name), self.book.enumerated(held))
        elif lacks.side == "unknown" and of_one_measure and basis:
            words = self.say("not_basis", self.measure(name))
        elif lacks.side == "unknown" and len(group) > 1 and not lacks.condition.category:
            words = self.say("not_known_measure", self.measure(name))
        self.row(table, "missed", rules, [rule.clause_ref for rule in rules], words)

    def lacking(self, group: MissedGroup, with_name: bool) -> str:
        """What a condition number lacks: the value and its distance from the bound, for each alternative."""
        parts = dict.fromkeys(
            self.of_measure(lack.condition.measure_id, self.lack(lack)) if with_name else self.lack(lack)
            for lack in group
        )
        return " / ".join(parts)

    def lack(self, lack: Missed) -> str:
        name = lack.condition.measure_id
        if lack.side == "unknown":
            if held := self.found.held_back_of(name):
                return self.say("held_back", self.book.enumerated(held))
            is_number = self.view.measures[name].is_number
            return self.say("not_known" if is_number else "none_on_record")
        value = self.value(name, lack.value)
        if lack.side == "other":
            return value
        distance = self.say(lack.side, self.amount(name, lack.amount)) if lack.amount else self.say("on_bound")
        return value + self.book.comma + distance

    def waiver(self, waiver: Waiver) -> str:
        when = (
            self.say("from", self.day(waiver.valid_from))
            if waiver.valid_to is None
            else self.say("from_to", self.day(waiver.valid_from), self.day(waiver.valid_to))
        )
        return self.say(
            "waiver", waiver.exception_id, waiver.approver, waiver.reason, self.clause(waiver.clause_ref), when
        )

    # ---------------------------------------------------------------- what follows from it

    def better_tier(self) -> None:
        found = self.found
        scheme = self.tier_scheme()
        self.title(self.say("next"))
        step = found.next_tier
        if step is None:
            self.line(self.say("at_top"), 2)
        elif step.amount > 0:
            measure = self.measure(step.measure_id)
            amount = self.amount(step.measure_id, step.amount)
            outcome = self.outcome(scheme, step.tier_code)
            self.line(self.say("next_amount", outcome, amount, measure, step.rule.rule_id), 2)
        else:
            self.line(self.say("next_reached", self.outcome(scheme, step.tier_code), step.rule.rule_id), 2)
        for one in found.steps:
            self.step(scheme, one)

    def step(self, scheme: str, step: Step) -> None:
        head = self.say("leads_to", self.outcome(scheme, step.rule.tier_code), step.rule.rule_id)
        asks = rule_in_words(self.view, step.rule, self.language)
        lacks = self.book.listed(self.lacking(group, True) for group in step.missed)
        self.line(f"- {head}{self.book.colon}{asks}{self.book.in_brackets(lacks)}", 2)
        for opened in step.opened_by:
            asks = rule_in_words(self.view, opened.rule, self.language)
            if opened.missed:
                lacks = self.book.listed(self.lacking(group, True) for group in opened.missed)
                asks += self.book.in_brackets(lacks)
            self.line(self.say("opened_by", opened.rule.rule_id, asks), 6)

    def maintainer(self) -> None:
        self.title(self.say("maintainer"))
        columns = [
            ("recommended_role", "maintainer"),
            ("maintaining_department", "maintainer"),
            ("managing_level", "managing_level"),
        ]
        wanted = "recommended_role" if self.found.segment == "retail" else "maintaining_department"
        for column, purpose in columns:
            judged = self.found.for_purpose(purpose)
            if judged is None or (purpose == "maintainer" and column != wanted):
                continue
            if judged.tier_code is None:
                self.line(self.say(column, self.say("nobody")), 2)
                continue
            self.line(self.say(column, self.outcome(judged.scheme, judged.tier_code)), 2)
            for one in judged.winners:
                self.line(self.because(one.rule), 4)
        self.care.maintenance()

    def because(self, rule: Rule) -> str:
        asks = rule_in_words(self.view, rule, self.language)
        return self.say("because", rule.rule_id, asks, self.clause(rule.clause_ref))

    def duties(self) -> None:
        self.title(self.say("duties"))
        duties = self.found.duties
        if not duties:
            self.line(self.say("no_duties"), 2)
            return
        for basis, tier_code in dict.fromkeys((duty.basis, duty.tier_code) for duty in duties):
            self.line(self.say(f"basis.{basis}", self.outcome(self.tier_scheme(), tier_code)), 2)
        names = ("who", "required", "counted", "status", "last", "clause")
        table = _table(*(self.say(name) for name in names))
        for duty in duties:
            table.add_row(
                Text(role_group_in_words(self.view, duty.role_group, self.language)),
                str(duty.required_contacts),
                str(duty.counted_contacts),
                Text(self.status(duty)),
                self.day(duty.last_contact_on) if duty.last_contact_on else self.say("never"),
                Text(self.clause(duty.clause_ref)),
            )
        self.console.print(Padding(table, (0, 0, 0, 2)))

    def status(self, duty: Duty) -> str:
        words = self.say(f"status.{duty.status}")
        if duty.exclusion_reason:
            why = self.waiver(duty.waiver) if duty.waiver else self.say(duty.exclusion_reason)
            return self.book.listed([words, why])
        return self.book.listed([words, self.say("shortfall", duty.shortfall)]) if duty.shortfall else words

    def watches(self) -> None:
        if not self.found.watches:
            return
        self.title(self.say("watch"))
        for watch in self.found.watches:
            phrase = f"watch.{watch.direction}"
            if watch.amount < 0:
                phrase = "watch.held"
            amounts = (self.amount(watch.measure_id, one) for one in (watch.observed_value, abs(watch.amount)))
            measure = self.measure(watch.measure_id)
            self.line(self.say(phrase, measure, *amounts, self.amount(watch.measure_id, watch.bound)), 2)

    def waivers(self) -> None:
        if not self.found.waivers:
            return
        self.title(self.say("waivers"))
        for waiver in self.found.waivers:
            self.line(f"{waiver.rule_id}{self.book.colon}{self.waiver(waiver)}", 2)

    def held_back(self) -> None:
        if not self.found.held_back:
            return
        self.title(self.say("held_back_rows"))
        for held in self.found.held_back:
            words = self.say("held_back_rule", held.rule_id, held.rows)
            if measures := self.found.measures_of(held):
                words = self.say("held_back_from", words, self.book.enumerated(map(self.measure, measures)))
            self.line(words, 2)

    def legend(self) -> None:
        """The quoted clauses in the policy's own summaries."""
        titles = {row.text("document_id"): row.text(f"title_{self.language}") for row in self.rows("policy_document")}
        articles = {row.text("clause_ref"): row for row in self.rows("policy_article")}
        self.title(self.say("clauses"))
        for clause in sorted(self.clauses):
            row = articles.get(clause)
            document = titles.get(row.text("document_id"), "") if row else ""
            summary = row.text(f"summary_{self.language}") if row else ""
            self.line(clause + self.book.colon + self.book.colon.join(part for part in (document, summary) if part), 2)

    def rows(self, family: str) -> Sequence[Row]:
        return self.view.rows.get(family, ())


def _together(rules: Sequence[Rule]) -> Rule:
    """Merge rules on one category each into one rule of alternatives."""
    if len(rules) == 1:
        return rules[0]
    return replace(rules[0], hard=(tuple(rule.conditions[0] for rule in rules),), soft=())


def _table(*columns: str) -> Table:
    """A table without lines whose cells wrap at the available width."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
