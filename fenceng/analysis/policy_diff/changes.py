"""What differs between two policies in force, row by row and in words, English and Chinese.

A rule of several rows is one change. Since when a row holds is said and is no change by itself: two dates on which the
same is in force have no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from expectations.policy.model import RULE_FAMILIES, InForce, Row
from expectations.policy.sheets import Value as Cell
from expectations.policy.wording import Language, measure_in_words, outcome_in_words, plain, rule_in_words, yuan

Kind = Literal["new", "closed", "changed"]
# Since when a row holds, and for which scenario, is not what it says.
_UNSAID = frozenset({"valid_from", "valid_to", "scenario"})


@dataclass(frozen=True)
class Change:
    """A rule, or a row of another family, that is new, closed or says something else.

    name: as the policy names it in its family. before, after: its rows in force, none where there are none.
    """

    family: str
    name: str
    kind: Kind
    before: tuple[Row, ...]
    after: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a changed row that differ; empty for a rule whose rows are more or fewer, or new or closed."""
        if len(self.before) != len(self.after):
            return ()
        names = dict.fromkeys(name for row in (*self.before, *self.after) for name in row.values)
        pairs = tuple(zip(_ordered(self.before), _ordered(self.after), strict=True))
        return tuple(
            name
            for name in names
            if name not in _UNSAID and any(old.values.get(name) != new.values.get(name) for old, new in pairs)
        )


def find_changes(before: InForce, after: InForce) -> tuple[Change, ...]:
    """Every change between two policies in force, by family and name.

    Each side is the policy of one date (`PolicyRows.in_force`); the two may be of different folders, dates or both.
    """
    changes = []
    for family in sorted(before.rows.keys() | after.rows.keys()):
        old, new = (_by_name(view, family) for view in (before, after))
        for name in sorted(old.keys() | new.keys()):
            left, right = old.get(name, ()), new.get(name, ())
            if _said(left) != _said(right):
                kind: Kind = "new" if not left else "closed" if not right else "changed"
                changes.append(Change(family, name, kind, left, right))
    return tuple(changes)


def sentence(view: InForce, family: str, rows: Sequence[Row], language: Language = "en") -> str:
    """What a rule or row says, in one sentence: conditions or values, then the clause, and whether a source says so.

    view: the policy that the rows are of, for its labels. A family that this module does not know is read column by
    column.
    """
    if not rows:
        return ""
    says = _of_rule if family in RULE_FAMILIES else _SENTENCES.get(family, _column_by_column)
    return says(view, rows[0], language) + _provenance(rows[0], language)


def beginning(change: Change) -> date | None:
    """The day from which what is new holds; None for a closed one."""
    days = [day for row in change.after if (day := row.day("valid_from"))]
    return max(days, default=None)


def ending(change: Change, after: InForce) -> date | None:
    """The first day on which a closed rule no longer holds; None where the policy does not say so."""
    if change.after:
        return None
    ends = [
        day
        for row in after.policy.rows.get(change.family, ())
        if _name(after, change.family, row) == change.name and (day := row.day("valid_to")) and day <= after.on
    ]
    return max(ends, default=None)


def cell_in_words(value: Cell, language: Language = "en") -> str:
    """A value of a row: a code without underscores, a number with separators, yes or no, none."""
    if value is None or value == "":
        return "none" if language == "en" else "无"
    if isinstance(value, bool):
        return ("yes" if value else "no") if language == "en" else ("是" if value else "否")
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    return str(value)


# ---------------------------------------------------------------- comparing


def _name(view: InForce, family: str, row: Row) -> str:
    if family in RULE_FAMILIES:
        return row.text("rule_id")
    schema = view.policy.schemas.get(family)
    return ".".join(row.text(column) for column in schema.key) if schema else row.name


def _by_name(view: InForce, family: str) -> dict[str, tuple[Row, ...]]:
    gathered: dict[str, tuple[Row, ...]] = {}
    for row in view.rows.get(family, ()):
        name = _name(view, family, row)
        gathered[name] = (*gathered.get(name, ()), row)
    return gathered


def _said(rows: Sequence[Row]) -> list[list[tuple[str, str]]]:
    """What rows say, in an order of their own. Numbers by value: 1 and 1.00 say the same."""
    return sorted(
        sorted((name, _plain(value)) for name, value in row.values.items() if name not in _UNSAID) for row in rows
    )


def _plain(value: Cell) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def _ordered(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: _said([row]))


# ---------------------------------------------------------------- sentences


def _pick(language: Language, english: str, chinese: str) -> str:
    return english if language == "en" else chinese


def _code(view: InForce, vocabulary: str, code: str, language: Language) -> str:
    """A code by its label (`ref_category`), by itself where no row labels it."""
    labels = view.policy.labels.get(vocabulary, {})
    if code in labels:
        return labels[code][0 if language == "en" else 1]
    return code.replace("_", " ") if language == "en" else code


def _provenance(row: Row, language: Language) -> str:
    clause = row.text("clause_ref") if "basis" in row.values else ""
    parts = [clause] if clause else []
    if row.text("basis") == "assumed":
        parts.append(_pick(language, "assumed", "推定"))
    if row.flag("is_gap_fill"):
        parts.append(_pick(language, "fills a gap", "补缺"))
    joined = _pick(language, ", ", ",").join(parts)
    return f" [{joined}]" if joined else ""


def _scheme(view: InForce, row: Row, language: Language) -> str:
    scheme = view.schemes.get(row.text("scheme"))
    return scheme.row.text(f"label_{language}") if scheme else row.text("scheme")


def _measure(view: InForce, measure_id: str, language: Language) -> str:
    return measure_in_words(view, measure_id, language) if measure_id in view.measures else measure_id


def _tier_of_any(view: InForce, tier_code: str, language: Language) -> str:
    """A tier that a row names without its scheme: of the schemes that decide a tier."""
    for scheme in view.schemes.values():
        if scheme.purpose == "tier" and tier_code in view.tiers.get(scheme.scheme, {}):
            return outcome_in_words(view, scheme.scheme, tier_code, language)
    return tier_code


def _job(view: InForce, role: str, language: Language) -> str:
    return next(
        (row.text(f"job_title_{language}") for row in view.rows["policy_role"] if row.text("role") == role), role
    )


def role_group_in_words(view: InForce, role_group: str, language: Language = "en") -> str:
    """A group of roles by the job titles in it; the policy labels roles and not their groups."""
    titles = [
        row.text(f"job_title_{language}")
        for row in view.rows["policy_role"]
        if row.text("role_group") == role_group and row.text(f"job_title_{language}")
    ]
    return _pick(language, " or ", "或").join(titles) or role_group


def _of_rule(view: InForce, row: Row, language: Language) -> str:
    rule = view.all_rules[row.text("rule_id")]
    outcome = outcome_in_words(view, rule.scheme, rule.tier_code, language)
    asks = rule_in_words(view, rule, language)
    scheme = _scheme(view, row, language)
    return _pick(language, f"{scheme}: {outcome} for {asks}", f"{scheme}:{asks},为{outcome}")


def _of_visit(view: InForce, row: Row, language: Language) -> str:
    who = role_group_in_words(view, row.text("role_group"), language)
    whom = _tier_of_any(view, row.text("tier_code"), language)
    contacts, months = int(row.number("contacts_per_period") or 0), int(row.number("period_months") or 0)
    period = _pick(
        language, "a month" if months == 1 else f"every {months} months", "月" if months == 1 else f"{months}个月"
    )
    unknown = row.flag("co_managed_when_unknown")
    words = _pick(
        language,
        f"{who}: at least {contacts} {'contact' if contacts == 1 else 'contacts'} {period} with each customer of"
        f" {whom}",
        f"{who}:对{whom}的每个客户每{period}联系不少于{contacts}次",
    )
    if row.flag("requires_co_managed"):
        words += _pick(
            language,
            f" who is co-managed (not known counts as {'' if unknown else 'not '}co-managed)",
            f",限共管客户(未标明的视为{'' if unknown else '非'}共管)",
        )
    return words


def _of_component(view: InForce, row: Row, language: Language) -> str:
    measure = _measure(view, row.text("measure_id"), language)
    component = _code(view, f"{row.text('source_table')}.product_type", row.text("component"), language)
    weight = f"{plain((row.number('weight') or Decimal(0)) * 100)}%"
    average = row.text("balance_basis") != "point"
    basis = _pick(
        language,
        "average balance of the month so far" if average else "balance of the day",
        "本月至今平均余额" if average else "当日余额",
    )
    return _pick(
        language,
        f"{measure}: {component} counts at {weight} of its {basis}",
        f"{measure}:{component}按{basis}的{weight}计入",
    )


def _of_status(view: InForce, row: Row, language: Language) -> str:
    table, status = row.text("table_name"), row.text("status")
    name, state = _code(view, "table", table, language), _code(view, f"{table}.status", status, language)
    return _pick(
        language,
        f"{'an' if name[0] in 'aeiou' else 'a'} {name} with the status {state} counts",
        f"状态为{state}的{name}计入",
    )


def _of_card_spend(view: InForce, row: Row, language: Language) -> str:
    kind = _code(view, "card.card_kind", row.text("card_kind"), language)
    what = _code(view, "card_transaction.transaction_kind", row.text("transaction_kind"), language)
    is_added = (row.number("sign") or Decimal(0)) > 0
    return _pick(
        language,
        f"a {what} with a {kind} card is {'added to' if is_added else 'taken from'} the card spend",
        f"{kind}卡{what}{'计入' if is_added else '从中扣除'}年消费",
    )


def _of_segment(view: InForce, row: Row, language: Language) -> str:
    kind = _code(view, "customer.customer_kind", row.text("customer_kind"), language)
    institution = row.text("institution_type")
    if institution:
        label = _code(view, "corporate_profile.institution_type", institution, language)
        kind += _pick(language, f" ({label})", f"({label})")
    segment = _code(view, "segment", row.text("segment"), language)
    words = _pick(language, f"{kind} belongs to the segment {segment}", f"{kind}属于{segment}")
    if row.text("size_group"):
        group = _code(view, "size_group", row.text("size_group"), language)
        words += _pick(language, f" and is sized as {group}", f",规模按{group}划分")
    return words


def _of_size_basis(view: InForce, row: Row, language: Language) -> str:
    group = _code(view, "size_group", row.text("size_group"), language)
    measure = _measure(view, row.text("size_basis"), language)
    rank = plain(row.number("preference") or Decimal(0))
    credit = row.flag("credit_customer")
    words = _pick(
        language,
        f"size of an {group} {'with' if credit else 'without'} credit: choice {rank} is {measure}",
        f"{group}客户({'有' if credit else '无'}授信)的规模:第{rank}依据为{measure}",
    )
    if row.flag("is_named_when_unknown"):
        words += _pick(language, ", named even when it is not known", ",未知时仍为依据")
    return words


def _of_statement(view: InForce, row: Row, language: Language) -> str:
    kind = _code(view, "financial_statement.report_kind", row.text("report_kind"), language)
    young = row.flag("is_established_this_year")
    return _pick(
        language,
        f"{kind} statements count for a company {'founded this year' if young else 'founded before this year'}",
        f"{'当年成立的' if young else '往年成立的'}企业可用{kind}",
    )


def _of_role(view: InForce, row: Row, language: Language) -> str:
    title = row.text(f"job_title_{language}") or row.text("role")
    group = row.text("role_group")
    if not group:
        return _pick(language, f"{title}: contacts count for no duty", f"{title}:联系不计入拜访职责")
    return _pick(language, f"{title}: contacts count for the group {group}", f"{title}:联系计入岗位组 {group}")


def _of_channel(view: InForce, row: Row, language: Language) -> str:
    channel = _code(view, "visit.channel", row.text("channel"), language)
    return _pick(language, f"a contact by the channel {channel} counts", f"{channel}计为有效联系")


def _of_department(view: InForce, row: Row, language: Language) -> str:
    level = _code(view, "organization.org_level", row.text("org_level"), language)
    return _pick(language, f"a {level} is a department of the level above", f"{level}视为上级机构的部门")


def _of_limit(view: InForce, row: Row, language: Language) -> str:
    del view
    name, limit = f"{row.text('table_name')}.{row.text('column_name')}", row.number("amount_limit") or Decimal(0)
    return _pick(
        language, f"a row is held back from {name} of {plain(limit)} on", f"{name} 达到{yuan(limit)}的行予以隔离"
    )


def _of_parameter(view: InForce, row: Row, language: Language) -> str:
    number, unit = row.number("number_value") or Decimal(0), row.text("unit")
    if unit == "share":
        value = f"{plain(number * 100)}%"
    elif unit == "day" and language == "en":
        value = f"day {plain(number)}"
    elif language == "zh":
        value = yuan(number) if unit == "CNY" else plain(number) + _code(view, "unit", unit, language)
    else:
        value = f"{plain(number)} {unit}"
    name = row.text("parameter_id")
    return _pick(language, f"{name.replace('_', ' ')}: {value}", f"参数 {name}:{value}")


def _of_capacity(view: InForce, row: Row, language: Language) -> str:
    who = _job(view, row.text("role"), language)
    lower, upper = row.number("lower_mark"), row.number("upper_mark")
    ends = [plain(end) for end in (lower, upper) if end is not None]
    if row.text("capacity_kind") == "customers":
        span = _pick(language, " to ", "至").join(ends)
        return _pick(language, f"{who}: {span} customers a person", f"{who}:每人管户{span}个客户")
    return _pick(
        language,
        f"{who}: {row.text('capacity_kind').replace('_', ' ')} {_pick(language, ' to ', '至').join(ends)} a person",
        f"{who}:每人每个工作日可联系{'至'.join(ends)}次",
    )


def _of_red_list(view: InForce, row: Row, language: Language) -> str:
    reason = _code(view, "red_list_reason", row.text("reason"), language)
    priority = plain(row.number("priority") or Decimal(0))
    words = _pick(
        language, f"red list, reason {priority}: the number is {reason}", f"失联名单第{priority}类原因:{reason}"
    )
    if row.text("number_pattern"):
        pattern = row.text("number_pattern")
        words += _pick(language, f" (not of the form {pattern})", f"(不符合 {pattern})")
    limit = row.number("customers_limit")
    if limit is not None:
        words += _pick(language, f" (by more than {plain(limit)} customers)", f"(超过{plain(limit)}个客户)")
    return words


def _of_event(view: InForce, row: Row, language: Language) -> str:
    event = _code(view, "contact_event", row.text("event"), language)
    days, floor = row.number("days_ahead") or Decimal(0), row.number("amount_floor")
    words = _pick(
        language, f"contact by the event {event}, {plain(days)} days ahead", f"事件联系:{event},提前{plain(days)}天"
    )
    if floor is not None:
        words += _pick(language, f", from {plain(floor)} CNY", f",{yuan(floor)}起")
    return words


def _of_exception(view: InForce, row: Row, language: Language) -> str:
    kind = _code(view, "subject_kind", row.text("subject_kind"), language)
    subject, rule = row.text("subject_id"), row.text("rule_id")
    return _pick(
        language,
        f"{kind} {subject} is exempt from {rule}, by {row.text('approver')}: {row.text('reason')}",
        f"{kind} {subject} 不适用规则 {rule},批准人 {row.text('approver')},理由:{row.text('reason')}",
    )


def _of_scheme(view: InForce, row: Row, language: Language) -> str:
    scheme = row.text("scheme")
    words = [row.text(f"label_{language}")]
    all_count = row.text("resolver") == "all"
    words.append(
        _pick(
            language,
            "every rule that is met counts" if all_count else "the best rule that is met decides",
            "符合的规则全部计入" if all_count else "取符合的最优规则",
        )
    )
    default = row.text("default_tier_code")
    if default:
        outcome = outcome_in_words(view, scheme, default, language)
        words.append(_pick(language, f"who meets none is {outcome}", f"均不符合的为{outcome}"))
    own = row.text("own_measure_id")
    if own:
        measure = _measure(view, own, language)
        words.append(_pick(language, f"its own measure is {measure}", f"主指标为{measure}"))
    months = row.number("downgrade_after_months") or Decimal(0)
    if months:
        words.append(
            _pick(
                language,
                f"an outcome is lost after {plain(months)} months below",
                f"连续{plain(months)}个月不达标后降级",
            )
        )
    return _pick(language, "{}: {}", "{}:{}").format(words[0], _pick(language, "; ", ";").join(words[1:]))


def _of_tier(view: InForce, row: Row, language: Language) -> str:
    rank = plain(row.number("tier_rank") or Decimal(0))
    code, label = row.text("tier_code"), row.text(f"label_{language}")
    scheme = _scheme(view, row, language)
    return _pick(
        language, f"{scheme}: {code}, rank {rank}, is called {label}", f"{scheme}:{code},第{rank}级,称为{label}"
    )


def _of_route(view: InForce, row: Row, language: Language) -> str:
    route, label = row.text("route"), row.text(f"label_{language}")
    scheme = _scheme(view, row, language)
    return _pick(language, f"{scheme}: the route {route} is called {label}", f"{scheme}:途径 {route} 称为{label}")


def _of_measure(view: InForce, row: Row, language: Language) -> str:
    label, unit = row.text(f"label_{language}"), row.text("unit")
    if language == "zh":
        return f"{row.text('measure_id')} 称为{label},单位 {_code(view, 'unit', unit, language)}"
    return f"{row.text('measure_id')} is called {label}, in {unit}: {row.text('description')}"


def _of_document(view: InForce, row: Row, language: Language) -> str:
    owner = _code(view, "owner_department", row.text("owner_department"), language)
    title = row.text(f"title_{language}")
    return _pick(
        language,
        f"{row.text('document_id')} is {title}, kept by {owner}",
        f"{row.text('document_id')}:{title},主管 {owner}",
    )


def _of_article(view: InForce, row: Row, language: Language) -> str:
    del view
    colon = _pick(language, ": ", ":")
    return row.text("clause_ref") + colon + row.text(f"summary_{language}")


def _column_by_column(view: InForce, row: Row, language: Language) -> str:
    del view
    colon = _pick(language, ": ", ":")
    parts = [
        name.replace("_", " ") + colon + cell_in_words(value, language)
        for name, value in row.values.items()
        if name not in _UNSAID and name not in ("clause_ref", "basis", "is_gap_fill", "rationale") and value != ""
        if value is not None
    ]
    return _pick(language, "; ", ";").join(parts)


_SENTENCES: Mapping[str, Callable[[InForce, Row, Language], str]] = {
    "policy_visit_frequency": _of_visit,
    "policy_aum_component": _of_component,
    "policy_counted_status": _of_status,
    "policy_card_spend": _of_card_spend,
    "policy_segment": _of_segment,
    "policy_size_basis": _of_size_basis,
    "policy_statement_kind": _of_statement,
    "policy_role": _of_role,
    "policy_visit_channel": _of_channel,
    "policy_department_level": _of_department,
    "policy_amount_limit": _of_limit,
    "policy_parameter": _of_parameter,
    "policy_capacity": _of_capacity,
    "policy_red_list_reason": _of_red_list,
    "policy_contact_event": _of_event,
    "policy_exception": _of_exception,
    "policy_scheme": _of_scheme,
    "policy_tier": _of_tier,
    "policy_route": _of_route,
    "policy_measure": _of_measure,
    "policy_document": _of_document,
    "policy_article": _of_article,
}
