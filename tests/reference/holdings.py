"""What a customer holds, product by product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from .customers import ZERO, Customer
from .days import fen
from .landing import Accepted, Row


def holding_rows(data: Accepted, customers: Mapping[str, Customer], month: date) -> list[Row]:
    """fct_customer_holding_monthly: a kind without a row that counts has none."""
    items: dict[tuple[str, str], int] = {}
    balances: dict[tuple[str, str], Decimal] = {}
    for customer_id, kind, balance in _held(data):
        items[customer_id, kind] = items.get((customer_id, kind), 0) + 1
        if balance is not None:
            balances[customer_id, kind] = balances.get((customer_id, kind), ZERO) + balance
    return [
        {
            "policy_month": month,
            "customer_id": customer_id,
            "lead_org_id": customers[customer_id].row["org_id"],
            "product_kind": kind,
            "items": count,
            "balance": fen(balances[customer_id, kind]) if (customer_id, kind) in balances else None,
        }
        for (customer_id, kind), count in items.items()
    ]


def _held(data: Accepted) -> Iterator[tuple[str, str, Decimal | None]]:
    """(customer, kind, CNY) of every row that counts: an account in two currencies twice, cards without an amount."""
    rows, rates = data.rows, data.rates
    for row in rows["account"]:
        if row["status"] != "closed":
            yield row["customer_id"], row["product_type"], max(row["balance"], ZERO) * rates[row["currency"]]
    for row in rows["brokerage"]:
        if row["status"] != "closed":
            yield row["customer_id"], "custody_margin", row["margin_balance"] * rates[row["currency"]]
    for row in rows["loan"]:
        if row["status"] == "active":
            yield row["customer_id"], "loan", row["principal_balance"] * rates[row["currency"]]
    for row in rows["card"]:
        if row["status"] == "active":
            yield row["customer_id"], f"{row['card_kind']}_card", None
