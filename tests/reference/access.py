"""Whose rows an employee may read (docs/semantics.md, section 14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from .landing import Row
from .organizations import Tree
from .visits import employed

LEADERS = {"branch_president", "branch_vice_president", "chief_financial_officer", "corporate_department_head"}
HEADS = {"outlet_head", "outlet_deputy_head"}
MANAGERS = {
    "branch_account_manager", "outlet_account_manager", "wealth_manager", "wealth_adviser", "finance_manager",
    "product_manager", "lobby_manager",
}  # fmt: skip


def customer_rows(rights: Iterable[Row], assigned: Iterable[Row]) -> list[Row]:
    """Return a row per employee with a right and customer whose assignment names the employee."""
    readers = {row["employee_id"] for row in rights}
    columns = ("employee_id", "credit_employee_id", "beside_employee_id", "specialist_employee_id")
    pairs = {(row[column], row["customer_id"]) for row in assigned for column in columns}
    return [{"employee_id": one, "customer_id": other} for one, other in sorted(p for p in pairs if p[0] in readers)]


def access_rows(employees: Iterable[Row], tree: Tree, day: date) -> list[Row]:
    """Return a row per active employee and organisation that the employee may read."""
    rows: list[Row] = []
    for employee in employees:
        if not employed(employee, day):
            continue
        home, role = employee["org_id"], employee["role"]
        if tree.rows[home]["org_level"] == "head_office":
            scope, organizations, rule = "bank", list(tree.rows), "HEAD-OFFICE"
        elif role in LEADERS:
            top = tree.base(home)
            scope, organizations, rule = "subtree", [org for org in tree.rows if top in tree.line(org)], role
        elif role in HEADS | MANAGERS:
            scope, organizations, rule = "organization" if role in HEADS else "customers", [home], role
        else:
            continue
        rule_id = "AC-" + rule.upper().replace("_", "-")
        rows.extend(
            {"employee_id": employee["employee_id"], "org_id": org, "scope": scope, "rule_id": rule_id}
            for org in organizations
        )
    return rows
