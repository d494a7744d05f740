"""What a campaign has brought: those whom it was meant for against those who were left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from .customers import RETAIL_KINDS, Customer
from .landing import Accepted, Row
from .organizations import Tree
from .white_space import trimmed

CONVERSION_DAYS = timedelta(days=30)
Z = Decimal("1.959963984540054")
PLAN = ("situation", "goals", "strategy", "implementation", "feedback_channel")


def campaign_rows(data: Accepted, customers: Mapping[str, Customer], tree: Tree, day: date) -> list[Row]:
    """fct_campaign_result."""
    members: dict[str, list[Row]] = defaultdict(list)
    for row in data.rows.get("campaign_member", ()):
        members[row["campaign_id"]].append(row)
    table: list[Row] = []
    for campaign in data.rows.get("campaign", ()):
        own = members[campaign["campaign_id"]]
        targeted = [row for row in own if not row["is_control"]]
        controls = [row for row in own if row["is_control"]]
        contacted = [row for row in targeted if _is_contacted(row, day)]
        converted, controls_converted = (
            sum(_is_converted(row, campaign, day) for row in rows) for rows in (targeted, controls)
        )
        table.append(
            {
                "campaign_id": campaign["campaign_id"],
                "org_id": campaign["org_id"],
                "org_level": tree.rows[campaign["org_id"]]["org_level"],
                "starts_on": campaign["starts_on"],
                "ends_on": campaign["ends_on"],
                "status": _status(campaign, day),
                "missing_plan_fields": _missing(campaign),
                "planned_conversions": campaign["planned_conversions"],
                "targeted": len(targeted),
                "contacted": len(contacted),
                "contacted_without_consent": sum(_had_no_consent(row, customers) for row in contacted),
                "converted": converted,
                "controls": len(controls),
                "controls_contacted": sum(_is_contacted(row, day) for row in controls),
                "controls_converted": controls_converted,
                "conversion_rate": converted / len(targeted) if targeted else None,
                "control_rate": controls_converted / len(controls) if controls else None,
                **lift_of(converted, len(targeted), controls_converted, len(controls)),
            }
        )
    return table


def _is_contacted(member: Row, day: date) -> bool:
    return member["contacted_on"] is not None and member["contacted_on"] <= day


def _is_converted(member: Row, campaign: Row, day: date) -> bool:
    on = member["converted_on"]
    return on is not None and on <= day and campaign["starts_on"] <= on <= campaign["ends_on"] + CONVERSION_DAYS


def _had_no_consent(member: Row, customers: Mapping[str, Customer]) -> bool:
    customer = customers.get(member["customer_id"])
    if customer is None or customer.row["customer_kind"] not in RETAIL_KINDS:
        return False
    return customer.row["marketing_consent"] is not True


def _status(campaign: Row, day: date) -> str:
    if day < campaign["starts_on"]:
        return "planned"
    if day <= campaign["ends_on"]:
        return "running"
    return "converting" if day <= campaign["ends_on"] + CONVERSION_DAYS else "closed"


def _missing(campaign: Row) -> str | None:
    return ",".join(name for name in PLAN if not trimmed(campaign[name] or "")) or None


# ---------------------------------------------------------------- lift


def lift_of(converted: int, targeted: int, controls_converted: int, controls: int) -> Row:
    """The difference of the two rates with Newcombe's interval; null without both groups."""
    if not targeted or not controls:
        return {"lift": None, "lift_low": None, "lift_high": None}
    lift = Fraction(converted, targeted) - Fraction(controls_converted, controls)
    with localcontext(Context(prec=60)):
        one, one_low, one_high = _score_interval(converted, targeted)
        none, none_low, none_high = _score_interval(controls_converted, controls)
        exact = Decimal(lift.numerator) / Decimal(lift.denominator)
        low = exact - _length(one - one_low, none_high - none)
        high = exact + _length(one_high - one, none - none_low)
    return {"lift": float(lift), "lift_low": float(low), "lift_high": float(high)}


def _score_interval(hits: int, of: int) -> Sequence[Decimal]:
    """The rate and the bounds of its score interval, without continuity correction."""
    n = Decimal(of)
    rate, square = hits / n, Z * Z
    centre = (rate + square / (2 * n)) / (1 + square / n)
    half = Z / (1 + square / n) * (rate * (1 - rate) / n + square / (4 * n * n)).sqrt()
    return rate, centre - half, centre + half


def _length(*sides: Decimal) -> Decimal:
    return sum((side * side for side in sides), Decimal(0)).sqrt()
