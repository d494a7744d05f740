"""Where an outlet stands among those of its branch, and a person among those of the same role there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .days import rounded
from .kpi import EMPLOYEE, ORG
from .landing import Row
from .organizations import Tree

PEER_MINIMUM = {ORG: 1, EMPLOYEE: 5}
PLACES = 6


@dataclass(frozen=True)
class Rule:
    """A row of policy_ranking."""

    subject_kind: str
    compare: str
    metric: str
    measure: str = "value"
    better: str = "high"
    weight: Decimal = Decimal(1)


RULES = [
    Rule(ORG, "growth", "deposit_balance", "growth_rate_year"),
    Rule(ORG, "growth", "loan_balance", "growth_rate_year"),
    Rule(ORG, "growth", "customers_in_scope", "year_to_date"),
    Rule(ORG, "maintenance", "contact_completion_rate"),
    Rule(ORG, "maintenance", "upgrade_rate"),
    Rule(ORG, "maintenance", "unreachable_share", better="low"),
    Rule(ORG, "control", "npl_ratio", better="low"),
    Rule(ORG, "control", "doubtful_share", better="low"),
    Rule(ORG, "control", "stale_statement_share", better="low"),
    Rule(EMPLOYEE, "result", "assigned_financial_assets", "year_to_date"),
    Rule(EMPLOYEE, "result", "credited_revenue_12m"),
    Rule(EMPLOYEE, "process", "counted_contacts"),
    Rule(EMPLOYEE, "process", "customers_contacted"),
    Rule(EMPLOYEE, "process", "doubtful_contacts", better="low"),
]


def ranking_rows(
    kpis: Iterable[Row], loads: Iterable[Row], tree: Tree, month: date, rules: Sequence[Rule] = RULES
) -> list[Row]:
    """fct_ranking_monthly: a row for every subject and compare, without score and rank where peers are too few."""
    known = {(row["subject_kind"], row["metric"], row["subject_id"]): row for row in kpis}
    table: list[Row] = []
    for (kind, group), members in _groups(loads, tree).items():
        compares = {rule.compare: [each for each in rules if _is_of(each, kind, rule.compare)] for rule in rules}
        scores = {
            compare: _scores(own, members, known) if len(members) >= PEER_MINIMUM[kind] else {}
            for compare, own in compares.items()
            if own
        }
        scores["overall"] = {
            member: rounded(Fraction(sum(own)) / len(own), PLACES)
            for member in members
            if (own := [of[member] for of in scores.values() if member in of])
        }
        for compare, of in scores.items():
            for member in members:
                score = of.get(member)
                table.append(
                    {
                        "policy_month": month,
                        "subject_kind": kind,
                        "subject_id": member,
                        "compare": compare,
                        "peer_group": group,
                        "peers": len(members),
                        "score": score,
                        "rank": None if score is None else 1 + sum(other > score for other in of.values()),
                    }
                )
    return table


def _is_of(rule: Rule, kind: str, compare: str) -> bool:
    return (rule.subject_kind, rule.compare) == (kind, compare)


def _groups(loads: Iterable[Row], tree: Tree) -> dict[tuple[str, str], list[str]]:
    """(subject kind, peer group) -> its members."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for org_id, row in tree.rows.items():
        if row["org_level"] == "outlet":
            groups[ORG, tree.branch(org_id)].append(org_id)
    for row in loads:
        groups[EMPLOYEE, f"{tree.branch(row['org_id'])}:{row['role']}"].append(row["employee_id"])
    return groups


def _scores(
    rules: Sequence[Rule], members: Sequence[str], known: Mapping[tuple[str, str, str], Row]
) -> dict[str, Decimal]:
    """The weighted mean of the points; whoever has none has no score."""
    points = [
        (
            rule.weight,
            points_of(
                {
                    member: known.get((rule.subject_kind, rule.metric, member), {}).get(rule.measure)
                    for member in members
                },
                rule.better,
            ),
        )
        for rule in rules
    ]
    scores: dict[str, Decimal] = {}
    for member in members:
        own = [(weight, of[member]) for weight, of in points if member in of]
        if (total := sum(weight for weight, _ in own)) > 0:
            scores[member] = rounded(sum(Fraction(weight) * Fraction(point) for weight, point in own) / Fraction(total),
                                     PLACES)  # fmt: skip
    return scores


def points_of(values: Mapping[str, Any], better: str) -> dict[str, Decimal]:
    """From 0 for the worst to 1 for the best; nobody's without a second value."""
    having = {member: value for member, value in values.items() if value is not None}
    if len(having) < 2:
        return {}
    points: dict[str, Decimal] = {}
    for member, value in having.items():
        worse = sum(other < value if better == "high" else other > value for other in having.values())
        equal = sum(other == value for other in having.values()) - 1
        points[member] = rounded((worse + Fraction(equal, 2)) / (len(having) - 1), PLACES)
    return points
