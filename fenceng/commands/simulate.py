"""The command `fenceng simulate`: what a proposed policy would change, before anybody signs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from fenceng.terminal import err, out, settings_for, unreadable, wrong_use
from orchestration.database import connect


def simulate(
    policy: Annotated[
        Path, typer.Option(help="Folder of proposed policy CSVs; a family that it lacks is the one in force.")
    ],
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Business date; the newest published one by default."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Output folder; FENCENG_OUTPUT or var/output by default.")] = None,
    allow_problems: Annotated[
        bool, typer.Option("--allow-problems", help="Go on with a proposal that the policy lint refuses.")
    ] = False,
) -> None:
    """Try a proposed policy on a published month: who moves, what it asks for, who is needed."""
    from expectations.policy.lint import lint
    from expectations.policy.reading import load_policy
    from fenceng.analysis.replay import SimulationError, published_month, reference_folder
    from fenceng.analysis.simulation import policy_folders, simulate_month

    settings = settings_for(output=output)
    try:
        month = published_month(settings, on.date() if on else None)
        in_force, overlay = policy_folders(month, policy.absolute())
        rows = load_policy(in_force, overlay=overlay, reference=reference_folder(in_force))
        if rows.problems:
            raise unreadable(rows.problems)
        problems = lint(rows, month.business_date)
        for problem in problems:
            err.print(str(problem), markup=False, soft_wrap=True)
        if problems and not allow_problems:
            err.print("[bold red]refused:[/] the proposal is not sound; mend it, or look at it with --allow-problems")
            raise typer.Exit(3)
        with err.status("simulating") as status:
            result = simulate_month(settings, month, overlay, status.update)
    except SimulationError as error:
        raise wrong_use(str(error)) from None
    _print(result.database, result.summary)
    facts = result.facts
    changed = ", ".join(facts.families_changed) or "nothing"
    out.print(f"month     {month.month:%Y-%m} as of {facts.business_date}, release {month.release.release_id}")
    out.print(f"policy    {facts.policy_in_force} in force, {facts.policy_proposed} proposed; changed: {changed}")
    if facts.measured_anew:
        out.print("measures  taken again from the accepted rows, since a proposed row changes what is measured")
    out.print(f"tables    {result.folder}", soft_wrap=True)


def _print(database: Path, summary: Mapping[str, Any]) -> None:
    with connect(database, read_only=True) as connection:
        _table(
            out,
            connection,
            "Tiers and classes that move",
            "select purpose, segment, coalesce(outcome_in_force, '-'), coalesce(outcome_proposed, '-'), customers,"
            " financial_assets from simulation.tier_migration where is_moved order by all",
            ["purpose", "segment", "from", "to", "customers", "financial assets"],
        )
        _table(
            out,
            connection,
            "Contacts a month, and people",
            "select role_group, contacts_in_force, contacts_proposed, people_needed_in_force, people_needed_proposed,"
            " people, people_short_proposed from simulation.contacts_by_role order by role_group",
            ["role group", "contacts", "proposed", "people needed", "proposed", "there", "short"],
        )
        _table(
            out,
            connection,
            "Where people would be missing most",
            "select org_id, role_group, people, people_needed_in_force, people_needed_proposed, people_short_proposed"
            " from simulation.staffing where people_short_proposed > 0"
            " order by people_short_proposed desc, org_id, role_group limit 5",
            ["organisation", "role group", "there", "needed", "proposed", "short"],
        )
    out.print(
        f"{summary['customers_moved']:,} of {summary['customers']:,} customers change their tier"
        f" ({summary['customers_up']:,} up, {summary['customers_down']:,} down"
        f"{_elsewhere(summary)}), with"
        f" {summary['financial_assets_moved']:,.2f} CNY; {summary['customers_affected']:,} change anything;"
        f" contacts {summary['contacts_in_force']:,} -> {summary['contacts_proposed']:,}, people needed"
        f" {summary['people_needed_in_force']:,} -> {summary['people_needed_proposed']:,}",
        soft_wrap=True,
    )


def _elsewhere(summary: Mapping[str, Any]) -> str:
    """Customers whose former tier the proposed policy does not have."""
    elsewhere = summary["customers_moved"] - summary["customers_up"] - summary["customers_down"]
    return f", {elsewhere:,} into another scheme" if elsewhere else ""


def _table(
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
