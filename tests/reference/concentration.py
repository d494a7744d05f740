"""How business is spread: concentration over customers, and the way from prospect to customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil

from .customers import ZERO, Customer
from .landing import Accepted, Row
from .organizations import Tree
from .tiers import own_measure

LEVELS = {"head_office", "province_branch", "branch"}
MEASURES = {"retail": ("financial_assets", "revenue_12m"), "corporate": ("deposit_balance", "revenue_12m")}
BANDS = {"retail": (("50K_1M", Decimal(50_000), Decimal(1_000_000)),)}  # the upper bound is excluded
TOPS = ("0.01", "0.05", "0.10", "0.20", "0.50")


def concentration_rows(
    customers: Mapping[str, Customer], tiers: Mapping[str, Row], views: Mapping[str, Row], tree: Tree, month: date
) -> list[Row]:
    """fct_concentration_monthly: the customers of a segment in each organisation from the branch up."""
    populations: dict[tuple[str, str], list[str]] = defaultdict(list)
    for customer_id, customer in customers.items():
        for org_id in tree.line(customer.row["org_id"]):
            if tree.rows[org_id]["org_level"] in LEVELS:
                populations[org_id, customer.segment].append(customer_id)
    table: list[Row] = []
    for (org_id, segment), members in populations.items():
        own = {member: own_measure(customers[member], tiers[member]) for member in members}
        codes = {member: customers[member].tier_code for member in members}
        for measure in MEASURES[segment]:
            values = own if measure != "revenue_12m" else {m: views[m][measure] or ZERO for m in members}
            total = sum(values.values(), ZERO)
            for kind, code, group in _groups(segment, own, values, codes):
                value = sum((values[member] for member in group), ZERO)
                table.append(
                    {
                        "policy_month": month,
                        "org_id": org_id,
                        "segment": segment,
                        "measure": measure,
                        "group_kind": kind,
                        "group_code": code,
                        "customers": len(group),
                        "value": value,
                        "share_of_customers": len(group) / len(members),
                        "share_of_value": float(Fraction(value) / Fraction(total)) if total > 0 else None,
                    }
                )
    return table


def _groups(
    segment: str, own: Mapping[str, Decimal], values: Mapping[str, Decimal], codes: Mapping[str, str]
) -> Iterator[tuple[str, str, list[str]]]:
    """(group_kind, group_code, its customers) of one population and measure."""
    for code in sorted(set(codes.values())):
        yield "tier", code, [member for member, tier in codes.items() if tier == code]
    for code, lower, upper in BANDS.get(segment, ()):
        yield "band", code, [member for member, value in own.items() if lower <= value < upper]
    greatest = sorted(values, key=lambda member: values[member], reverse=True)
    for code in TOPS:
        yield "top", code, greatest[: ceil(Fraction(code) * len(values))]


def prospect_rows(data: Accepted, customers: Mapping[str, Customer], month: date, day: date) -> list[Row]:
    """fct_prospect_funnel_monthly: by the organisation that works on them and by source, not rolled up."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in data.rows.get("prospect", ()):
        groups[row["org_id"], row["source"]].append(row)
    table: list[Row] = []
    for (org_id, source), rows in groups.items():
        classes = [
            customers[row["customer_id"]].tier_code
            for row in rows
            if row["customer_id"] in customers and customers[row["customer_id"]].row["opened_on"] >= row["listed_on"]
        ]
        table.append(
            {
                "policy_month": month,
                "org_id": org_id,
                "source": source,
                "prospects": len(rows),
                "contacted": sum(row["contacted_on"] is not None and row["contacted_on"] <= day for row in rows),
                "opened": len(classes),
                **{f"opened_{code}": classes.count(code.upper()) for code in ("c1", "c2", "c3")},
            }
        )
    return table
