"""A row or rule of the policy in one sentence, English or Chinese."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache

from expectations.policy.checks.figures import OPERANDS, RATIO
from expectations.policy.checks.maintenance import VALUE_LISTS
from expectations.policy.checks.results import ANY
from expectations.policy.checks.visits import BURST
from expectations.policy.model import RULE_FAMILIES, InForce, Row
from expectations.policy.sheets import CellValue
from expectations.policy.wording import plain
from fenceng.words.phrasebook import Language, Phrasebook
from fenceng.words.rules import measure_in_words, outcome_in_words, rule_in_words, yuan

# Columns left out of sentences: validity, source and reason are printed elsewhere.
_UNSAID = frozenset({"valid_from", "valid_to", "scenario", "clause_ref", "basis", "is_gap_fill", "rationale"})


def sentence(view: InForce, family: str, rows: Sequence[Row], language: Language = "en") -> str:
    """A rule or row in one sentence: conditions or values, then the clause, and whether a source says so.

    view: the rows' policy, for its labels. A family unknown to this module is read column by column.
    """
    if not rows:
        return ""
    words = _Words(view, language)
    says = _Words.of_rule if family in RULE_FAMILIES else _SENTENCES.get(family, _Words.column_by_column)
    return says(words, rows[0]) + words.provenance(rows[0])


def cell_in_words(value: CellValue, language: Language = "en") -> str:
    """A value of a row: a code, a number with separators, yes or no, none."""
    book = _book(language)
    if value is None or value == "":
        return book.say("empty")
    if isinstance(value, bool):
        return book.say("yes" if value else "no")
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    return str(value)


def role_group_in_words(view: InForce, role_group: str, language: Language = "en") -> str:
    """A role group by its job titles; the policy labels roles, not groups."""
    titles = [
        row.text(f"job_title_{language}")
        for row in view.rows["policy_role"]
        if row.text("role_group") == role_group and row.text(f"job_title_{language}")
    ]
    return _book(language).say("or").join(titles) or role_group


def code_in_words(view: InForce, vocabulary: str, code: str, language: Language) -> str:
    """The label of a code (`ref_category`), or the code if no row labels it."""
    return _Words(view, language).code(vocabulary, code)


def tier_in_words(view: InForce, tier_code: str, language: Language) -> str:
    """A tier or class by its label, whatever its scheme."""
    return _Words(view, language).tier_of_any(tier_code)


def job_in_words(view: InForce, role: str, language: Language) -> str:
    """The job title of a role, or the role if no row labels it."""
    return _Words(view, language).job(role)


def metric_in_words(view: InForce, subject_kind: str, metric: str, language: Language) -> str:
    """The name of a metric, or its code if no row labels it."""
    return _Words(view, language).metric(subject_kind, metric)


@cache
def _book(language: Language) -> Phrasebook:
    return Phrasebook("sentences", language)


class _Words:
    """The sentences of one policy in one language, a method per family."""

    def __init__(self, view: InForce, language: Language) -> None:
        self.view = view
        self.language: Language = language
        self.book = _book(language)
        self.say = self.book.say

    # ---------------------------------------------------------------- parts

    def provenance(self, row: Row) -> str:
        """The clause, and whether the row is assumed or fills a gap."""
        parts = [row.text("clause_ref")] if "basis" in row.values and row.text("clause_ref") else []
        parts += [self.say("assumed")] if row.text("basis") == "assumed" else []
        parts += [self.say("gap")] if row.flag("is_gap_fill") else []
        return self.say("provenance", self.book.comma.join(parts)) if parts else ""

    def code(self, vocabulary: str, code: str) -> str:
        """The label of a code (`ref_category`), or the code if no row labels it."""
        labels = self.view.policy.labels.get(vocabulary, {})
        if code in labels:
            return self.book.pick(*labels[code])
        return self.book.pick(code.replace("_", " "), code)

    def label(self, row: Row, column: str = "label") -> str:
        return row.text(f"{column}_{self.language}")

    def scheme(self, row: Row) -> str:
        scheme = self.view.schemes.get(row.text("scheme"))
        return self.label(scheme.row) if scheme else row.text("scheme")

    def measure(self, measure_id: str) -> str:
        known = measure_id in self.view.measures
        return measure_in_words(self.view, measure_id, self.language) if known else measure_id

    def tier_of_any(self, tier_code: str) -> str:
        """A tier that a row names without its scheme, looked up in the schemes that decide a tier."""
        for scheme in self.view.schemes.values():
            if scheme.purpose == "tier" and tier_code in self.view.tiers.get(scheme.scheme, {}):
                return outcome_in_words(self.view, scheme.scheme, tier_code, self.language)
        return tier_code

    def job(self, role: str) -> str:
        rows = self.view.rows["policy_role"]
        return next((self.label(row, "job_title") for row in rows if row.text("role") == role), role)

    # ---------------------------------------------------------------- sentences

    def of_rule(self, row: Row) -> str:
        rule = self.view.all_rules[row.text("rule_id")]
        return self.say(
            "rule",
            scheme=self.scheme(row),
            outcome=outcome_in_words(self.view, rule.scheme, rule.tier_code, self.language),
            asks=rule_in_words(self.view, rule, self.language),
        )

    def of_visit(self, row: Row) -> str:
        contacts, months = int(row.number("contacts_per_period") or 0), int(row.number("period_months") or 0)
        words = self.say(
            "visit",
            who=role_group_in_words(self.view, row.text("role_group"), self.language),
            whom=self.tier_of_any(row.text("tier_code")),
            number=contacts,
            contacts=self.say("visit.contact" if contacts == 1 else "visit.contacts", contacts),
            period=self.say("visit.month" if months == 1 else "visit.months", months),
        )
        if row.flag("requires_co_managed"):
            unknown = row.flag("co_managed_when_unknown")
            words += self.say("visit.co_managed" if unknown else "visit.co_managed_if_known")
        return words

    def of_component(self, row: Row) -> str:
        return self.say(
            "component",
            measure=self.measure(row.text("measure_id")),
            component=self.code(f"{row.text('source_table')}.product_type", row.text("component")),
            weight=_share(row.number("weight")),
            basis=self.say("component.point" if row.text("balance_basis") == "point" else "component.average"),
        )

    def of_status(self, row: Row) -> str:
        table = self.code("table", row.text("table_name"))
        return self.say(
            "status",
            table=table,
            article="an" if table[0] in "aeiou" else "a",
            status=self.code(f"{row.text('table_name')}.status", row.text("status")),
        )

    def of_card_spend(self, row: Row) -> str:
        return self.say(
            "card_spend.added" if (row.number("sign") or 0) > 0 else "card_spend.taken",
            kind=self.code("card.card_kind", row.text("card_kind")),
            what=self.code("card_transaction.transaction_kind", row.text("transaction_kind")),
        )

    def of_segment(self, row: Row) -> str:
        kind = self.code("customer.customer_kind", row.text("customer_kind"))
        if institution := row.text("institution_type"):
            label = self.code("corporate_profile.institution_type", institution)
            kind = self.say("segment.institution", kind=kind, institution=label)
        words = self.say("segment", kind=kind, segment=self.code("segment", row.text("segment")))
        if row.text("size_group"):
            words += self.say("segment.size", group=self.code("size_group", row.text("size_group")))
        return words

    def of_size_basis(self, row: Row) -> str:
        words = self.say(
            "size_basis",
            group=self.code("size_group", row.text("size_group")),
            credit=self.say("size_basis.with" if row.flag("credit_customer") else "size_basis.without"),
            rank=_number(row, "preference"),
            measure=self.measure(row.text("size_basis")),
        )
        return words + (self.say("size_basis.unknown") if row.flag("is_named_when_unknown") else "")

    def of_statement(self, row: Row) -> str:
        young = row.flag("is_established_this_year")
        return self.say(
            "statement",
            kind=self.code("financial_statement.report_kind", row.text("report_kind")),
            founded=self.say("statement.this_year" if young else "statement.before"),
        )

    def of_role(self, row: Row) -> str:
        title, group = self.label(row, "job_title") or row.text("role"), row.text("role_group")
        words = self.say("role" if group else "role.none", title=title, group=group)
        if sequence := row.text("staff_sequence"):
            words += self.say("role.sequence", self.code("staff_sequence", sequence))
        return words

    def of_channel(self, row: Row) -> str:
        return self.say("channel", channel=self.code("visit.channel", row.text("channel")))

    def of_department(self, row: Row) -> str:
        return self.say("department", level=self.code("organization.org_level", row.text("org_level")))

    def of_limit(self, row: Row) -> str:
        limit = row.number("amount_limit") or Decimal(0)
        column = f"{row.text('table_name')}.{row.text('column_name')}"
        return self.say("limit", column=column, limit=plain(limit), yuan=yuan(limit))

    def of_parameter(self, row: Row) -> str:
        number, unit = row.number("number_value") or Decimal(0), row.text("unit")
        if unit == "share":
            value = _share(number)
        elif unit == "day":
            value = self.say("parameter.day", plain(number))
        elif unit == "CNY":
            value = self.book.pick(f"{plain(number)} CNY", yuan(number))
        else:
            value = self.book.pick(f"{plain(number)} {unit}", plain(number) + self.code("unit", unit))
        name = row.text("parameter_id")
        return self.say("parameter", name=self.book.pick(name.replace("_", " "), name), value=value)

    def of_capacity(self, row: Row) -> str:
        marks = [plain(end) for end in (row.number("lower_mark"), row.number("upper_mark")) if end is not None]
        kind = row.text("capacity_kind")
        return self.say(
            "capacity.customers" if kind == "customers" else "capacity.other",
            who=self.job(row.text("role")),
            kind=kind.replace("_", " "),
            span=self.say("to").join(marks),
        )

    def of_red_list(self, row: Row) -> str:
        words = self.say(
            "red_list",
            priority=_number(row, "priority"),
            reason=self.code("red_list_reason", row.text("reason")),
        )
        if row.text("number_pattern"):
            words += self.say("red_list.pattern", row.text("number_pattern"))
        if row.number("customers_limit") is not None:
            words += self.say("red_list.limit", _number(row, "customers_limit"))
        return words

    def of_action(self, row: Row) -> str:
        words = self.say(
            "action",
            kind=self.code("action_kind", row.text("action_kind")),
            whom=self.say(f"action.{row.text('scope')}", self.code("segment", row.text("segment"))),
            category=self.code("action_category", row.text("category")),
            priority=_number(row, "priority"),
        )
        if row.number("days_ahead") is not None:
            words += self.say("action.ahead", _number(row, "days_ahead"))
        if (floor := row.number("amount_floor")) is not None:
            words += self.say("action.floor", amount=plain(floor), yuan=yuan(floor))
        needs = [name for name in ("consent", "phone") if row.flag(f"needs_{name}")]
        return words + (self.say(f"action.needs_{'_and_'.join(needs)}") if needs else "")

    def of_contact_frequency(self, row: Row) -> str:
        months = int(row.number("period_months") or 0)
        return self.say(
            "contact_frequency",
            whom=self.tier_of_any(row.text("tier_code")),
            period=self.say("contact_frequency.month" if months == 1 else "contact_frequency.months", months),
        )

    def of_beside_role(self, row: Row) -> str:
        return self.say("beside_role", who=self.job(row.text("role")), whom=self.tier_of_any(row.text("tier_code")))

    def of_profile_field(self, row: Row) -> str:
        return self.say(
            "profile_field",
            segment=self.code("segment", row.text("segment")),
            field=self.code("profile_field", row.text("field")),
            weight=_number(row, "weight"),
        )

    def of_star(self, row: Row) -> str:
        share = row.number("top_share")
        phrase = "star.rest" if share == 1 else "star"
        return self.say(phrase, star=_number(row, "star"), share=_share(share))

    def of_group(self, row: Row) -> str:
        segment, lower, upper = self.code("segment", row.text("segment")), row.number("lower"), row.number("upper")
        if lower is None or upper is None:
            return self.say("group.top", segment=segment, share=_share(row.number("top_share")))
        return self.say(
            "group.band",
            code=row.text("group_code"),
            segment=segment,
            lower=self.book.pick(plain(lower), yuan(lower)),
            upper=self.book.pick(plain(upper), yuan(upper)),
        )

    def of_value_list(self, row: Row) -> str:
        name, value = row.text("value_list"), row.text("value")
        source = VALUE_LISTS.get(name, "")
        own = {
            "policy_role.role_group": lambda: role_group_in_words(self.view, value, self.language),
            "policy_tier.tier_code": lambda: self.tier_of_any(value),
        }
        shown = own[source]() if source in own else self.code(source, value)
        return self.say("value_list", list=self.code("value_list", name), value=shown)

    def of_visit_signal(self, row: Row) -> str:
        signal = row.text("signal")
        sign = self.say(
            f"visit_signal.{signal}",
            threshold=_share(row.number("threshold")) if signal == BURST else _number(row, "threshold"),
            minimum=_number(row, "minimum"),
        )
        return self.say("visit_signal.doubtful" if row.flag("is_doubtful") else "visit_signal.shown", sign)

    def of_metric(self, row: Row) -> str:
        source = row.text("source")
        operands = {column: self.metric(row.text("subject_kind"), row.text(column)) for column in OPERANDS}
        return self.say(
            f"metric.{source}" if source != RATIO else f"metric.{row.text('ratio_basis')}",
            metric=row.text(f"label_{self.language}"),
            subject=self.code("kpi_subject", row.text("subject_kind")),
            unit=self.code("unit", row.text("unit")),
            **operands,
        )

    def of_ranking(self, row: Row) -> str:
        subject = row.text("subject_kind")
        return self.say(
            f"ranking.{row.text('better')}",
            subject=self.code("kpi_subject", subject),
            compare=self.code("compare", row.text("compare")),
            metric=self.metric(subject, row.text("metric")),
            measure=self.code("kpi_measure", row.text("measure")),
            weight=_number(row, "weight"),
        )

    def of_season(self, row: Row) -> str:
        return self.say(
            "season",
            month=self.say(f"month.{row.text('month_of_year')}"),
            what=self.target_of(row),
            weight=_number(row, "weight"),
        )

    def of_target_role(self, row: Row) -> str:
        return self.say("target_role", who=self.job(row.text("role")), what=self.target_of(row))

    def of_appraised_role(self, row: Row) -> str:
        return self.say("appraised_role", self.job(row.text("role")))

    def of_access(self, row: Row) -> str:
        anywhere, anybody = row.text("org_level") == ANY, row.text("role") == ANY
        return self.say(
            "access",
            who=self.say("access.anybody") if anybody else self.job(row.text("role")),
            where="" if anywhere else self.say("access.at", self.code("organization.org_level", row.text("org_level"))),
            whose=self.code("access_scope", row.text("scope")),
        )

    def target_of(self, row: Row) -> str:
        """The targets that a row is about: those of a metric of an organisation, or all without a row of their own."""
        return self.say("target.any") if row.text("metric") == ANY else self.metric("org", row.text("metric"))

    def metric(self, subject: str, metric: str) -> str:
        """The name of a metric; the code of one that is not in force."""
        rows = (row for row in self.view.rows["policy_metric"] if row.text("subject_kind") == subject)
        return next((row.text(f"label_{self.language}") for row in rows if row.text("metric") == metric), metric)

    def of_exception(self, row: Row) -> str:
        return self.say(
            "exception",
            kind=self.code("subject_kind", row.text("subject_kind")),
            subject=row.text("subject_id"),
            rule=row.text("rule_id"),
            approver=row.text("approver"),
            reason=row.text("reason"),
        )

    def of_scheme(self, row: Row) -> str:
        words = [self.say("scheme.all" if row.text("resolver") == "all" else "scheme.best")]
        if default := row.text("default_tier_code"):
            outcome = outcome_in_words(self.view, row.text("scheme"), default, self.language)
            words.append(self.say("scheme.default", outcome))
        if own := row.text("own_measure_id"):
            words.append(self.say("scheme.own_measure", self.measure(own)))
        if row.values.get("default_lifted_by_own_measure") is not None:
            lifted = row.flag("default_lifted_by_own_measure")
            words.append(self.say("scheme.lifted" if lifted else "scheme.not_lifted"))
        if row.number("downgrade_after_months"):
            words.append(self.say("scheme.held", _number(row, "downgrade_after_months")))
        return self.label(row) + self.book.colon + self.book.listed(words)

    def of_tier(self, row: Row) -> str:
        return self.say(
            "tier",
            scheme=self.scheme(row),
            code=row.text("tier_code"),
            rank=_number(row, "tier_rank"),
            label=self.label(row),
        )

    def of_route(self, row: Row) -> str:
        return self.say("route", scheme=self.scheme(row), route=row.text("route"), label=self.label(row))

    def of_measure(self, row: Row) -> str:
        unit = row.text("unit")
        return self.say(
            "measure",
            name=row.text("measure_id"),
            label=self.label(row),
            unit=self.book.pick(unit, self.code("unit", unit)),
            description=row.text("description"),
        )

    def of_document(self, row: Row) -> str:
        return self.say(
            "document",
            name=row.text("document_id"),
            title=self.label(row, "title"),
            owner=self.code("owner_department", row.text("owner_department")),
        )

    def of_article(self, row: Row) -> str:
        return self.say("article", clause=row.text("clause_ref"), summary=self.label(row, "summary"))

    def column_by_column(self, row: Row) -> str:
        return self.book.listed(
            name.replace("_", " ") + self.book.colon + cell_in_words(value, self.language)
            for name, value in row.values.items()
            if name not in _UNSAID and value not in (None, "")
        )


def _number(row: Row, column: str) -> str:
    return plain(row.number(column) or Decimal(0))


def _share(number: Decimal | None) -> str:
    return f"{plain((number or Decimal(0)) * 100)}%"


_SENTENCES: Mapping[str, Callable[[_Words, Row], str]] = {
    "policy_visit_frequency": _Words.of_visit,
    "policy_aum_component": _Words.of_component,
    "policy_counted_status": _Words.of_status,
    "policy_card_spend": _Words.of_card_spend,
    "policy_segment": _Words.of_segment,
    "policy_size_basis": _Words.of_size_basis,
    "policy_statement_kind": _Words.of_statement,
    "policy_role": _Words.of_role,
    "policy_visit_channel": _Words.of_channel,
    "policy_department_level": _Words.of_department,
    "policy_amount_limit": _Words.of_limit,
    "policy_parameter": _Words.of_parameter,
    "policy_capacity": _Words.of_capacity,
    "policy_red_list_reason": _Words.of_red_list,
    "policy_action": _Words.of_action,
    "policy_contact_frequency": _Words.of_contact_frequency,
    "policy_beside_role": _Words.of_beside_role,
    "policy_profile_field": _Words.of_profile_field,
    "policy_star": _Words.of_star,
    "policy_concentration": _Words.of_group,
    "policy_value_list": _Words.of_value_list,
    "policy_visit_signal": _Words.of_visit_signal,
    "policy_metric": _Words.of_metric,
    "policy_ranking": _Words.of_ranking,
    "policy_season": _Words.of_season,
    "policy_target_role": _Words.of_target_role,
    "policy_appraised_role": _Words.of_appraised_role,
    "policy_access": _Words.of_access,
    "policy_exception": _Words.of_exception,
    "policy_scheme": _Words.of_scheme,
    "policy_tier": _Words.of_tier,
    "policy_route": _Words.of_route,
    "policy_measure": _Words.of_measure,
    "policy_document": _Words.of_document,
    "policy_article": _Words.of_article,
}
