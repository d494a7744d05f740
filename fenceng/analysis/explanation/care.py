"""The rest of an explanation: who maintains the customer, what is due, what else is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from fenceng.analysis.actions import LISTED, Action, actions_where
from fenceng.analysis.organizations import roles
from orchestration.store.months import month_before
from orchestration.store.releases import Release

ASSIGNMENT = "fct_maintenance_assignment_monthly"
LOAD = "fct_manager_load_monthly"
CAPACITY = "fct_maintenance_capacity_monthly"
KNOWN = "fct_customer_360_monthly"
HOLDINGS = "fct_customer_holding_monthly"
# Delivered tables behind each part: a quarantined row of these may be what is missing from it.
DELIVERED_IN = {
    "maintainer": ("relationship",),
    "holdings": ("account", "brokerage", "loan", "card"),
    "services": ("service",),
    "contribution": ("contribution",),
    "contact": ("visit",),
    "profile": ("customer", "corporate_profile"),
    "statement": ("financial_statement",),
    "links": ("customer_link",),
}
_PEOPLE = ("employee_id", "credit_employee_id", "beside_employee_id", "specialist_employee_id")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Maintenance:
    """Who maintains a customer; see fct_maintenance_assignment_monthly.

    is_kept: allocated to the same person as in the month before. load: of the person, as in fct_manager_load_monthly.
    pool_people: people of the recommended role in the pool. pool_name: of its organisation. roles: employee -> role.
    """

    row: Row
    is_kept: bool
    load: Row | None
    pool_people: int
    pool_name: str
    roles: Mapping[str, str]


@dataclass(frozen=True)
class Care:
    """What the newer marts say of a customer's month.

    maintenance: None for a customer without a recommended role. actions: of today's list; None for a month that is not
    the newest. known: the row of fct_customer_360_monthly. holdings: rows of fct_customer_holding_monthly.
    """

    maintenance: Maintenance | None
    actions: tuple[Action, ...] | None
    known: Row
    holdings: tuple[Row, ...]


def care_of(connection: duckdb.DuckDBPyConnection, release: Release, customer_id: str, month: date) -> Care | None:
    """What a release says of a customer's month; None for a month that an older version published."""
    tables = (ASSIGNMENT, LOAD, CAPACITY, KNOWN, HOLDINGS)
    if any(release.month_file(table, month) is None for table in tables) or release.as_of_file(LISTED) is None:
        return None
    reader = _Reader(connection, release, customer_id, month)
    known = reader.own(KNOWN)[0]
    newest = date.fromisoformat(release.manifest()["newest_business_date"])
    is_newest = known["as_of_date"] == newest
    return Care(
        reader.maintenance(),
        actions_where(connection, release, "customer_id = ?", [customer_id]) if is_newest else None,
        known,
        tuple(sorted(reader.own(HOLDINGS), key=lambda row: str(row["product_kind"]))),
    )


@dataclass(frozen=True)
class _Reader:
    """Rows of one customer and month."""

    connection: duckdb.DuckDBPyConnection
    release: Release
    customer_id: str
    month: date

    def maintenance(self) -> Maintenance | None:
        own = self.own(ASSIGNMENT)
        if not own:
            return None
        row = own[0]
        employee, pool = row["employee_id"], row["pool_org_id"]
        load = self.rows(LOAD, "employee_id = ?", employee)
        capacity = self.rows(CAPACITY, "org_id = ? and role = ?", pool, row["recommended_role"])
        named = self.rows("dim_organization", "org_id = ?", pool)
        people = [row[name] for name in _PEOPLE if row[name]]
        by_employee = dict(roles(self.connection, self.release, people))
        # The role of that month; the staff list is of the newest date.
        by_employee |= {one["employee_id"]: one["role"] for one in load}
        return Maintenance(
            row,
            row["assignment_basis"] == "allocated" and employee in self.allocated_before(),
            load[0] if load else None,
            capacity[0]["people"] if capacity else 0,
            named[0]["org_name"] if named else "",
            by_employee,
        )

    def allocated_before(self) -> list[str]:
        """The person to whom the customer was allocated in the month before."""
        before = month_before(self.month)
        if self.release.month_file(ASSIGNMENT, before) is None:
            return []
        rows = self.rows(
            ASSIGNMENT, "customer_id = ? and assignment_basis = 'allocated'", self.customer_id, month=before
        )
        return [row["employee_id"] for row in rows]

    def own(self, table: str) -> list[Row]:
        return self.rows(table, "customer_id = ?", self.customer_id)

    def rows(self, table: str, where: str, *parameters: object, month: date | None = None) -> list[Row]:
        query = f"select * from ({self.release.rows(table, month or self.month)}) where {where}"
        result = self.connection.execute(query, [*parameters])
        names = [name for name, *_ in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
