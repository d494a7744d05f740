"""What is measured of a customer on the business date: balances, spend, credit, and what the profile declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .days import year_before
from .landing import Accepted, Row

ZERO = Decimal(0)

RETAIL_KINDS = {"personal", "sole_proprietor"}
DEPOSITS = {"demand_deposit", "time_deposit", "structured_deposit"}
GRADES = ["standard", "gold", "platinum", "diamond"]
CONTRIBUTION_MONTHS = 12  # closed ones, before the month of D


@dataclass
class Customer:
    """Everything that is measured of one customer on D."""

    row: Row
    profile: Row | None = None
    deposit_balance: Decimal = ZERO
    financial_assets: Decimal = ZERO
    custody_margin_balance: Decimal = ZERO
    loan_balance: Decimal = ZERO
    target_credit_amount: Decimal = ZERO
    card_spend: Decimal = ZERO
    grades: set[str] = field(default_factory=set)
    has_open_account: bool = False
    has_valid_line: bool = False
    has_approved_line: bool = False
    has_principal: bool = False
    statements: list[Row] = field(default_factory=list)
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
        customer.has_open_account = True
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
        customer.has_valid_line = True
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
        if spender is None or sign is None or row["card_id"] not in credit_cards:
            continue
        if year_before(day) < row["transacted_on"] <= day:
            spender.card_spend += sign * row["amount"] * rates[row["currency"]]
    for row in rows["financial_statement"]:
        # An event may name somebody who has left since.
        if row["customer_id"] in customers:
            customers[row["customer_id"]].statements.append(row)
    return customers
