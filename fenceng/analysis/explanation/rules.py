"""The published rules of a month, and how far values are from meeting them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from expectations.policy.evaluate import MeasureValue
from expectations.policy.model import CLAUSES, Condition, Row, Rule
from fenceng.analysis.explanation.facts import Missed, MissedGroup

# The category of an unknown number (R35).
UNKNOWN = "unknown"


def missed_groups(groups: Sequence[Sequence[Condition]], values: Mapping[str, MeasureValue]) -> tuple[MissedGroup, ...]:
    """The condition numbers that do not hold, each with the shortfalls of its alternatives."""
    return tuple(
        tuple(_missed(condition, values.get(condition.measure_id)) for condition in group)
        for group in groups
        if not any(condition.holds(values.get(condition.measure_id)) for condition in group)
    )


def rules_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Rule, ...]]:
    """scheme -> its rules, from rows of fct_policy_rule_monthly; best outcome first, then by name."""
    gathered: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["condition_no"], row["alternative_no"])):
        gathered.setdefault(row["rule_id"], []).append(row)
    rules: dict[str, list[tuple[int, Rule]]] = {}
    for rule_id, own in gathered.items():
        conditions = [_condition(row) for row in own]
        numbers = sorted({(condition.is_soft, condition.number) for condition in conditions})
        groups = [
            (soft, tuple(c for c in conditions if (c.is_soft, c.number) == (soft, number))) for soft, number in numbers
        ]
        first = own[0]
        rule = Rule(
            row=conditions[0].row,
            rule_id=rule_id,
            scheme=first["scheme"],
            tier_code=first["tier_code"],
            route=first["route"],
            hard=tuple(group for soft, group in groups if not soft),
            soft=tuple(group for soft, group in groups if soft),
            clause_ref=CLAUSES.join(sorted({row["clause_ref"] for row in own})),
            basis=first["basis"],
            is_gap_fill=first["is_gap_fill"],
            rationale=first["rationale"] or "",
        )
        rules.setdefault(rule.scheme, []).append((first["tier_rank"], rule))
    return {
        scheme: tuple(rule for _, rule in sorted(ranked, key=lambda pair: (pair[0], pair[1].rule_id)))
        for scheme, ranked in sorted(rules.items())
    }


def _missed(condition: Condition, value: MeasureValue) -> Missed:
    if value is None or value == UNKNOWN:
        return Missed(condition, value, "unknown")
    if condition.category or not isinstance(value, Decimal):
        return Missed(condition, value, "other")
    lower, upper = condition.lower, condition.upper
    if lower is not None and value <= lower:
        return Missed(condition, value, "below", lower - value)
    return Missed(condition, value, "above", value - upper if upper is not None else Decimal(0))


def _condition(row: Mapping[str, Any]) -> Condition:
    return Condition(
        row=Row("fct_policy_rule_monthly", "fct_policy_rule_monthly", 0, dict(row)),
        rule_id=row["rule_id"],
        number=row["condition_no"],
        measure_id=row["measure_id"],
        lower=row["lower_bound"],
        lower_inclusive=bool(row["lower_inclusive"]),
        upper=row["upper_bound"],
        upper_inclusive=bool(row["upper_inclusive"]),
        category=row["category_value"] or "",
        is_soft=row["is_soft"],
    )
