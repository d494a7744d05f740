"""The tier, class and size that the policy gives a customer, and the distance to the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from .customers import Customer, Profile, age, contribution
from .days import completed_years
from .landing import Row

YI = Decimal(100_000_000)  # 100 million

RANK = {"T1": 1, "T2": 2, "T3": 3, "T4": 4, "T5": 5, "T0": 6, "C1": 1, "C2": 2, "C3": 3, "C0": 4}


INSTITUTIONS_BY_TYPE = {"public_hospital", "school", "design_institute"}
LEVEL_SIZE = {
    "ministry": "large",
    "province": "large",
    "municipality": "large",
    "prefecture": "medium",
    "city": "medium",
    "district": "medium",
    "county": "medium",
    "township": "small",
    "town": "small",
    "village": "small",
}
SIZES = ["extra_large", "large", "medium", "small"]  # below the last bound: micro
ASSET_BOUNDS = [300 * YI, 6 * YI, YI * 6 / 10, YI / 10]
CAPITAL_BOUNDS = [50 * YI, YI, YI / 10, YI * 5 / 100]

# The entry of each tier on its own measure; T5, T0, C3 and C0 are entered in other ways.
ENTRY = {
    "T1": Decimal(2_000_000),
    "T2": Decimal(200_000),
    "T3": Decimal(100_000),
    "T4": Decimal(50_000),
    "C1": 2 * YI,
    "C2": YI / 2,
}
# What C0 lacks is an account, not money.
ABOVE = {"T2": "T1", "T3": "T2", "T4": "T3", "T5": "T4", "T0": "T4", "C2": "C1", "C3": "C2"}
EXCLUDED = {"T1"}  # begins above its bound

GOOD_RATINGS = {"AAA", "AA+", "AA", "AA-", "A+", "A"}


# ---------------------------------------------------------------- retail


def classify_retail(customer: Customer) -> None:
    """Routes, scope and tier of a retail customer."""
    assets = customer.financial_assets
    if assets >= 50_000:
        customer.routes.add("aum")
    if customer.card_spend_12m >= 50_000:
        customer.routes.add("card_spend")
    if customer.loan_balance >= 300_000:
        customer.routes.add("loan")
    if customer.custody_margin_balance >= 10_000:
        customer.routes.add("custody")
    if customer.best_card_grade in ("gold", "platinum", "diamond"):
        customer.routes.add("card_grade")
    if customer.row["wealth_admission"] is not None:
        customer.routes.add("admission")
    customer.is_in_scope = bool(customer.routes)

    if assets > 2_000_000 or customer.row["wealth_admission"] in ("private_banking", "wealth"):
        customer.tier_code = "T1"
    elif assets >= 200_000 or customer.row["wealth_admission"] == "affluent":
        customer.tier_code = "T2"
    elif assets >= 100_000:
        customer.tier_code = "T3"
    elif assets >= 50_000:
        customer.tier_code = "T4"
    elif customer.is_in_scope:
        customer.tier_code = "T5"
        customer.is_gap_fill = True
    else:
        customer.tier_code = "T0"


# ---------------------------------------------------------------- corporate


def classify_corporate(customer: Customer) -> None:
    """Visit class of a corporate customer."""
    deposits = customer.deposit_balance
    if deposits >= 2 * YI or customer.target_credit_amount >= 2 * YI:
        customer.tier_code = "C1"
    elif deposits >= YI / 2:
        customer.tier_code = "C2"
    elif customer.open_accounts:
        customer.tier_code = "C3"
    elif customer.valid_credit_lines:
        customer.tier_code = "C3"
        customer.is_gap_fill = True
    else:
        customer.tier_code = "C0"
    customer.is_in_scope = customer.tier_code != "C0"


def size_of(customer: Customer, day: date) -> tuple[str | None, str | None]:
    """Size tier and basis; none for retail."""
    if customer.segment == "retail":
        return None, None
    basis, value = size_measure(customer, day)
    if basis == "administrative_level":
        return LEVEL_SIZE.get(value or "", "unknown"), basis
    if basis == "total_assets":
        return _band(value, ASSET_BOUNDS), basis
    if basis == "registered_capital":
        return _band(value, CAPITAL_BOUNDS), basis
    return "unknown", None


def size_measure(customer: Customer, day: date) -> tuple[str | None, Any]:
    """The measure that decides a corporate customer's size, and its value; None for retail or if nothing is known."""
    if customer.segment == "retail":
        return None, None
    profile = customer.profile or {}
    if is_institution(customer):
        return "administrative_level", profile.get("administrative_level")
    if is_credit_customer(customer):
        statement = statement_of(customer, profile.get("established_on"), day)
        if statement is not None:
            return "total_assets", statement["total_assets"]
    capital = profile.get("registered_capital")
    return (None, None) if capital is None else ("registered_capital", capital)


def is_institution(customer: Customer) -> bool:
    """Whether the size of a corporate customer goes by its administrative level."""
    by_type = (customer.profile or {}).get("institution_type") in INSTITUTIONS_BY_TYPE
    return customer.row["customer_kind"] == "institution" or by_type


def is_credit_customer(customer: Customer) -> bool:
    """A valid line with an approved amount, or an active loan with principal."""
    return customer.has_approved_line or customer.has_principal


def value_class(customer: Customer, profile: Profile) -> str | None:
    """Value of a corporate customer by economic capital return and closeness; None without a contribution."""
    earned = contribution(customer, "economic_capital_return")
    if customer.segment == "retail" or earned is None:
        return None
    if earned >= 5_000_000:
        assert profile.settlement_share is not None
        return "strategic_base" if profile.settlement_share >= Decimal("0.6") else "quality_base"
    if earned >= 1_000_000:
        return "quality_base"
    if earned >= 100_000:
        return "effective_base"
    return "cultivation" if earned >= 0 else "adjustment"


def cooperation_class(customer: Customer, profile: Profile, day: date) -> str | None:
    """How closely a corporate customer works with the bank; None for retail.

    The shares of settlement and of related parties are required in principle only and decide nothing.
    """
    if customer.segment == "retail":
        return None
    is_sound = profile.bad_record == "none" and profile.credit_rating in GOOD_RATINGS
    lead = profile.profit_margin_lead
    if is_sound and profile.market_position is not None and profile.has_agreement and lead is not None and lead >= 0:
        return "strategic"
    if is_sound and completed_years(customer.row["opened_on"], day) >= 3:
        return "quality"
    return "contributing" if (contribution(customer, "revenue") or 0) > 0 else "potential"


def recommended_role(customer: Customer, day: date) -> str | None:
    """Who maintains a retail customer in scope; None otherwise."""
    if customer.tier_code == "T4":
        years = age(customer, day)
        return "lobby_manager" if years is not None and years >= 60 else "outlet_staff"
    roles = {"T1": "wealth_manager", "T2": "finance_manager", "T3": "lobby_manager", "T5": "outlet_staff"}
    return roles.get(customer.tier_code)


def maintaining_department(customer: Customer) -> str | None:
    """The department that maintains a corporate customer with business alongside the outlet."""
    departments = {
        "C1": "branch_and_province_department",
        "C2": "branch_and_province_department",
        "C3": "branch_department",
    }
    return departments.get(customer.tier_code)


def managing_level(cooperation: str | None) -> str | None:
    """The level that manages a cooperation class."""
    if cooperation is None:
        return None
    return "branch" if cooperation in ("strategic", "quality") else "sub_branch"


def statement_of(customer: Customer, established_on: date | None, day: date) -> Row | None:
    """Choose the newest annual statement; of any kind if the customer was established in the year of D."""
    is_new = established_on is not None and established_on.year == day.year
    usable = [
        row for row in customer.statements if row["period_end"] <= day and (is_new or row["report_kind"] == "annual")
    ]
    # the same period twice: the annual one
    return max(usable, key=lambda row: (row["period_end"], row["report_kind"] == "annual"), default=None)


def _band(value: Decimal, bounds: list[Decimal]) -> str:
    for size, bound in zip(SIZES, bounds, strict=True):
        if value >= bound:
            return size
    return "micro"


def amount_to_next(customer: Customer) -> Decimal | None:
    """The fewest whole fen with which the own measure meets the next higher tier's bound; None at the top."""
    above = ABOVE.get(customer.tier_code)
    if above is None:
        return None
    gap, one = ENTRY[above] - own_value(customer), Decimal("0.01")
    missing = gap.quantize(one, ROUND_FLOOR) + one if above in EXCLUDED else gap.quantize(one, ROUND_CEILING)
    return max(missing, Decimal("0.00"))


def own_value(customer: Customer) -> Decimal:
    """The measure that the customer's tier bounds are defined on."""
    return customer.financial_assets if customer.segment == "retail" else customer.deposit_balance


def own_measure(customer: Customer, row: Row) -> Decimal:
    """The same as published, in a tier row of any month: the column of the customer's segment of today."""
    amount: Decimal = row["financial_assets" if customer.segment == "retail" else "deposit_balance"]
    return amount


def near_bounds(customer: Customer) -> Iterator[tuple[str, Decimal, Decimal]]:
    """(direction, bound, distance) where the customer is within a tenth of a bound.

    Up to the next tier; or down, if the current tier was entered by its bound and not by another route.
    """
    value, missing = own_value(customer), amount_to_next(customer)
    above, entry = ABOVE.get(customer.tier_code), ENTRY.get(customer.tier_code)
    if above is not None and missing is not None and missing <= ENTRY[above] / 10:
        yield "up", ENTRY[above], missing
    if entry is not None and 0 <= value - entry <= entry / 10:
        yield "down", entry, value - entry


def movement(previous: str | None, current: str) -> str:
    """Compare by rank: new, up, same or down."""
    if previous is None:
        return "new"
    if RANK[current] == RANK[previous]:
        return "same"
    return "up" if RANK[current] < RANK[previous] else "down"
