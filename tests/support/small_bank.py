"""A sound landing zone of a few rows, to be broken row by row, and gate 1 to judge it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb

from expectations.contract import load_contract
from expectations.gate_1 import GateOneResult
from orchestration import stations
from orchestration.settings import Settings

from . import quick_rules

D = date(2026, 3, 31)
BEFORE, AFTER = D - timedelta(days=1), D + timedelta(days=1)
TABLES = load_contract().tables
Row = dict[str, Any]

DEFAULTS: dict[str, Row] = {
    "organization": {"org_level": "outlet", "org_name": "网点", "parent_org_id": "HO"},
    "customer": {
        "customer_kind": "personal",
        "customer_name": "甲",
        "org_id": "O1",
        "opened_on": "2020-01-01",
    },
    "corporate_profile": {"has_bad_record": "false"},
    "account": {
        "customer_id": "P1",
        "org_id": "O1",
        "product_type": "demand_deposit",
        "currency": "CNY",
        "balance": "1.00",
        "opened_on": "2020-01-01",
        "status": "active",
    },
    "loan": {
        "customer_id": "P1",
        "org_id": "O1",
        "product_type": "consumer",
        "currency": "CNY",
        "principal_balance": "1.00",
        "risk_class": "pass",
        "drawn_on": "2020-01-01",
        "matures_on": "2030-01-01",
        "status": "active",
    },
    "card": {
        "customer_id": "P1",
        "card_kind": "credit",
        "card_grade": "gold",
        "issued_on": "2020-01-01",
        "status": "active",
    },
    "card_transaction": {
        "card_id": "K1",
        "customer_id": "P1",
        "transacted_on": str(BEFORE),
        "currency": "CNY",
        "amount": "1.00",
        "transaction_kind": "purchase",
    },
    "brokerage": {"customer_id": "P1", "currency": "CNY", "margin_balance": "1.00",
                  "status": "active"},
    "employee": {"employee_name": "乙", "org_id": "O1", "role": "outlet_head",
                 "hired_on": "2020-01-01"},
    "relationship": {"customer_id": "P1", "employee_id": "E1", "relation": "manager",
                     "since": "2021-01-01"},
    "visit": {"customer_id": "P1", "employee_id": "E1", "visited_on": str(BEFORE),
              "channel": "phone"},
}  # fmt: skip


class SmallBank:
    """Rows by table and date, written as CSV; every required table has a partition of D."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(landing=folder / "landing", output=folder / "output", memory_limit="500MB")
        self.landing = self.settings.landing
        self.rows: dict[tuple[str, date], list[Row]] = {
            (table.name, D): [] for table in TABLES.values() if table.required
        }
        self.add("organization", org_id="HO", org_level="head_office", parent_org_id="")
        self.add("organization", org_id="O1")
        self.add("customer", customer_id="P1")
        self.add("account", account_id="A1")
        self.add("employee", employee_id="E1")

    def add(self, table: str, on: date = D, **values: Any) -> None:
        """Add a row; unspecified columns are sound."""
        self.rows.setdefault((table, on), []).append({**DEFAULTS.get(table, {}), **values})

    def add_sound(self, rows: int = 30) -> None:
        """Add sound rows to every required snapshot, so that a few bad ones are not half of it."""
        for table in TABLES.values():
            if table.required and table.kind == "snapshot":
                for number in range(rows):
                    self.add(table.name, D, **{table.key[0]: f"SOUND{number}"})

    def folder(self, table: str, on: date = D) -> Path:
        """Return the folder of a partition."""
        return self.landing / table / f"biz_date={on}"

    def write(self, newline: str = "\n", without: tuple[str, str] = ("", "")) -> None:
        """Write all partitions; `without` names a table and a column to leave out."""
        for (table, on), rows in self.rows.items():
            folder = self.folder(table, on)
            folder.mkdir(parents=True, exist_ok=True)
            names = [c.name for c in TABLES[table].columns if (table, c.name) != without]
            with (folder / "part-0.csv").open("w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, names, restval="", extrasaction="ignore", lineterminator=newline)
                writer.writeheader()
                writer.writerows(rows)


@dataclass(frozen=True)
class Judged:
    """The result of gate 1, and the scratch warehouse to query."""

    result: GateOneResult
    warehouse: Path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Query the scratch warehouse."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    @property
    def held(self) -> set[tuple[str, str, str]]:
        """Quarantined (table, key, rule without the table)."""
        return {
            (table, key, rule.removeprefix(f"{table}."))
            for table, key, rule in self.query("select table_name, row_key, rule_id from gate_1.quarantine")
        }

    @property
    def blocks(self) -> set[tuple[str, str]]:
        """Blocking (rule, table)."""
        return {(finding.rule_id, finding.table) for finding in self.result.blocking}

    def counts(self, table: str) -> tuple[int, int, int]:
        """Received, accepted and quarantined rows of a table over all its dates."""
        of_table = [count for count in self.result.counts if count.table == table]
        return (
            sum(count.received for count in of_table),
            sum(count.accepted for count in of_table),
            sum(count.quarantined for count in of_table),
        )

    def accepted(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """Accepted rows of a table."""
        return self.query(f"select {columns} from accepted.{table} order by all")


def judge(settings: Settings, on: date = D, known_on: date | None = None) -> Judged:
    """Land and judge as a refresh does, except that quick_rules counts instead of Great Expectations."""
    stations.land(settings, on, known_on)
    with (
        mock.patch("expectations.gate_1.gate.run_rules", quick_rules.run_rules),
        mock.patch("expectations.gate_1.gate.load_rules", quick_rules.kept_rules),
    ):
        judged = Judged(stations.judge_delivery(settings, on), settings.warehouse)
    for count in judged.result.counts:
        assert count.received == count.accepted + count.quarantined, count
    return judged
