"""The command `fenceng`. Exit codes: 0 published or done, 1 failed, 2 wrong use or setting, 3 blocked by a gate."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.markup import escape
from rich.table import Column, Table
from typer.core import TyperGroup

from expectations.policy.sheets import PolicyError, UnreadableError
from orchestration.database import connect
from orchestration.explain_command import explain_customer
from orchestration.policy_commands import policy_app
from orchestration.quarantine_command import quarantine
from orchestration.releases import StoreError, current_release
from orchestration.settings import Settings
from orchestration.simulate_command import simulate
from orchestration.terminal import (
    err,
    log_file,
    out,
    print_findings,
    progress,
    replace_what_cannot_be_shown,
    settings_for,
    unreadable,
    wrong_use,
)
from orchestration.verify_command import verify


class Commands(TyperGroup):
    """Commands that end with a sentence where the files are not as they should be."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line, on whatever terminal there is."""
        replace_what_cannot_be_shown()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Run the command. An altered store, a file that can't be read or is locked, Ctrl-C: exit code 1.

        Policy rows that can't be read: exit code 3, with every one of them; a place that is no policy: 2.
        """
        try:
            return super().invoke(ctx)
        except UnreadableError as error:
            raise unreadable(error.problems) from None
        except PolicyError as error:
            raise wrong_use(str(error)) from None
        except (StoreError, OSError, duckdb.IOException) as error:
            err.print(f"[bold red]failed:[/] {escape(str(error))}", soft_wrap=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            err.print("interrupted")
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From a bank's landing zone to published customer tiers and visit compliance.",
)
app.add_typer(policy_app, name="policy")
app.command("explain")(explain_customer)
app.command()(simulate)
app.command()(verify)
app.command()(quarantine)

BusinessDate = Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Business date to refresh.")]
Landing = Annotated[Path | None, typer.Option(help="Landing zone; FENCENG_LANDING or var/landing by default.")]
Output = Annotated[Path | None, typer.Option(help="Output folder; FENCENG_OUTPUT or var/output by default.")]


class FileFormat(StrEnum):
    """Formats of a delivered file."""

    PARQUET = "parquet"
    CSV = "csv"


@app.command()
def refresh(
    business_date: BusinessDate,
    landing: Landing = None,
    output: Output = None,
    allow_stale: Annotated[
        bool, typer.Option("--allow-stale", help="Go on with a required snapshot that is older than the date.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show what Dagster and dbt print.")] = False,
) -> None:
    """Read the landing zone as of a date, judge it, build the marts, publish them."""
    from expectations.policy.rows import earliest_date, load_policy
    from orchestration.refresh import Outcome, run_refresh

    settings = settings_for(landing, output, allow_stale)
    day = business_date.date()
    # Rows that can't be read may be those that hold on the day; the refresh says which they are.
    if not load_policy().problems and day < (first := earliest_date()):
        raise wrong_use(f"no policy is in force on {day}; the rows in seeds/policy begin on {first}")
    if not settings.landing.is_dir():
        raise wrong_use(f"no landing zone at {settings.landing}; `fenceng sample` writes one to try")
    if settings.output.exists() and not settings.output.is_dir():
        raise wrong_use(f"{settings.output} is no folder; name one with --output")
    _tell_disk(settings, day)
    with log_file(settings, f"refresh {day}", verbose) as log, progress() as at_station:
        result = run_refresh(settings, day, at_station)
    print_findings(result.findings, log)
    if result.outcome is Outcome.PUBLISHED:
        if result.release:
            _print_release(settings, result.release.manifest())
        return
    if result.outcome is Outcome.BLOCKED:
        err.print(f"[bold red]blocked:[/] nothing was published for {day}; {_in_force(settings)}")
    else:
        err.print(f"[bold red]failed:[/] {day}: {escape(result.error)}")
        err.print(
            f"nothing was published; {_in_force(settings)}" + (f"\nthe whole log: {escape(str(log))}" if log else "")
        )
    raise typer.Exit(result.outcome.value)


@app.command()
def sample(
    customers: Annotated[int, typer.Option(help="Customers of the made-up bank, 100 or more.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business date.")],
    landing: Landing = None,
    defects: Annotated[bool, typer.Option("--defects", help="Plant a known list of broken rows.")] = False,
    file_format: Annotated[FileFormat, typer.Option("--format", help="Format of the files.")] = FileFormat.PARQUET,
) -> None:
    """Write the landing zone of a made-up bank: the same arguments give the same files."""
    from orchestration.sample import write_sample

    settings = settings_for(landing)
    with err.status("writing the sample bank") as status:
        try:
            summary = write_sample(
                settings.landing,
                customers=customers,
                first=first.date(),
                last=last.date(),
                defects=defects,
                file_format=file_format.value,
                report=status.update,
            )
        except ValueError as error:
            raise wrong_use(str(error)) from None
    table = Table("table", "partitions", "rows", title=escape(str(settings.landing)), title_justify="left")
    for name, rows in summary.rows.items():
        table.add_row(name, f"{summary.partitions[name]:,}", f"{rows:,}")
    out.print(table)
    if defects:
        out.print(f"{summary.planted_defects:,} planted defects are listed in _planted_defects.csv")


@app.command()
def show(output: Output = None) -> None:
    """Show what is published: counts by tier, compliance by level, quality, versions."""
    settings = settings_for(output=output)
    release = current_release(settings.published)
    if release is None:
        err.print(f"nothing is published in {escape(str(settings.output))} yet; `fenceng refresh` does that")
        raise typer.Exit(1)
    manifest = release.manifest()
    month = manifest["newest_business_date"][:7] + "-01"
    with connect(release.database, read_only=True) as connection:
        _print_tiers(connection, month)
        _print_compliance(connection, month)
        _print_quality(connection)
    _print_release(settings, manifest)


@app.command()
def doctor(landing: Landing = None, output: Output = None) -> None:
    """Check what a refresh needs on this machine and in these folders."""
    from orchestration.doctor import examine

    settings = settings_for(landing, output)
    table = Table("check", "state", "detail")
    complaints = examine(settings)
    for complaint in complaints:
        state = "[green]ok[/]" if complaint.ok else "[red]mend[/]"
        table.add_row(complaint.subject, state, escape(complaint.detail))
    out.print(table)
    if not all(complaint.ok for complaint in complaints):
        raise typer.Exit(1)


def _tell_disk(settings: Settings, day: date) -> None:
    """What the refresh will want of the disk; too little is a warning, since it is an estimate."""
    from expectations.contract import load_contract
    from orchestration.disk import disk_need

    need = disk_need(settings, load_contract(), day)
    err.print(f"  disk     {need}")
    if not need.is_enough:
        err.print(f"[yellow]warning[/]    the disk of {escape(str(settings.output))} may be too small", soft_wrap=True)


def _print_release(settings: Settings, manifest: dict[str, Any]) -> None:
    delivered = manifest["delivered"].values()
    totals = {key: sum(table[key] for table in delivered) for key in ("received", "accepted", "quarantined")}
    out.print(f"[bold green]in force:[/] {escape(str(settings.published / 'current'))} -> {manifest['release_id']}")
    out.print(f"  business date  {manifest['business_date']}, newest {manifest['newest_business_date']}")
    if manifest["newest_business_date"] > manifest["business_date"]:
        out.print("  later months   rest on what was published before; refresh their last dates to carry this on")
    out.print(
        f"  rows           {totals['received']:,} received = {totals['accepted']:,} accepted"
        f" + {totals['quarantined']:,} quarantined"
    )
    for name, rows in manifest["rows"].items():
        out.print(f"  {name:<42} {rows:>12,}")
    out.print(f"  policy         {manifest['policy_version']}")
    out.print(f"  code           {manifest['code_version']}")


def _print_tiers(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    table = Table("tier", "label", "customers", "in scope", "financial assets", title=f"Customers by tier, {month}")
    rows = connection.execute(
        "select tier.tier_code, tier.label_zh, count(customer_id), count(*) filter (where is_in_scope),"
        " coalesce(sum(financial_assets), 0) from marts.dim_tier as tier"
        " left join marts.fct_customer_tier_monthly as fact"
        "   on fact.tier_code = tier.tier_code and fact.policy_month = cast(? as date)"
        " group by tier.tier_code, tier.label_zh, tier.segment, tier.tier_rank"
        " order by tier.segment desc, tier.tier_rank",
        [month],
    ).fetchall()
    for code, label, customers, in_scope, assets in rows:
        table.add_row(code, label, f"{customers:,}", f"{in_scope:,}", f"{assets:,.2f}")
    out.print(table)


def _print_compliance(connection: duckdb.DuckDBPyConnection, month: str) -> None:
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


def _print_quality(connection: duckdb.DuckDBPyConnection) -> None:
    table = Table("table", Column("rule", no_wrap=True), "rows held back", title="Quarantine")
    rows = connection.execute(
        "select table_name, rule_id, sum(rows_held) from marts.fct_quarantine group by all order by all"
    ).fetchall()
    for name, rule, held in rows:
        table.add_row(name, rule, f"{held:,}")
    out.print(table if rows else "Quarantine: empty")


def _in_force(settings: Settings) -> str:
    release = current_release(settings.published)
    return f"{release.release_id} stays in force" if release else "nothing is in force yet"


if __name__ == "__main__":
    app()
