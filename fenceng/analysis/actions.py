"""The rows of today's list (`fct_customer_action`), in the order in which they are read out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from orchestration.store.releases import Release

LISTED = "fct_customer_action"


@dataclass(frozen=True)
class Action:
    """What should be done for a customer; see fct_customer_action. amount: in CNY, None where the kind has none."""

    action_kind: str
    customer_id: str
    due_on: date
    as_of: date
    segment: str
    lead_org_id: str
    tier_code: str
    employee_id: str | None
    category: str
    priority: int
    items: int
    amount: Decimal | None
    rule_id: str
    clause_ref: str


def actions_where(
    connection: duckdb.DuckDBPyConnection, release: Release, condition: str, parameters: Sequence[object]
) -> tuple[Action, ...]:
    """The listed actions under a condition: by priority, due date, customer, kind.

    Raises OlderVersionError for a release without the list.
    """
    rows = connection.execute(
        "select action_kind, customer_id, due_on, as_of_date, segment, lead_org_id, tier_code, employee_id, category,"
        f" priority, items, amount, rule_id, clause_ref from ({release.rows(LISTED)}) where {condition}"
        " order by priority, due_on, customer_id, action_kind",
        [*parameters],
    ).fetchall()
    return tuple(Action(*row) for row in rows)
