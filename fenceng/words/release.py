"""What `fenceng show` and `fenceng refresh` print about a release."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from rich.markup import escape
from rich.table import Column, Table

from fenceng.terminal import err, out
from orchestration.database import connect
from orchestration.settings import Settings
from orchestration.store.releases import Release, current_release

if TYPE_CHECKING:
    from orchestration.refresh import RefreshResult


def print_published(settings: Settings, release: Release) -> None:
    """A release and its newest month: tiers, compliance, quality, versions."""
    manifest = release.manifest()
    month = manifest["newest_business_date"][:7] + "-01"
    with connect(release.database, read_only=True) as connection:
        print_tiers(connection, month)
        print_compliance(connection, month)
        print_quality(connection)
    print_release(settings, manifest)


def print_release(settings: Settings, manifest: dict[str, Any]) -> None:
    """The release in force: its dates, rows and versions, from its manifest."""
    delivered = manifest["delivered"].values()
    totals = {key: sum(table[key] for table in delivered) for key in ("received", "accepted", "quarantined")}
    out.print(f"[bold green]in force:[/] {escape(str(settings.published / 'current'))} -> {manifest['release_id']}")
    out.print(f"  business date  {manifest['business_date']}, newest {manifest['newest_business_date']}")
    if manifest.get("known_on", manifest["business_date"]) > manifest["business_date"]:
        out.print(f"  known on       {manifest['known_on']}: what was recorded up to then counts")
    if manifest["newest_business_date"] > manifest["business_date"]:
        out.print("  later months   were built before this one; refresh their last dates to bring them up to date")
    out.print(
        f"  rows           {totals['received']:,} received = {totals['accepted']:,} accepted"
        f" + {totals['quarantined']:,} quarantined"
    )
    for name, rows in manifest["rows"].items():
        out.print(f"  {name:<42} {rows:>12,}")
    out.print(f"  policy         {manifest['policy_version']}")
    out.print(f"  code           {manifest['code_version']}")


def print_tiers(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """Customers and their assets by tier. month: its first day, YYYY-MM-DD."""
    table = Table("tier", "label", "customers", "in scope", "financial assets", title=f"Customers by tier, {month}")
    rows = connection.execute(
        "select tier.tier_code, tier.label_en, count(customer_id), count(*) filter (where is_in_scope),"
        " coalesce(sum(financial_assets), 0) from marts.dim_tier as tier"
        " left join marts.fct_customer_tier_monthly as fact"
        "   on fact.tier_code = tier.tier_code and fact.policy_month = cast(? as date)"
        " group by tier.tier_code, tier.label_en, tier.segment, tier.tier_rank"
        " order by tier.segment desc, tier.tier_rank",
        [month],
    ).fetchall()
    for code, label, customers, in_scope, assets in rows:
        table.add_row(code, label, f"{customers:,}", f"{in_scope:,}", f"{assets:,.2f}")
    out.print(table)


def print_compliance(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """Visit duties by level of organisation. month: its first day, YYYY-MM-DD."""
    table = Table(Column("level", no_wrap=True), "orgs", "duties", "met", "open", "missed", "excluded", "rate",
                  title=f"Visit compliance by level, {month}")  # fmt: skip
    rows = connection.execute(
        "select org_level, count(*), sum(obligations), sum(met), sum(open), sum(missed), sum(excluded),"
        " sum(met) / nullif(sum(met + open + missed), 0)"
        " from marts.fct_visit_compliance_by_org_monthly"
        " where role_group = 'all' and policy_month = cast(? as date) group by org_level"
        " order by count(*), sum(obligations) desc, org_level",
        [month],
    ).fetchall()
    for *cells, rate in rows:
        table.add_row(
            *(f"{c:,}" if isinstance(c, int) else str(c) for c in cells), "-" if rate is None else f"{rate:.1%}"
        )
    out.print(table)


def print_quality(connection: duckdb.DuckDBPyConnection) -> None:
    """Rows that the newest refresh held back, by table and rule."""
    table = Table("table", Column("rule", no_wrap=True), "rows held back", title="Quarantine")
    rows = connection.execute(
        "select table_name, rule_id, sum(rows_held) from marts.fct_quarantine group by all order by all"
    ).fetchall()
    for name, rule, held in rows:
        table.add_row(name, rule, f"{held:,}")
    out.print(table if rows else "Quarantine: empty")


def print_disk(settings: Settings, day: date) -> None:
    """The disk space a refresh of a day will need; too little is only a warning, since it is an estimate."""
    from expectations.contract import load_contract
    from orchestration.runtime.disk import disk_need

    need = disk_need(settings, load_contract(), day)
    err.print(f"  disk     {need}")
    if not need.is_enough:
        err.print(f"[yellow]warning[/]    the disk of {escape(str(settings.output))} may be too small", soft_wrap=True)


def print_unpublished(settings: Settings, day: date, result: RefreshResult, log: Path | None) -> None:
    """Why a refresh published nothing, and which release stays in force."""
    from orchestration.refresh import Outcome

    release = current_release(settings.published)
    in_force = f"{release.release_id} stays in force" if release else "nothing is in force yet"
    if result.outcome is Outcome.BLOCKED:
        err.print(f"[bold red]blocked:[/] nothing was published for {day}; {in_force}")
        return
    err.print(f"[bold red]failed:[/] {day}: {escape(result.error)}")
    err.print(f"nothing was published; {in_force}" + (f"\nthe whole log: {escape(str(log))}" if log else ""))
