"""Small landing zones written by hand, for the reference's own tests."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from .bank import Result
from .contract import TABLES
from .history import TIERS, History
from .landing import Row

# Wednesday 2025-01-15
D = date(2025, 1, 15)

DEFAULTS: dict[str, dict[str, str]] = {
    "customer": {"customer_kind": "personal", "org_id": "O1", "opened_on": "2020-01-01"},
    "account": {
        "org_id": "O1",
        "product_type": "demand_deposit",
        "currency": "CNY",
        "opened_on": "2020-01-01",
        "status": "active",
    },
    "loan": {
        "org_id": "O1",
        "product_type": "consumer",
        "currency": "CNY",
        "risk_class": "pass",
        "drawn_on": "2020-01-01",
        "matures_on": "2030-01-01",
        "status": "active",
    },
    "credit_line": {"currency": "CNY", "approved_amount": "0.00", "valid_from": "2025-01-01"},
    "card": {"card_kind": "credit", "issued_on": "2020-01-01", "status": "active"},
    "card_transaction": {"currency": "CNY", "transaction_kind": "purchase"},
    "brokerage": {"currency": "CNY", "status": "active"},
    "employee": {"employee_name": "员工", "hired_on": "2020-01-01"},
    "visit": {"visited_on": "2025-01-10", "channel": "on_site"},
    "corporate_profile": {"has_bad_record": "false"},
}


class Bank:
    """Writes small landing zones."""

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.rows: dict[tuple[str, str], list[dict[str, str]]] = {}
        for table in TABLES.values():
            if table.required:
                self.rows[table.name, str(D)] = []
        self.add("organization", org_id="HO", org_level="head_office", org_name="总行")
        self.add("organization", org_id="BR", parent_org_id="HO", org_level="branch", org_name="分行")
        self.add("organization", org_id="O1", parent_org_id="BR", org_level="outlet", org_name="网点一")
        self.add("organization", org_id="O2", parent_org_id="BR", org_level="outlet", org_name="网点二")
        self.add(
            "organization",
            org_id="CD",
            parent_org_id="BR",
            org_level="corporate_department",
            org_name="公司部",
        )

    def add(self, table: str, biz_date: str = str(D), **values: str) -> None:
        """Add one row; unspecified columns get harmless defaults."""
        base = dict(DEFAULTS.get(table, {}))
        if table == "customer":
            base["customer_name"] = values["customer_id"]
        self.rows.setdefault((table, biz_date), []).append(base | values)

    def write(self) -> Path:
        """Write all partitions as CSV."""
        for (table, biz_date), rows in self.rows.items():
            folder = self.landing / table / f"biz_date={biz_date}"
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "data.csv").open("w", encoding="utf-8", newline="") as handle:
                names = [column.name for column in TABLES[table].columns]
                writer = csv.DictWriter(handle, names, restval="")
                writer.writeheader()
                writer.writerows(rows)
        return self.landing


def by_key(result: Result, table: str, *key: str) -> dict[object, Mapping[str, object]]:
    """Index a mart."""
    rows = result.marts[table]
    return {row[key[0]] if len(key) == 1 else tuple(row[k] for k in key): row for row in rows}


def tier_row(month: date, customer_id: str, tier_code: str, amount: str = "0.00", **values: object) -> Row:
    """A published tier row; `amount` is both the financial assets and the deposits."""
    return {
        "policy_month": month,
        "customer_id": customer_id,
        "segment": "retail" if tier_code.startswith("T") else "corporate",
        "tier_code": tier_code,
        "financial_assets": Decimal(amount),
        "deposit_balance": Decimal(amount),
        "is_in_scope": tier_code not in ("T0", "C0"),
        **values,
    }


def tiers_of(month: date, codes: Mapping[str, str]) -> History:
    """A history of one month that knows nothing but tiers."""
    return History.of_store({TIERS: [tier_row(month, *item) for item in codes.items()]})
