"""The measures of a customer on the business date: balances, spend, credit, and the declared profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .days import completed_years, first_of_month, months_before, year_before
from .landing import Accepted, Row

ZERO = Decimal(0)

RETAIL_KINDS = {"personal", "sole_proprietor"}
DEPOSITS = {"demand_deposit", "time_deposit", "structured_deposit"}
GRADES = ["standard", "gold", "platinum", "diamond"]
CONTRIBUTION_MONTHS = 12  # closed ones, before the month of D


@dataclass
class Customer:
    """All measures of one customer on D."""

    row: Row
    profile: Row | None = None
    deposit_balance: Decimal = ZERO
    financial_assets: Decimal = ZERO
    custody_margin_balance: Decimal = ZERO
    loan_balance: Decimal = ZERO
    target_credit_amount: Decimal = ZERO
    card_spend: Decimal = ZERO
    grades: set[str] = field(default_factory=set)
    open_accounts: int = 0
    valid_credit_lines: int = 0
    has_approved_line: bool = False
    has_principal: bool = False
    statements: list[Row] = field(default_factory=list)
    contributions: list[Row] = field(default_factory=list)
    tier_code: str = ""
    is_gap_fill: bool = False
    routes: set[str] = field(default_factory=set)
    is_in_scope: bool = False

    @property
    def segment(self) -> str:
        """Retail or corporate."""
        return "retail" if self.row["customer_kind"] in RETAIL_KINDS else "corporate"

    @property
    def card_spend_12m(self) -> Decimal:
        """Purchases less refunds, never below 0."""
        return max(self.card_spend, ZERO)

    @property
    def best_card_grade(self) -> str | None:
        """The highest grade of the active cards."""
        return max(self.grades, key=GRADES.index) if self.grades else None


def measure(landing: Accepted, day: date) -> dict[str, Customer]:
    """All measures of every customer of the accepted snapshot."""
    rows = landing.rows
    rates = landing.rates
    customers = {row["customer_id"]: Customer(row) for row in rows["customer"]}
    for row in rows["corporate_profile"]:
        customers[row["customer_id"]].profile = row
    for row in rows["account"]:
        if row["status"] == "closed":
            continue
        customer = customers[row["customer_id"]]
        customer.open_accounts += 1
        amount = max(row["balance"], ZERO) * rates[row["currency"]]
        customer.financial_assets += amount
        if row["product_type"] in DEPOSITS:
            customer.deposit_balance += amount
    for row in rows["brokerage"]:
        if row["status"] == "closed":
            continue
        customer = customers[row["customer_id"]]
        amount = row["margin_balance"] * rates[row["currency"]]
        customer.custody_margin_balance += amount
        customer.financial_assets += amount
    for row in rows["loan"]:
        if row["status"] != "active":
            continue
        customer = customers[row["customer_id"]]
        customer.loan_balance += row["principal_balance"] * rates[row["currency"]]
        customer.has_principal |= row["principal_balance"] > 0
    for row in rows["credit_line"]:
        if row["valid_from"] > day or (row["valid_to"] is not None and row["valid_to"] <= day):
            continue
        customer = customers[row["customer_id"]]
        customer.valid_credit_lines += 1
        customer.has_approved_line |= row["approved_amount"] > 0
        customer.target_credit_amount += row["target_amount"] * rates[row["currency"]]
    for row in rows["card"]:
        if row["status"] == "active":
            customers[row["customer_id"]].grades.add(row["card_grade"])
    credit_cards = {row["card_id"] for row in rows["card"] if row["card_kind"] == "credit"}
    signs = {"purchase": 1, "refund": -1}
    for row in rows["card_transaction"]:
        spender = customers.get(row["customer_id"])
        sign = signs.get(row["transaction_kind"])
        # What the transaction says of its card goes before the snapshot.
        stated = row.get("card_kind")
        is_credit = row["card_id"] in credit_cards if stated is None else stated == "credit"
        if spender is None or sign is None or not is_credit:
            continue
        if year_before(day) < row["transacted_on"] <= day:
            spender.card_spend += sign * row["amount"] * rates[row["currency"]]
    for row in rows["financial_statement"]:
        # An event may name a customer that has left since.
        if row["customer_id"] in customers:
            customers[row["customer_id"]].statements.append(row)
    for row in rows["contribution"]:
        if row["customer_id"] in customers and _is_in_window(row["month"], day):
            customers[row["customer_id"]].contributions.append(row)
    return customers


def _is_in_window(month: date, day: date) -> bool:
    """One of the closed months before the month of D."""
    this_month = first_of_month(day)
    return months_before(this_month, CONTRIBUTION_MONTHS) <= month < this_month


def contribution(customer: Customer, name: str) -> Decimal | None:
    """The sum of an amount over the delivered months of the window; None if none was delivered."""
    return sum((row[name] for row in customer.contributions), ZERO) if customer.contributions else None


def age(customer: Customer, day: date) -> int | None:
    """Completed years, for any customer with a birth date; only retail maintainers depend on it."""
    born = customer.row["birth_date"]
    return None if born is None else completed_years(born, day)


@dataclass(frozen=True)
class Profile:
    """What a corporate customer's profile declares; a retail customer's does not count.

    Shares and margins are decimals with ten places. bad_record: none or present, None without a profile.
    """

    settlement_share: Decimal | None = None
    related_party_share: Decimal | None = None
    profit_margin_lead: Decimal | None = None
    market_position: str | None = None
    credit_rating: str | None = None
    has_agreement: bool = False
    bad_record: str | None = None


def profile_of(customer: Customer, day: date) -> Profile:
    """The profile on D; an undeclared share is 0."""
    if customer.segment == "retail":
        return Profile()
    row = customer.profile
    if row is None:
        return Profile(ZERO, ZERO)
    margin, of_peers = _ten_places(row["profit_margin"]), _ten_places(row["peer_profit_margin"])
    agreed_on = row["strategic_agreement_on"]
    return Profile(
        settlement_share=_ten_places(row["settlement_share"]) or ZERO,
        related_party_share=_ten_places(row["related_party_share"]) or ZERO,
        profit_margin_lead=None if margin is None or of_peers is None else margin - of_peers,
        market_position=row["market_position"],
        credit_rating=row["credit_rating"],
        has_agreement=agreed_on is not None and agreed_on <= day,
        bad_record="present" if row["has_bad_record"] else "none",
    )


def _ten_places(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("1e-10"), rounding=ROUND_HALF_UP)
