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

from expectations.policy.evaluate import Value
from expectations.policy.model import CLAUSES, Row, Rule
from expectations.policy.wording import measure_in_words, outcome_in_words, rule_in_words, value_in_words
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
from fenceng.analysis.policy_diff.changes import role_group_in_words
from fenceng.options import Lang

# Each phrase in English and Chinese; {} are filled in the same order in both.
_PHRASES = {
    "head": ("{} customer ({}), opened {}, led by {}", "{}客户({}),{}开户,牵头网点 {}"),
    "month": ("{} as of {}, {}, release {}", "{}(截至{}),{},发布 {}"),
    "retail": ("Retail", "个人"),
    "corporate": ("Corporate", "公司"),
    "personal": ("personal", "个人"),
    "sole_proprietor": ("sole proprietor", "个体工商户"),
    "kind.corporate": ("company", "企业"),
    "institution": ("institution", "机构"),
    "since": ("Since {}.", "自{}起。"),
    "at_least_since": (
        "At least since {}: the month before it is not published.",
        "至少自{}起:更早的月份没有发布。",
    ),
    "before": ("Before that {}.", "此前为{}。"),
    "new": ("New: the month before has no tier of his.", "新客户:上月没有层级。"),
    "up": ("Up from {} of the month before.", "由上月的{}上升。"),
    "down": ("Down from {} of the month before.", "由上月的{}下降。"),
    "same": ("The same as in the month before.", "与上月相同。"),
    "in_scope": ("In the scope of care.", "属于维护对象。"),
    "out_of_scope": ("Not in the scope of care.", "不属于维护对象。"),
    "flips": ("Returned to the tier before the last one {} times so far.", "迄今反复 {} 次(退回上上次的层级)。"),
    "held": (
        "Held: the measures alone give {}. They have lain below for {} months in a row; the tier goes after {} ({}).",
        "保留:按指标应为{};已连续 {} 个月低于标准,满 {} 个月后降级({})。",
    ),
    "gap": ("No source says so; the rule fills a gap: {}", "原文没有规定,由本规则补缺。理由(原记录):{}"),
    "assumed": ("No source says so; the rule is our reading: {}", "原文没有明确规定,为本项目的解读。理由(原记录):{}"),
    "no_outcome": ("none", "无"),
    "default": ("{} (by default: no rule leads elsewhere)", "{}(默认:没有规则给出其他结果)"),
    "judged_by": ("{} (judged by {})", "{}(按{}判定)"),
    "rule": ("{} -> {} ({})", "{} -> {}({})"),
    "asks": ("asks for {}", "要求:{}"),
    "has": ("has {}", "客户情况:{}"),
    "clause": ("clause", "条款"),
    "met": ("met", "符合"),
    "decides": ("decides", "决定"),
    "missed": ("missed", "不符合"),
    "exempted": ("exempted", "豁免"),
    "below": ("short by {}", "差 {}"),
    "above": ("over by {}", "超出 {}"),
    "on_bound": ("on the bound, which is not included", "恰在界限上,而界限不含在内"),
    "soft": ("in principle also: {}", "原则上还要求:{}"),
    "waiver": ("exception {} by {}: {} ({}, {})", "豁免 {},批准人 {},理由:{}({},{})"),
    "from": ("from {}", "自{}起"),
    "from_to": ("from {} to below {}", "自{}起至{}(不含)"),
    "would_hold": ("it would hold otherwise", "否则符合"),
    "would_miss": ("it would not hold anyway", "即使不豁免也不符合"),
    "not_basis": ("by {}, which the size of this customer is not judged by", "按{},此客户的规模不按此判定"),
    "not_known_measure": ("by {}, which is not known of this customer", "按{},此客户的该项未知"),
    "not_known": ("not known", "未知"),
    "none_on_record": ("none on record", "无记录"),
    "held_back": ("delivered, but held back ({})", "已交付,但被隔离({})"),
    "held_back_measure": ("by {}, which was delivered but held back ({})", "按{},该项已交付,但被隔离({})"),
    "held_back_rows": ("Delivered for this customer and held back", "此客户被隔离的交付数据"),
    "held_back_rule": ("rows under {}: {}", "规则 {}:{} 行"),
    "next": ("What a better tier would take", "升级需要什么"),
    "next_amount": ("{0} needs {1} more of {2} (rule {3}).", "距{0}还差{1}的{2}(规则 {3})。"),
    "next_reached": (
        "{}: the amount of rule {} is reached, and the rule does not count for this customer.",
        "{}:规则 {} 的金额已达到,但该规则对此客户不适用。",
    ),
    "at_top": ("No better tier can be reached by an amount.", "没有可凭金额达到的更高层级。"),
    "leads_to": ("{} by {}", "{},规则 {}"),
    "opened_by": ("opened by {}: {}", "可由 {} 打开:{}"),
    "maintainer": ("Who maintains", "由谁维护"),
    "recommended_role": ("Recommended role: {}", "推荐维护人:{}"),
    "maintaining_department": ("Maintaining department besides the outlet: {}", "网点之外的维护部门:{}"),
    "managing_level": ("Managing level: {}", "管理层级:{}"),
    "because": ("because of {}: {} ({})", "依据规则 {}:{}({})"),
    "nobody": ("nobody is named for this customer", "对此客户没有规定"),
    "duties": ("Duties of the month", "本月拜访职责"),
    "no_duties": ("No duties.", "没有拜访职责。"),
    "who": ("who", "责任岗位"),
    "required": ("required", "应访"),
    "counted": ("counted", "已计"),
    "status": ("status", "状态"),
    "last": ("last contact", "最近联系"),
    "never": ("none", "无"),
    "status.met": ("met", "已完成"),
    "status.open": ("open", "进行中"),
    "status.missed": ("missed", "未完成"),
    "status.excluded": ("excluded", "免除"),
    "first_partial_month": ("opened in the course of the period", "期间内新开户"),
    "exception": ("an exception", "有豁免"),
    "shortfall": ("{} still missing", "还差 {} 次"),
    "basis.previous_month": ("They rest on the class of the month before: {}.", "以上月的类别为准:{}。"),
    "basis.current": (
        "They rest on the current class, since the month before has none: {}.",
        "上月没有类别,以当前类别为准:{}。",
    ),
    "watch": ("Near a bound", "临近界限"),
    "watch.up": (
        "Near the next tier: {} of {}, {} below the bound of {}.",
        "临近上一层级:{0}为{1},距界限{3}还差{2}。",
    ),
    "watch.down": (
        "Near the entry of the own tier: {} of {}, {} above the bound of {}.",
        "临近本层级下限:{0}为{1},比界限{3}高{2}。",
    ),
    "watch.held": (
        "Below the entry of the tier that is held: {} of {}, {} below the bound of {}.",
        "低于所保留层级的下限:{0}为{1},比界限{3}低{2}。",
    ),
    "waivers": ("Exceptions that cover this customer", "涉及此客户的豁免"),
    "clauses": ("Clauses", "所引条款"),
}  # fmt: skip


def print_explanation(console: Console, found: Explanation, lang: Lang) -> None:
    """Print it in a language; every cell wraps, so that nothing is cut at any width."""
    _Printer(console, found, lang).everything()


class _Printer:
    """An explanation on a console, in one language."""

    def __init__(self, console: Console, found: Explanation, lang: Lang) -> None:
        self.console = console
        self.found = found
        self.lang = lang
        self.view = found.view
        self.clauses: dict[str, None] = {}

    def everything(self) -> None:
        self.head()
        for scheme in self.found.schemes:
            self.scheme(scheme)
        self.better_tier()
        self.maintainer()
        self.duties()
        self.watches()
        self.waivers()
        self.held_back()
        self.legend()

    # ---------------------------------------------------------------- words

    def say(self, phrase: str, *values: object) -> str:
        """A phrase of the table, filled; an unknown one is a mistake of ours and fails."""
        return _PHRASES[phrase][0 if self.lang is Lang.EN else 1].format(*values)

    def line(self, text: str, indent: int = 0, style: str = "") -> None:
        """A paragraph; Text keeps brackets of policy texts from being read as markup."""
        self.console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))

    def title(self, text: str) -> None:
        self.console.print()
        self.line(text, style="bold")

    def clause(self, clause_ref: str) -> str:
        """A clause as it is quoted; what is quoted is explained at the end."""
        self.clauses |= dict.fromkeys(clause_ref.split(CLAUSES))
        return clause_ref

    def day(self, day: date) -> str:
        return f"{day:%Y-%m-%d}" if self.lang is Lang.EN else f"{day.year}年{day.month}月{day.day}日"

    def month(self, day: date) -> str:
        return f"{day:%Y-%m}" if self.lang is Lang.EN else f"{day.year}年{day.month}月"

    def join(self, sentences: Iterable[str]) -> str:
        return (" " if self.lang is Lang.EN else "").join(sentences)

    def enumerated(self, items: Iterable[str]) -> str:
        return (", " if self.lang is Lang.EN else "、").join(items)

    @property
    def colon(self) -> str:
        return ": " if self.lang is Lang.EN else ":"

    def measure(self, measure_id: str) -> str:
        return measure_in_words(self.view, measure_id, self.lang.value)

    def listed(self, items: Iterable[str]) -> str:
        return ("; " if self.lang is Lang.EN else ";").join(items)

    def outcome(self, scheme: str, tier_code: str | None) -> str:
        if tier_code is None:
            return self.say("no_outcome")
        return outcome_in_words(self.view, scheme, tier_code, self.lang.value)

    def value(self, measure_id: str, value: Value) -> str:
        if isinstance(value, frozenset):
            routes = [value_in_words(self.view, measure_id, one, self.lang.value) for one in sorted(value)]
            return self.enumerated(routes)
        return value_in_words(self.view, measure_id, value, self.lang.value)

    def amount(self, measure_id: str, amount: Decimal) -> str:
        return value_in_words(self.view, measure_id, amount, self.lang.value)

    def label(self, row: Row) -> str:
        return row.text(f"label_{self.lang.value}")

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
        self.line(self.join(sentences))
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
        """What no source says, in words; said of an outcome only where every rule that leads to it is so."""
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
        self.title(self.label(row) + self.colon + outcome)
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
        asks = rule_in_words(self.view, rule, self.lang.value)
        has = self.listed(self.having(judged))
        more = []
        if judged.waiver:
            more += [self.say("would_miss" if judged.missed else "would_hold"), self.waiver(judged.waiver)]
        if judged.soft_missed and judged.status == "met":
            more.append(self.say("soft", self.listed(self.lacking(group, True) for group in judged.soft_missed)))
        self.row(
            table,
            "decides" if judged.is_winner else judged.status,
            [rule],
            [rule.clause_ref],
            self.listed([self.say("asks", asks), self.say("has", has), *more]),
        )

    def row(self, table: Table, status: str, rules: Sequence[Rule], clauses: Iterable[str], words: str) -> None:
        """Two lines a rule: which, to what and by which clause; what it asks for, and what the customer has."""
        names = self.enumerated(rule.rule_id for rule in rules)
        outcomes = dict.fromkeys(self.outcome(rule.scheme, rule.tier_code) for rule in rules)
        quoted = self.enumerated(map(self.clause, dict.fromkeys(clauses)))
        head = self.say("rule", names, self.enumerated(outcomes), quoted)
        text = Text(head, style="" if status == "missed" else "bold")
        text.append(f"\n{words}", style="not bold")
        table.add_row(self.say(status), text)

    def having(self, judged: JudgedRule) -> list[str]:
        """The customer's values; of a rule of one measure the rule itself says which."""
        return [
            self.value(name, value) if len(judged.values) == 1 else f"{self.measure(name)} {self.value(name, value)}"
            for name, value in judged.values
        ]

    def missed_together(self, judged: Sequence[JudgedRule]) -> list[list[JudgedRule]]:
        """Missed rules that are read as one: categories of one measure with one outcome, and what is not known."""
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
        asks = rule_in_words(self.view, _together(rules), self.lang.value)
        has = self.listed(self.lacking(missed, not of_one_measure) for missed in group[0].missed)
        words = self.listed([self.say("asks", asks), self.say("has", has)])
        held = self.found.held_back_of(name)
        if lacks.side == "unknown" and held and (len(group) > 1 or (of_one_measure and basis)):
            words = self.say("held_back_measure", self.measure(name), self.enumerated(held))
        elif lacks.side == "unknown" and of_one_measure and basis:
            words = self.say("not_basis", self.measure(name))
        elif lacks.side == "unknown" and len(group) > 1 and not lacks.condition.category:
            words = self.say("not_known_measure", self.measure(name))
        self.row(table, "missed", rules, [rule.clause_ref for rule in rules], words)

    def lacking(self, group: MissedGroup, with_name: bool) -> str:
        """What a condition number lacks: the value, and how far it lies from the bound; alternatives apart."""
        parts = dict.fromkeys(
            f"{self.measure(lack.condition.measure_id)} {self.lack(lack)}" if with_name else self.lack(lack)
            for lack in group
        )
        return " / ".join(parts)

    def lack(self, lack: Missed) -> str:
        name = lack.condition.measure_id
        if lack.side == "unknown":
            if held := self.found.held_back_of(name):
                return self.say("held_back", self.enumerated(held))
            is_number = self.view.measures[name].is_number
            return self.say("not_known" if is_number else "none_on_record")
        value = self.value(name, lack.value)
        if lack.side == "other":
            return value
        distance = self.say(lack.side, self.amount(name, lack.amount)) if lack.amount else self.say("on_bound")
        return f"{value}, {distance}" if self.lang is Lang.EN else f"{value},{distance}"

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
        asks = rule_in_words(self.view, step.rule, self.lang.value)
        lacks = self.listed(self.lacking(group, True) for group in step.missed)
        self.line(f"- {head}{self.colon}{asks} ({lacks})", 2)
        for opened in step.opened_by:
            asks = rule_in_words(self.view, opened.rule, self.lang.value)
            if opened.missed:
                asks += f" ({self.listed(self.lacking(group, True) for group in opened.missed)})"
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

    def because(self, rule: Rule) -> str:
        asks = rule_in_words(self.view, rule, self.lang.value)
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
                Text(role_group_in_words(self.view, duty.role_group, self.lang.value)),
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
            return self.listed([words, why])
        return self.listed([words, self.say("shortfall", duty.shortfall)]) if duty.shortfall else words

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
            self.line(f"{waiver.rule_id}{self.colon}{self.waiver(waiver)}", 2)

    def held_back(self) -> None:
        if not self.found.held_back:
            return
        self.title(self.say("held_back_rows"))
        for held in self.found.held_back:
            self.line(self.say("held_back_rule", held.rule_id, held.rows), 2)

    def legend(self) -> None:
        """What the quoted clauses say, by the policy's own summaries."""
        titles = {row.text("document_id"): row.text(f"title_{self.lang.value}") for row in self.rows("policy_document")}
        articles = {row.text("clause_ref"): row for row in self.rows("policy_article")}
        self.title(self.say("clauses"))
        for clause in sorted(self.clauses):
            row = articles.get(clause)
            document = titles.get(row.text("document_id"), "") if row else ""
            summary = row.text(f"summary_{self.lang.value}") if row else ""
            self.line(clause + self.colon + self.colon.join(part for part in (document, summary) if part), 2)

    def rows(self, family: str) -> Sequence[Row]:
        return self.view.rows.get(family, ())


def _together(rules: Sequence[Rule]) -> Rule:
    """Rules of one category each as one rule of alternatives; a rule by itself is itself."""
    if len(rules) == 1:
        return rules[0]
    return replace(rules[0], hard=(tuple(rule.conditions[0] for rule in rules),), soft=())


def _table(*columns: str) -> Table:
    """A table without lines whose cells fold at the width that there is."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
