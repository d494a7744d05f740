"""Which tier, class and size the policy gives a customer, and how far the next one is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .customers import Customer
from .days import fen
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

    if assets > 2_000_000 or customer.row["wealth_admission"] is not None:
        customer.tier_code = "T1"
    elif assets >= 200_000:
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
    elif customer.has_open_account:
        customer.tier_code = "C3"
    elif customer.has_valid_line:
        customer.tier_code = "C3"
        customer.is_gap_fill = True
    else:
        customer.tier_code = "C0"
    customer.is_in_scope = customer.tier_code != "C0"


def size_of(customer: Customer, day: date) -> tuple[str | None, str | None]:
    """Size tier and basis; none for retail."""
    if customer.segment == "retail":
        return None, None
    profile = customer.profile or {}
    by_type = profile.get("institution_type") in INSTITUTIONS_BY_TYPE
    if customer.row["customer_kind"] == "institution" or by_type:
        level = profile.get("administrative_level")
        return LEVEL_SIZE.get(level or "", "unknown"), "administrative_level"
    if customer.has_approved_line or customer.has_principal:
        statement = statement_of(customer, profile.get("established_on"), day)
        if statement is not None:
            return _band(statement["total_assets"], ASSET_BOUNDS), "total_assets"
    capital = profile.get("registered_capital")
    if capital is None:
        return "unknown", None
    return _band(capital, CAPITAL_BOUNDS), "registered_capital"


def statement_of(customer: Customer, established_on: date | None, day: date) -> Row | None:
    """Choose the newest annual statement; of any kind when established in the year of D."""
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
    """CNY missing to the next higher tier on the tier's own measure."""
    assets, deposits = customer.financial_assets, customer.deposit_balance
    missing: dict[str, Decimal] = {
        "T2": 2_000_000 - assets,
        "T3": 200_000 - assets,
        "T4": 100_000 - assets,
        "T5": 50_000 - assets,
        "T0": 50_000 - assets,
        "C2": 2 * YI - deposits,
        "C3": YI / 2 - deposits,
        "C0": YI / 2 - deposits,
    }
    return fen(missing[customer.tier_code]) if customer.tier_code in missing else None


def movement(previous: str | None, current: str) -> str:
    """Compare by rank: new, up, same or down."""
    if previous is None:
        return "new"
    if RANK[current] == RANK[previous]:
        return "same"
    return "up" if RANK[current] < RANK[previous] else "down"
