"""What `fenceng simulate` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from fenceng.analysis.simulation import Simulation

# How many shortages are printed.
SHORTAGES = 5


def print_simulation(console: Console, result: Simulation) -> None:
    """Print the tables of a what-if, its summary, and its inputs."""
    _print_table(
        console,
        "Tiers and classes that move",
        ["purpose", "segment", "from", "to", "customers", "financial assets"],
        result.moves(),
    )
    _print_table(
        console,
        "Contacts a month, and people",
        ["role group", "contacts", "proposed", "people needed", "proposed", "available", "short"],
        result.contacts(),
    )
    _print_table(
        console,
        "Largest shortages of people",
        ["organisation", "role group", "available", "needed", "proposed", "short"],
        result.shortages(SHORTAGES),
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


def _print_table(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        console.print(f"{title}: none")
        return
    table = Table(title=title)
    for name, cell in zip(columns, rows[0], strict=True):
        table.add_column(name, justify="left" if isinstance(cell, str) else "right", overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, str) else f"{cell:,}" for cell in row))
    console.print(table)
