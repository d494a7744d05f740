"""L2 and L3: schemes, outcomes, routes, rules and measures that can't work or that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from expectations.policy.checks.parts import one_of, unknown_scheme
from expectations.policy.model import PURPOSES, RULE_FAMILIES, Condition, InForce, Measure, Row, Rule, Scheme
from expectations.policy.sheets import Problem
from expectations.policy.wording import plain

# Appraisals judge staff; every other segment is one of customers.
STAFF = "staff"
RESOLVERS = ("best", "all")
# The segment of measures that every customer has.
EVERY_SEGMENT = "both"
# Units with fractions. Amounts are recognized by their unit, so a misspelled unit would hide one.
BROKEN_UNITS = ("CNY", "share")
# The file for the rules of a purpose; all others are in policy_tier_rule.
FAMILY_OF_PURPOSE = {
    "maintainer": "policy_maintainer",
    "managing_level": "policy_maintainer",
    "appraisal": "policy_score_band",
}


def schemes(view: InForce) -> Iterator[Problem]:
    """A scheme has a valid segment, purpose, resolver, measure and default, and has outcomes and rules."""
    segments = {row.text("segment") for row in view.rows["policy_segment"]} | {STAFF}
    for scheme in view.schemes.values():
        say = scheme.row.problem
        yield from one_of(scheme.row, "segment", segments)
        yield from one_of(scheme.row, "purpose", PURPOSES)
        yield from one_of(scheme.row, "resolver", RESOLVERS)
        if scheme.own_measure_id and scheme.own_measure_id not in view.measures:
            yield say("L3", f"unknown measure: own_measure_id {scheme.own_measure_id} is not in policy_measure")
        if not view.tiers.get(scheme.scheme):
            yield say("L3", f"no outcome: policy_tier has no row of {scheme.scheme}")
        elif scheme.default_tier_code and scheme.default_tier_code not in view.tiers[scheme.scheme]:
            yield say("L3", f"unknown outcome: default_tier_code {scheme.default_tier_code} is not in policy_tier")
        # An empty flag is None; `flag` would read it as false.
        is_said = scheme.row.values.get("default_lifted_by_own_measure") is not None
        if is_said != bool(scheme.default_tier_code and scheme.own_measure_id):
            both = "a default and an own measure"
            yield say("L2", f"default_lifted_by_own_measure: it is for a scheme with {both}, and only for it")
        if not view.rules.get(scheme.scheme):
            yield say("L3", f"no rule: no row in force belongs to {scheme.scheme}")


def outcomes(view: InForce) -> Iterator[Problem]:
    """Every outcome and route belongs to a scheme; the best rank is 1."""
    for row in (*view.rows["policy_tier"], *view.rows["policy_route"]):
        if row.text("scheme") not in view.schemes:
            yield unknown_scheme(row)
    for tier in (tier for tiers in view.tiers.values() for tier in tiers.values()):
        if tier.rank < 1:
            yield tier.row.problem("L2", f"rank: {tier.tier_code} has rank {tier.rank}; 1 is the best")


def idle(view: InForce) -> Iterator[Problem]:
    """Every outcome that is not a default, and every route, has a rule that leads to it."""
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
    """A rule has a scheme, an outcome and a route, its rows agree, and each of its conditions can hold."""
    rows_of: dict[str, list[Row]] = {}
    for family in RULE_FAMILIES:
        for row in view.rows[family]:
            rows_of.setdefault(row.text("rule_id"), []).append(row)
    for rule_id, rows in rows_of.items():
        rule = view.all_rules[rule_id]
        yield from _agreement(rows)
        scheme = view.schemes.get(rule.scheme)
        if scheme is None:
            yield unknown_scheme(rule.row)
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
        yield rule.row.problem("L3", f"wrong file: rules of the purpose {scheme.purpose} belong in {family}.csv")
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
        yield say("L3", f"unknown scheme: {measure.measure_id} is from {measure.derived_from_scheme}, not in force")
    elif source and (source.stage >= scheme.stage or source.segment != scheme.segment):
        yield say("L2", f"too early: {source.scheme} is not judged before {scheme.scheme} for the same customers")
    elif measure.row.text("segment") not in (EVERY_SEGMENT, scheme.segment):
        yield say("L2", f"never met: {measure.measure_id} is not measured for {scheme.segment} customers")
    elif source and condition.category and condition.category == source.default_tier_code:
        yield say("L2", f"never met: {condition.category} is the default of {source.scheme}, which no rule awards")
    bounds = [bound for bound in (condition.lower, condition.upper) if bound is not None]
    if condition.category:
        if bounds:
            yield say("L2", "band and category: a row is one or the other; write two rows")
        vocabulary = view.vocabulary(measure.measure_id)
        if vocabulary and condition.category not in vocabulary:
            yield say("L3", f"unknown category: {condition.category} is not one of {', '.join(vocabulary)}")
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
    """A measure is a number with unit and step, or a category with an existing vocabulary."""
    every_scheme = {row.text("scheme") for row in view.policy.rows["policy_scheme"]}
    for measure in view.measures.values():
        say = measure.row.problem
        yield from one_of(measure.row, "kind", ("number", "category"))
        yield from one_of(
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
                "L3", f"unknown vocabulary: {measure.vocabulary} is not a landing contract enum or a reference column"
            )
