"""The checks of the policy rows of one date, without the proof of tiling.py: shape, references, sources, units.

Each check is a function of what is in force and yields problems. The letters: L2 a rule or outcome that can't work,
L3 a name that leads nowhere or that nothing leads to, L4 clause, basis and rationale, L5 one key twice, L6 units and
plausible numbers, L7 roles and job titles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from expectations.policy.model import PURPOSES, RULE_FAMILIES, Condition, InForce, Measure, Row, Rule, Scheme
from expectations.policy.sheets import Problem
from expectations.policy.wording import plain

Check = Callable[[InForce], Iterator[Problem]]

# Appraisals judge members of staff; every other segment is one of customers.
STAFF = "staff"
RESOLVERS = ("best", "all")
BASES = ("source", "assumed")
SUBJECTS = ("customer", "organization")
# Units whose values lie between whole numbers; amounts are judged by their unit, so a slip in its name would hide one.
# A measure that is taken of the customers of every segment.
EVERY_SEGMENT = "both"
BROKEN_UNITS = ("CNY", "share")
# A duty is counted by month, quarter, half-year or year, so that periods begin with the calendar's.
PERIOD_MONTHS = (1, 3, 6, 12)
# Tables whose rows are holdings, and what such a row can be; None: the product types of the landing contract.
HOLDINGS: Mapping[str, tuple[str, ...] | None] = {"account": None, "brokerage": ("custody_margin",)}
BALANCES = ("point", "mtd_average")
CAPACITY_KINDS = ("customers", "contacts_a_day")
# Which file holds the rules of a purpose; all others stand in policy_tier_rule.
FAMILY_OF_PURPOSE = {
    "maintainer": "policy_maintainer",
    "managing_level": "policy_maintainer",
    "appraisal": "policy_score_band",
}
# Columns whose values the landing contract lists: family, column, table and column of the contract.
CONTRACT_COLUMNS = (
    ("policy_role", "role", "employee.role"),
    ("policy_capacity", "role", "employee.role"),
    ("policy_card_spend", "card_kind", "card.card_kind"),
    ("policy_card_spend", "transaction_kind", "card_transaction.transaction_kind"),
    ("policy_segment", "customer_kind", "customer.customer_kind"),
    ("policy_segment", "institution_type", "corporate_profile.institution_type"),
    ("policy_statement_kind", "report_kind", "financial_statement.report_kind"),
    ("policy_visit_channel", "channel", "visit.channel"),
    ("policy_department_level", "org_level", "organization.org_level"),
)
LIMITS = "policy_amount_limit"
# Rows that say the same thing twice, whatever their rule_id.
ONCE = {
    "policy_visit_frequency": ("role_group", "tier_code"),
    "policy_role": ("role",),
    "policy_capacity": ("role", "capacity_kind"),
    "policy_segment": ("customer_kind", "institution_type"),
    "policy_size_basis": ("size_group", "credit_customer", "preference"),
    "policy_aum_component": ("measure_id", "source_table", "component"),
    "policy_counted_status": ("table_name", "status"),
    "policy_card_spend": ("card_kind", "transaction_kind"),
    "policy_visit_channel": ("channel",),
    "policy_department_level": ("org_level",),
    LIMITS: ("table_name", "column_name"),
    "policy_statement_kind": ("is_established_this_year", "report_kind"),
    "policy_contact_event": ("event",),
    "policy_red_list_reason": ("priority",),
    "policy_tier": ("scheme", "tier_rank"),
}


# ---------------------------------------------------------------- schemes, outcomes, routes


def schemes(view: InForce) -> Iterator[Problem]:
    """A scheme knows its segment, purpose, resolver, measure and default, and has outcomes and rules."""
    segments = {row.text("segment") for row in view.rows["policy_segment"]} | {STAFF}
    for scheme in view.schemes.values():
        say = scheme.row.problem
        yield from _one_of(scheme.row, "segment", segments)
        yield from _one_of(scheme.row, "purpose", PURPOSES)
        yield from _one_of(scheme.row, "resolver", RESOLVERS)
        if scheme.own_measure_id and scheme.own_measure_id not in view.measures:
            yield say("L3", f"unknown measure: own_measure_id {scheme.own_measure_id} is not in policy_measure")
        if not view.tiers.get(scheme.scheme):
            yield say("L3", f"no outcome: policy_tier has no row of {scheme.scheme}")
        elif scheme.default_tier_code and scheme.default_tier_code not in view.tiers[scheme.scheme]:
            yield say("L3", f"unknown outcome: default_tier_code {scheme.default_tier_code} is not in policy_tier")
        if not view.rules.get(scheme.scheme):
            yield say("L3", f"no rule: no row in force belongs to {scheme.scheme}")


def outcomes(view: InForce) -> Iterator[Problem]:
    """Every outcome and route belongs to a scheme; the best rank is 1."""
    for row in (*view.rows["policy_tier"], *view.rows["policy_route"]):
        if row.text("scheme") not in view.schemes:
            yield _unknown_scheme(row)
    for tier in (tier for tiers in view.tiers.values() for tier in tiers.values()):
        if tier.rank < 1:
            yield tier.row.problem("L2", f"rank: {tier.tier_code} has rank {tier.rank}; 1 is the best")


def idle(view: InForce) -> Iterator[Problem]:
    """Some rule leads to every outcome that is no default, and takes every route."""
    for scheme in view.schemes.values():
        rules = view.rules.get(scheme.scheme, ())
        reached = {scheme.default_tier_code, *(rule.tier_code for rule in rules)}
        for tier in view.tiers.get(scheme.scheme, {}).values():
            if tier.tier_code not in reached:
                what = f"no rule leads to {tier.tier_code} of {tier.scheme}, nor is it the default"
                yield tier.row.problem("L3", f"idle outcome: {what}")
        taken = {rule.route for rule in rules}
        for row in view.rows["policy_route"]:
            if row.text("scheme") == scheme.scheme and row.text("route") not in taken:
                what = f"no rule of {scheme.scheme} takes the route {row.text('route')}"
                yield row.problem("L3", f"idle route: {what}")


# ---------------------------------------------------------------- rules


def rules(view: InForce) -> Iterator[Problem]:
    """A rule belongs to a scheme, an outcome and a route, its rows agree, and each of its conditions can hold."""
    rows_of: dict[str, list[Row]] = {}
    for family in RULE_FAMILIES:
        for row in view.rows[family]:
            rows_of.setdefault(row.text("rule_id"), []).append(row)
    for rule_id, rows in rows_of.items():
        rule = view.all_rules[rule_id]
        yield from _agreement(rows)
        scheme = view.schemes.get(rule.scheme)
        if scheme is None:
            yield _unknown_scheme(rule.row)
            continue
        yield from _places(view, rule, scheme)
        for condition in rule.conditions:
            yield from _condition(view, scheme, condition)


def _agreement(rows: Sequence[Row]) -> Iterator[Problem]:
    first = rows[0]
    columns = ("scheme", "tier_code", "route", "basis", "is_gap_fill", "valid_from", "valid_to")
    for row in rows[1:]:
        unlike = [name for name in columns if row.values.get(name) != first.values.get(name)]
        if row.family != first.family:
            unlike.insert(0, "file")
        if unlike:
            where = f"line {first.line}" if row.file == first.file else f"{first.family}, line {first.line}"
            yield row.problem("L2", f"one rule, two stories: {', '.join(unlike)} differ from {where}")
    soft: dict[str, bool] = {}
    for row in rows:
        number = row.text("condition_no")
        if soft.setdefault(number, row.flag("is_soft")) != row.flag("is_soft"):
            yield row.problem("L2", f"one rule, two stories: condition {number} is soft in one row and hard in another")


def _places(view: InForce, rule: Rule, scheme: Scheme) -> Iterator[Problem]:
    if rule.tier_code not in view.tiers.get(rule.scheme, {}):
        yield rule.row.problem("L3", f"unknown outcome: policy_tier has no {rule.tier_code} of {rule.scheme}")
    if rule.route not in view.routes.get(rule.scheme, ()):
        yield rule.row.problem("L3", f"unknown route: policy_route has no {rule.route} of {rule.scheme}")
    family = FAMILY_OF_PURPOSE.get(scheme.purpose, RULE_FAMILIES[0])
    if rule.row.family != family:
        yield rule.row.problem("L3", f"wrong file: rules of the purpose {scheme.purpose} stand in {family}.csv")
    if not rule.hard:
        yield rule.row.problem("L2", "no hard condition: a rule of soft conditions alone is never met")


def _condition(view: InForce, scheme: Scheme, condition: Condition) -> Iterator[Problem]:
    row, say = condition.row, condition.row.problem
    measure = view.measures.get(condition.measure_id)
    if measure is None:
        yield say("L3", f"unknown measure: {condition.measure_id} is not in policy_measure")
        return
    source = view.schemes.get(measure.derived_from_scheme)
    if measure.derived_from_scheme and source is None:
        yield say("L3", f"unknown scheme: {measure.measure_id} comes of {measure.derived_from_scheme}, not in force")
    elif source and (source.stage >= scheme.stage or source.segment != scheme.segment):
        yield say("L2", f"too early: {source.scheme} is not judged before {scheme.scheme} for the same customers")
    elif measure.row.text("segment") not in (EVERY_SEGMENT, scheme.segment):
        yield say("L2", f"never met: {measure.measure_id} is not measured of {scheme.segment} customers")
    elif source and condition.category and condition.category == source.default_tier_code:
        yield say("L2", f"never met: who has the default {condition.category} of {source.scheme} has no outcome of it")
    bounds = [bound for bound in (condition.lower, condition.upper) if bound is not None]
    if condition.category:
        if bounds:
            yield say("L2", "band and category: a row is one or the other; write two rows")
        vocabulary = view.vocabulary(measure.measure_id)
        if vocabulary and condition.category not in vocabulary:
            yield say("L3", f"unknown category: {condition.category} is none of {', '.join(vocabulary)}")
    elif not bounds:
        yield say("L2", "empty condition: neither a bound nor a category")
    elif not measure.is_number:
        yield say("L2", f"band of a category: {measure.measure_id} has no order; give a category_value")
    for end, bound in (("lower", condition.lower), ("upper", condition.upper)):
        if (row.values.get(f"{end}_inclusive") is None) != (bound is None):
            yield say("L2", f"{end} end: a bound and its inclusive flag come together")
    yield from _emptiness(measure, condition)


def _emptiness(measure: Measure, condition: Condition) -> Iterator[Problem]:
    lower, upper = condition.lower, condition.upper
    if lower is None or upper is None:
        return
    say = condition.row.problem
    if lower > upper:
        yield say("L2", f"empty band: the lower bound {plain(lower)} is above the upper bound {plain(upper)}")
    elif lower == upper and not (condition.lower_inclusive and condition.upper_inclusive):
        yield say("L2", f"empty band: no value lies between {plain(lower)} and itself; make both ends inclusive")
    elif measure.is_whole and upper - lower <= 1 and not (condition.lower_inclusive or condition.upper_inclusive):
        yield say("L2", f"empty band: no whole number lies between {plain(lower)} and {plain(upper)}")


def measures(view: InForce) -> Iterator[Problem]:
    """A measure is a number with unit and step, or a category whose vocabulary exists."""
    every_scheme = {row.text("scheme") for row in view.policy.rows["policy_scheme"]}
    for measure in view.measures.values():
        say = measure.row.problem
        yield from _one_of(measure.row, "kind", ("number", "category"))
        yield from _one_of(
            measure.row, "segment", sorted({EVERY_SEGMENT} | {one.segment for one in view.schemes.values()})
        )
        if measure.is_number and (measure.step is None or measure.step <= 0):
            yield say("L6", "no step: a number needs the smallest difference of two values")
        elif measure.is_number and not measure.is_whole and measure.unit not in BROKEN_UNITS:
            yield say(
                "L6", f"unknown unit: {measure.unit} has no fractions; amounts are in CNY, parts of one are a share"
            )
        if measure.lowest is not None and measure.highest is not None and measure.lowest > measure.highest:
            yield say("L6", f"empty range: lowest {plain(measure.lowest)} is above highest {plain(measure.highest)}")
        if measure.derived_from_scheme and measure.derived_from_scheme not in every_scheme:
            yield say("L3", f"unknown scheme: {measure.derived_from_scheme} is not in policy_scheme")
        if measure.vocabulary and measure.vocabulary not in view.policy.vocabularies:
            yield say(
                "L3", f"unknown vocabulary: {measure.vocabulary} is no enum of the landing contract or reference column"
            )


# ---------------------------------------------------------------- other families


def contract_values(view: InForce) -> Iterator[Problem]:
    """Codes of delivered columns are those of the landing contract."""
    for family, column, source in CONTRACT_COLUMNS:
        for row in view.rows.get(family, ()):
            yield from _delivered(view, row, column, source)
    for row in view.rows["policy_counted_status"]:
        yield from _delivered(view, row, "status", f"{row.text('table_name')}.status")
    for row in view.rows["policy_aum_component"]:
        yield from _one_of(row, "balance_basis", BALANCES)
        yield from _one_of(row, "source_table", tuple(HOLDINGS))
        kinds = HOLDINGS.get(row.text("source_table"))
        if kinds:
            yield from _one_of(row, "component", kinds)
        elif row.text("source_table") in HOLDINGS:
            yield from _delivered(view, row, "component", f"{row.text('source_table')}.product_type")


def amount_limits(view: InForce) -> Iterator[Problem]:
    """Every column of amounts of the landing contract has one limit, and nothing else has one; ONCE finds two."""
    tables = view.policy.contract.tables.values()
    amounts = [f"{table.name}.{column.name}" for table in tables for column in table.columns if column.is_money]
    limited = {f"{row.text('table_name')}.{row.text('column_name')}": row for row in view.rows[LIMITS]}
    for name, row in limited.items():
        if name not in amounts:
            yield row.problem("L3", f"unknown column: {name} is no column of amounts of the landing contract")
        yield from _within(row, "amount_limit", Decimal(1), None)
    for name in amounts:
        if name not in limited:
            yield _missing(view, LIMITS, f"no row: {name} of the landing contract has no limit in force")


def references(view: InForce) -> Iterator[Problem]:
    """Duties, exceptions, bases and components lead to rows that are there."""
    groups = {row.text("role_group") for row in view.rows["policy_role"]} - {""}
    classes = {code for scheme in _visit_schemes(view) for code in view.tiers.get(scheme.scheme, {})}
    for row in view.rows["policy_visit_frequency"]:
        if row.text("role_group") not in groups:
            yield row.problem("L3", f"unknown role group: no role of policy_role is in {row.text('role_group')}")
        if row.text("tier_code") not in classes:
            yield row.problem("L3", f"unknown class: {row.text('tier_code')} is no outcome of a corporate visit class")
    for row in view.rows["policy_aum_component"]:
        if row.text("measure_id") not in view.measures:
            yield row.problem("L3", f"unknown measure: {row.text('measure_id')} is not in policy_measure")
    size_groups = {row.text("size_group") for row in view.rows["policy_segment"]} - {""}
    for row in view.rows["policy_size_basis"]:
        yield from _one_of(row, "size_group", size_groups)
        if row.text("size_basis") not in view.measures:
            yield row.problem("L3", f"unknown measure: {row.text('size_basis')} is not in policy_measure")
    others = (rows for family, rows in view.policy.rows.items() if family != "policy_exception")
    named = {row.text("rule_id") for rows in others for row in rows} - {""}
    for row in view.rows["policy_exception"]:
        yield from _one_of(row, "subject_kind", SUBJECTS)
        if row.text("rule_id") not in named:
            yield row.problem("L3", f"unknown rule: no family has a rule {row.text('rule_id')}")
        for column in ("approver", "reason"):
            if not row.text(column):
                yield row.problem("L4", f"no {column}: an exception says who allowed it and why")


def reverse(view: InForce) -> Iterator[Problem]:
    """What the contract delivers and the schemes award is spoken of: roles, kinds of customer, products, classes."""
    rows, words = view.rows, view.policy.vocabularies
    yield from _spoken_of(view, "policy_role", "role", "employee.role", rows["policy_role"])
    for kind in CAPACITY_KINDS:
        own = [row for row in rows["policy_capacity"] if row.text("capacity_kind") == kind]
        yield from _spoken_of(view, "policy_capacity", "role", "employee.role", own, f" with {kind}")
    plain_kinds = [row for row in rows["policy_segment"] if not row.text("institution_type")]
    yield from _spoken_of(view, "policy_segment", "customer_kind", "customer.customer_kind", plain_kinds)
    assets = [row for row in rows["policy_aum_component"] if row.text("measure_id") == "financial_assets"]
    hint = " for financial_assets; weight 0 leaves it out"
    yield from _spoken_of(view, "policy_aum_component", "component", "account.product_type", assets, hint)
    for group in sorted({row.text("size_group") for row in rows["policy_segment"]} - {""}):
        for credit in (True, False):
            if not any(
                row.text("size_group") == group and row.flag("credit_customer") == credit
                for row in rows["policy_size_basis"]
            ):
                yield _missing(
                    view, "policy_size_basis", f"no basis for {group}, credit_customer {str(credit).lower()}"
                )
    duties = {row.text("tier_code") for row in rows["policy_visit_frequency"]}
    for scheme in _visit_schemes(view):
        for tier in view.tiers.get(scheme.scheme, {}).values():
            if tier.tier_code not in duties and tier.tier_code != scheme.default_tier_code:
                yield tier.row.problem("L3", f"no duty: policy_visit_frequency has no row for class {tier.tier_code}")
    for name in ("employee.role", "customer.customer_kind", "account.product_type"):
        if name not in words:
            yield _missing(view, "policy_role", f"the landing contract lists no {name}")


# ---------------------------------------------------------------- sources, keys


def sources(view: InForce) -> Iterator[Problem]:
    """Every row cites a clause of a document; what the text does not say has a reason, and only that."""
    documents = {row.text("document_id") for row in view.rows["policy_document"]}
    clauses = {row.text("clause_ref") for row in view.rows["policy_article"]}
    for row in view.rows["policy_article"]:
        if row.text("document_id") not in documents:
            yield row.problem("L4", f"unknown document: {row.text('document_id')} is not in policy_document")
    for family, rows in view.rows.items():
        if family == "policy_article" or "clause_ref" not in view.policy.schemas[family].columns:
            continue
        for row in rows:
            if row.text("clause_ref") not in clauses:
                yield row.problem("L4", f"unknown clause: {row.text('clause_ref')} is not in policy_article")
            yield from _one_of(row, "basis", BASES, "L4")
            ours = row.text("basis") == "assumed" or row.flag("is_gap_fill")
            if ours and not row.text("rationale"):
                yield row.problem("L4", "no rationale: a row that is assumed or fills a gap says why")
            if not ours and row.text("rationale"):
                yield row.problem("L4", "rationale of a source: a row that only repeats the text needs no reason")


def keys(view: InForce) -> Iterator[Problem]:
    """On no date do two rows hold with one key, and no rule_id stands in two families."""
    family_of: dict[str, Row] = {}
    for family, rows in view.rows.items():
        schema = view.policy.schemas[family]
        seen: dict[tuple[object, ...], Row] = {}
        for row in rows:
            key = tuple(row.values.get(column) for column in schema.key)
            before = seen.setdefault(key, row)
            if before is not row:
                words = ", ".join(str(part) for part in key if part not in (None, ""))
                close = "; close one of them before the other begins" if schema.has_validity else ""
                yield row.problem("L5", f"twice in force: {words} also stands in line {before.line}{close}")
        if family in ONCE:
            yield from _once(rows, ONCE[family], schema.key)
        for row in rows:
            if "rule_id" not in schema.columns or family == "policy_exception":
                continue
            other = family_of.setdefault(row.text("rule_id"), row)
            if other.family != family and not {other.family, family} <= set(RULE_FAMILIES):
                yield row.problem("L5", f"one name, two rules: {other.family}, line {other.line}, has this rule_id too")


def _once(rows: Sequence[Row], columns: Sequence[str], key: Sequence[str]) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        before = seen.setdefault(tuple(row.text(column) for column in columns), row)
        # One key twice is told by itself.
        if any(row.values.get(column) != before.values.get(column) for column in key):
            words = ", ".join(f"{column} {row.text(column) or 'empty'}" for column in columns)
            yield row.problem("L5", f"said twice: {words} also stands in line {before.line} ({before.name})")


# ---------------------------------------------------------------- numbers


def numbers(view: InForce) -> Iterator[Problem]:
    """Weights, counts and marks lie where they can mean something."""
    for row in view.rows["policy_aum_component"]:
        yield from _within(row, "weight", Decimal(0), Decimal(1))
    for row in view.rows["policy_visit_frequency"]:
        yield from _within(row, "contacts_per_period", Decimal(1), None)
        yield from _one_of(row, "period_months", [str(months) for months in PERIOD_MONTHS], "L6")
    for row in view.rows["policy_capacity"]:
        yield from _one_of(row, "capacity_kind", CAPACITY_KINDS)
        for column in ("lower_mark", "upper_mark"):
            yield from _within(row, column, Decimal(1), None)
        lower, upper = row.number("lower_mark"), row.number("upper_mark")
        if lower is not None and upper is not None and lower > upper:
            yield row.problem("L6", f"floor above cap: {plain(lower)} to {plain(upper)}")
    for row in view.rows["policy_scheme"]:
        yield from _within(row, "downgrade_after_months", Decimal(0), None)
        yield from _within(row, "stage", Decimal(1), None)
    for row in view.rows["policy_contact_event"]:
        yield from _within(row, "days_ahead", Decimal(0), None)
    for row in view.rows["policy_parameter"]:
        if row.text("unit") == "share":
            yield from _within(row, "number_value", Decimal(0), Decimal(1))
    for row in view.rows["policy_red_list_reason"]:
        try:
            re.compile(row.text("number_pattern"))
        except re.error as error:
            yield row.problem("L6", f"no pattern: number_pattern {row.text('number_pattern')!r}: {error}")


def plausible_bounds(view: InForce) -> Iterator[Problem]:
    """Bounds lie within their measure, and amounts in CNY in the range of their segment: finds slips of 万 and 亿.

    The ranges and the ratio are rows of policy_parameter: `bound_lowest_<segment>`, `bound_highest_<segment>`,
    `neighbour_bound_ratio_limit`.
    """
    wanted: set[str] = set()
    for scheme in view.schemes.values():
        amounts: dict[str, dict[Decimal, Row]] = {}
        for rule in view.rules.get(scheme.scheme, ()):
            for condition in rule.conditions:
                measure = view.measures.get(condition.measure_id)
                for bound in (condition.lower, condition.upper):
                    if measure is None or not measure.is_number or bound is None:
                        continue
                    yield from _in_domain(measure, bound, condition.row)
                    # Nothing is a bound in any unit.
                    if measure.unit == "CNY" and bound:
                        amounts.setdefault(measure.measure_id, {}).setdefault(abs(bound), condition.row)
        limits = {name: view.parameter(name) for name in (f"{_LOWEST}{scheme.segment}", f"{_HIGHEST}{scheme.segment}")}
        ratio = view.parameter(_RATIO)
        if amounts:
            wanted |= {*limits, _RATIO}
        for measure_id, found in amounts.items():
            yield from _in_range(scheme, measure_id, found, *limits.values())
            yield from _neighbours(measure_id, found, ratio)
    yield from _event_floors(view)
    for name in sorted(name for name in wanted if view.parameter(name) is None):
        yield _missing(view, "policy_parameter", f"no limit: {name} is not in force; amounts can't be judged", "L6")


_LOWEST, _HIGHEST, _RATIO = "bound_lowest_", "bound_highest_", "neighbour_bound_ratio_limit"


def _in_domain(measure: Measure, bound: Decimal, row: Row) -> Iterator[Problem]:
    lowest, highest = measure.lowest, measure.highest
    if (lowest is not None and bound < lowest) or (highest is not None and bound > highest):
        ends = " to ".join("any" if end is None else plain(end) for end in (lowest, highest))
        yield row.problem("L6", f"out of range: {measure.measure_id} {plain(bound)} is outside {ends}")
    elif measure.unit == "share" and abs(bound) > 1:
        yield row.problem("L6", f"unit slip: {measure.measure_id} {plain(bound)} is no share; 60 % is 0.60")


def _in_range(
    scheme: Scheme, measure_id: str, found: Mapping[Decimal, Row], low: Decimal | None, high: Decimal | None
) -> Iterator[Problem]:
    if low is None or high is None:
        return
    for bound, row in found.items():
        if not low <= bound <= high:
            yield row.problem(
                "L6",
                f"unit slip: {measure_id} {plain(bound)} CNY is outside {plain(low)} to {plain(high)}, the range of"
                f" {scheme.segment} bounds; amounts are in yuan, in full",
            )


def _event_floors(view: InForce) -> Iterator[Problem]:
    """Events concern customers of every segment: the widest range holds."""
    segments = sorted({scheme.segment for scheme in view.schemes.values()})
    lows = [low for name in segments if (low := view.parameter(_LOWEST + name)) is not None]
    highs = [high for name in segments if (high := view.parameter(_HIGHEST + name)) is not None]
    for row in view.rows["policy_contact_event"]:
        floor = row.number("amount_floor")
        if floor and lows and highs and not min(lows) <= floor <= max(highs):
            yield row.problem(
                "L6",
                f"unit slip: amount_floor {plain(floor)} CNY is outside {plain(min(lows))} to {plain(max(highs))};"
                " amounts are in yuan, in full",
            )


def _neighbours(measure_id: str, found: Mapping[Decimal, Row], ratio: Decimal | None) -> Iterator[Problem]:
    for low, high in pairwise(sorted(found)):
        if ratio is not None and high > low * ratio:
            # The one at the end of the row; the lower of two.
            row = found[low if low == min(found) else high]
            yield row.problem(
                "L6",
                f"unit slip: {measure_id} has neighbouring bounds {plain(low)} and {plain(high)}, more than"
                f" {plain(ratio)} times apart; amounts are in yuan, in full",
            )


# ---------------------------------------------------------------- roles


def roles(view: InForce) -> Iterator[Problem]:
    """Every role has a job title in both languages."""
    for row in view.rows["policy_role"]:
        for column in ("job_title_en", "job_title_zh"):
            if not row.text(column):
                yield row.problem("L7", f"no job title: {column} of {row.text('role')} is empty")


ALL: tuple[Check, ...] = (
    schemes, outcomes, idle, rules, measures, contract_values, amount_limits, references, reverse, sources, keys,
    numbers, plausible_bounds, roles,
)  # fmt: skip
# What the proof builds on: a scheme with such a problem is not proved before it is mended.
GROUNDS: tuple[Check, ...] = (schemes, outcomes, rules, measures, keys)


# ---------------------------------------------------------------- small parts


def _visit_schemes(view: InForce) -> list[Scheme]:
    """The schemes whose outcomes are visit classes: the tiers of corporate customers."""
    return [scheme for scheme in view.schemes.values() if (scheme.segment, scheme.purpose) == ("corporate", "tier")]


def _unknown_scheme(row: Row) -> Problem:
    return row.problem("L3", f"unknown scheme: {row.text('scheme')} is not in force in policy_scheme")


def _one_of(row: Row, column: str, allowed: Collection[str], check: str = "L3") -> Iterator[Problem]:
    if row.text(column) not in allowed:
        listed = ", ".join(allowed if isinstance(allowed, Sequence) else sorted(allowed))
        yield row.problem(check, f"unknown {column}: {row.text(column)} is none of {listed}")


def _delivered(view: InForce, row: Row, column: str, source: str) -> Iterator[Problem]:
    known = view.policy.vocabularies.get(source)
    value = row.text(column)
    if known is None:
        yield row.problem("L3", f"unknown table: the landing contract lists no {source}")
    elif value and value not in known:
        yield row.problem("L3", f"unknown {column}: {value} is none of {source} ({', '.join(known)})")


def _spoken_of(
    view: InForce, family: str, column: str, source: str, rows: Sequence[Row], what: str = ""
) -> Iterator[Problem]:
    spoken = {row.text(column) for row in rows}
    for value in view.policy.vocabularies.get(source, ()):
        if value not in spoken:
            yield _missing(view, family, f"no row{what}: {source} {value} of the landing contract")


def _missing(view: InForce, family: str, message: str, check: str = "L3") -> Problem:
    """A problem of a file that lacks a row; it stands at the file's header."""
    return Problem(view.policy.shown(family), 1, "", check, message)


def _within(row: Row, column: str, lowest: Decimal, highest: Decimal | None) -> Iterator[Problem]:
    value = row.number(column)
    if value is not None and (value < lowest or (highest is not None and value > highest)):
        ends = f"{plain(lowest)} or more" if highest is None else f"{plain(lowest)} to {plain(highest)}"
        yield row.problem("L6", f"out of range: {column} {plain(value)} is not {ends}")
