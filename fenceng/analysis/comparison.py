"""Two decisions of one month side by side: the tables of `dbt_project/analyses/simulation`."""

from __future__ import annotations

from typing import Any

import duckdb

from expectations.project import DBT_PROJECT

ANALYSES = DBT_PROJECT / "analyses" / "simulation"


# In dependency order; `outcome` has a row per customer and is not published.
TABLES = ("outcome", "affected_customer", "tier_migration", "staffing", "contacts_by_role", "summary")


def compare(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Build the tables of `simulation` from the schemas `in_force` and `proposed`; return the summary by column."""
    connection.execute("create schema simulation")
    for table in TABLES:
        sql = (ANALYSES / f"{table}.sql").read_text(encoding="utf-8")
        connection.execute(f"create table simulation.{table} as {sql}")
    summary = connection.execute("select * from simulation.summary")
    names = [name for name, *_ in summary.description or []]
    return dict(zip(names, summary.fetchall()[0], strict=True))
