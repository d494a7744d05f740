"""What `fenceng simulate` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from fenceng.analysis.simulation import Simulation
from orchestration.database import connect


def print_simulation(console: Console, result: Simulation) -> None:
    """Print the tables of a what-if, its summary, and its inputs."""
    with connect(result.database, read_only=True) as connection:
        _print_query(
            console,
            connection,
            "Tiers and classes that move",
            "select purpose, segment, coalesce(outcome_in_force, '-'), coalesce(outcome_proposed, '-'), customers,"
            " financial_assets from simulation.tier_migration where is_moved order by all",
            ["purpose", "segment", "from", "to", "customers", "financial assets"],
        )
        _print_query(
            console,
            connection,
            "Contacts a month, and people",
            "select role_group, contacts_in_force, contacts_proposed, people_needed_in_force, people_needed_proposed,"
            " people, people_short_proposed from simulation.contacts_by_role order by role_group",
            ["role group", "contacts", "proposed", "people needed", "proposed", "available", "short"],
        )
        _print_query(
            console,
            connection,
            "Largest shortages of people",
            "select org_id, role_group, people, people_needed_in_force, people_needed_proposed, people_short_proposed"
            " from simulation.staffing where people_short_proposed > 0"
            " order by people_short_proposed desc, org_id, role_group limit 5",
            ["organisation", "role group", "available", "needed", "proposed", "short"],
        )
    console.print(_summary(result.summary), soft_wrap=True)
    facts = result.facts
    changed = ", ".join(facts.families_changed) or "nothing"
    console.print(f"month     {facts.business_date[:7]} as of {facts.business_date}, release {facts.release}")
    console.print(f"policy    {facts.policy_in_force} in force, {facts.policy_proposed} proposed; changed: {changed}")
    if facts.measured_anew:
        console.print("measures  recomputed from the accepted rows, since a proposed row changes what is measured")
    console.print(f"tables    {result.folder}", soft_wrap=True)


def _summary(summary: Mapping[str, Any]) -> str:
    # Customers whose former tier does not exist in the proposed policy.
    elsewhere = summary["customers_moved"] - summary["customers_up"] - summary["customers_down"]
    return (
        f"{summary['customers_moved']:,} of {summary['customers']:,} customers change their tier"
        f" ({summary['customers_up']:,} up, {summary['customers_down']:,} down"
        + (f", {elsewhere:,} into another scheme" if elsewhere else "")
        + f"), with {summary['financial_assets_moved']:,.2f} CNY;"
        f" {summary['customers_affected']:,} change in any respect;"
        f" contacts {summary['contacts_in_force']:,} -> {summary['contacts_proposed']:,}, people needed"
        f" {summary['people_needed_in_force']:,} -> {summary['people_needed_proposed']:,}"
    )


def _print_query(
    console: Console, connection: duckdb.DuckDBPyConnection, title: str, query: str, columns: Sequence[str]
) -> None:
    rows = connection.execute(query).fetchall()
    if not rows:
        console.print(f"{title}: none")
        return
    table = Table(title=title)
    for name, cell in zip(columns, rows[0], strict=True):
        table.add_column(name, justify="left" if isinstance(cell, str) else "right", overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, str) else f"{cell:,}" for cell in row))
    console.print(table)
