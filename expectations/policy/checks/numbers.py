"""L6: units and plausible numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from expectations.policy.checks.parts import missing_row, one_of, within
from expectations.policy.checks.references import CAPACITY_KINDS
from expectations.policy.model import InForce, Measure, Row, Scheme
from expectations.policy.sheets import Problem
from expectations.policy.wording import plain

# Published months that a refresh may look back to, and units of time that come in whole numbers only.
MONTHS_KEPT = 12
TIMES = ("months", "days", "day", "years")
# Columns of amounts in CNY that are no bounds of a rule; their rows name a segment.
AMOUNTS = (("policy_action", "amount_floor"), ("policy_concentration", "lower"), ("policy_concentration", "upper"))
# A duty is counted by month, quarter, half-year or year, so that its periods match the calendar's.
PERIOD_MONTHS = (1, 3, 6, 12)
# Negated classes, and those that hold white space; the macro matched_whole says why.
MAY_MATCH_LINE_BREAK = re.compile(r"\[\^|\\[DWsnrvf]|\(\?[a-zA-Z]*s")
_LOWEST, _HIGHEST, _RATIO = "bound_lowest_", "bound_highest_", "neighbour_bound_ratio_limit"


def numbers(view: InForce) -> Iterator[Problem]:
    """Weights, counts and marks are in meaningful ranges."""
    for row in view.rows["policy_aum_component"]:
        yield from within(row, "weight", Decimal(0), Decimal(1))
    for row in view.rows["policy_visit_frequency"]:
        yield from within(row, "contacts_per_period", Decimal(1), None)
        yield from one_of(row, "period_months", [str(months) for months in PERIOD_MONTHS], "L6")
    for row in view.rows["policy_capacity"]:
        yield from one_of(row, "capacity_kind", CAPACITY_KINDS)
        for column in ("lower_mark", "upper_mark"):
            yield from within(row, column, Decimal(1), None)
        lower, upper = row.number("lower_mark"), row.number("upper_mark")
        if lower is not None and upper is not None and lower > upper:
            yield row.problem("L6", f"floor above cap: {plain(lower)} to {plain(upper)}")
    for row in view.rows["policy_scheme"]:
        yield from within(row, "downgrade_after_months", Decimal(0), None)
        yield from within(row, "stage", Decimal(1), None)
    for row in view.rows["policy_action"]:
        yield from within(row, "days_ahead", Decimal(0), None)
    for row in view.rows["policy_parameter"]:
        yield from _parameter(row)
    for row in view.rows["policy_red_list_reason"]:
        try:
            re.compile(row.text("number_pattern"))
        except re.error as error:
            yield row.problem("L6", f"no pattern: number_pattern {row.text('number_pattern')!r}: {error}")
        if MAY_MATCH_LINE_BREAK.search(row.text("number_pattern")):
            what = "it may match a line break, and numbers are judged many at a time, a line each"
            yield row.problem("L6", f"too wide: number_pattern: {what}; name the characters that it allows")


def _parameter(row: Row) -> Iterator[Problem]:
    """No parameter is negative; a share is at most 1; months, days and years are whole."""
    value = row.number("number_value")
    if row.text("parameter_id") == "churn_window_months":
        yield from within(row, "number_value", Decimal(1), Decimal(MONTHS_KEPT))
    else:
        yield from within(row, "number_value", Decimal(0), Decimal(1) if row.text("unit") == "share" else None)
    if value is not None and row.text("unit") in TIMES and value % 1:
        yield row.problem("L6", f"no whole number: {plain(value)} {row.text('unit')}")


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
                    # Zero is a bound in any unit.
                    if measure.unit == "CNY" and bound:
                        amounts.setdefault(measure.measure_id, {}).setdefault(abs(bound), condition.row)
        limits = {name: view.parameter(name) for name in (f"{_LOWEST}{scheme.segment}", f"{_HIGHEST}{scheme.segment}")}
        ratio = view.parameter(_RATIO)
        if amounts:
            wanted |= {*limits, _RATIO}
        for measure_id, found in amounts.items():
            yield from _in_range(scheme, measure_id, found, *limits.values())
            yield from _neighbours(measure_id, found, ratio)
    yield from _other_amounts(view)
    for name in sorted(name for name in wanted if view.parameter(name) is None):
        yield missing_row(view, "policy_parameter", f"no limit: {name} is not in force; amounts can't be judged", "L6")


def _in_domain(measure: Measure, bound: Decimal, row: Row) -> Iterator[Problem]:
    lowest, highest = measure.lowest, measure.highest
    if (lowest is not None and bound < lowest) or (highest is not None and bound > highest):
        ends = " to ".join("any" if end is None else plain(end) for end in (lowest, highest))
        yield row.problem("L6", f"out of range: {measure.measure_id} {plain(bound)} is outside {ends}")
    elif measure.unit == "share" and abs(bound) > 1:
        yield row.problem("L6", f"unit slip: {measure.measure_id} {plain(bound)} is not a share; 60 % is 0.60")


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


def _other_amounts(view: InForce) -> Iterator[Problem]:
    for family, column in AMOUNTS:
        for row in view.rows[family]:
            segment, amount = row.text("segment"), row.number(column)
            low, high = view.parameter(_LOWEST + segment), view.parameter(_HIGHEST + segment)
            # Zero is a bound in any unit.
            if amount and low is not None and high is not None and not low <= abs(amount) <= high:
                yield row.problem(
                    "L6",
                    f"unit slip: {column} {plain(amount)} CNY is outside {plain(low)} to {plain(high)}, the range of"
                    f" {segment} amounts; amounts are in yuan, in full",
                )


def _neighbours(measure_id: str, found: Mapping[Decimal, Row], ratio: Decimal | None) -> Iterator[Problem]:
    for low, high in pairwise(sorted(found)):
        if ratio is not None and high > low * ratio:
            # The outermost bound; of two, the lower.
            row = found[low if low == min(found) else high]
            yield row.problem(
                "L6",
                f"unit slip: {measure_id} has neighbouring bounds {plain(low)} and {plain(high)}, more than"
                f" {plain(ratio)} times apart; amounts are in yuan, in full",
            )
