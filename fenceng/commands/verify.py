"""The command `fenceng verify`: is a published month still what its inputs give?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from fenceng.terminal import err, log_file, out, print_findings, progress, settings_for, wrong_use


def verify(
    on: Annotated[
        datetime, typer.Option("--month", formats=["%Y-%m", "%Y-%m-%d"], help="Published month, as 2026-10.")
    ],
    landing: Annotated[
        Path | None, typer.Option(help="Landing zone; FENCENG_LANDING or var/landing by default.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Output folder; FENCENG_OUTPUT or var/output by default.")] = None,
    allow_stale: Annotated[
        bool, typer.Option("--allow-stale", help="Go on with a required snapshot that is older than the date.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show what Dagster and dbt print.")] = False,
) -> None:
    """Build a published month again in scratch and say whether it is identical, and where not."""
    from fenceng.analysis.verification import VerificationError
    from fenceng.analysis.verification import verify as rebuild
    from orchestration.refresh import Outcome

    settings = settings_for(landing, output, allow_stale)
    month = on.date().replace(day=1)
    if not settings.landing.is_dir():
        raise wrong_use(f"no landing zone at {settings.landing}; a month is rebuilt from it")
    try:
        with log_file(settings, f"verify {month:%Y-%m}", verbose) as log, progress() as at_station:
            result = rebuild(settings, month, at_station)
    except VerificationError as error:
        raise wrong_use(str(error)) from None
    if result.refresh.outcome is not Outcome.PUBLISHED:
        print_findings(result.refresh.findings)
        why = escape(result.refresh.error) or "a gate or the policy lint said no"
        err.print(f"[bold red]not rebuilt:[/] {month:%Y-%m} as of {result.business_date}: {why}", soft_wrap=True)
        if log:
            err.print(f"the whole log: {log}", soft_wrap=True)
        raise typer.Exit(result.refresh.outcome.value)
    head = f"{month:%Y-%m} as of {result.business_date}"
    if result.is_identical:
        out.print(f"[bold green]identical:[/] {head}: {len(result.tables)} tables, every byte")
    else:
        out.print(f"[bold red]different:[/] {head}: {len(result.differences)} of {len(result.tables)} tables")
    for difference in result.differences:
        rows = f"{difference.published_rows:,} rows published, {difference.rebuilt_rows:,} rebuilt"
        if difference.bytes_only:
            out.print(f"  {difference.table}: {rows}, all equal; only the file's bytes differ", soft_wrap=True)
            continue
        out.print(
            f"  {difference.table}: {rows}; {difference.missing:,} no longer there, {difference.surplus:,} new",
            soft_wrap=True,
        )
        for column, count in difference.columns.items():
            out.print(f"    {column}: {count:,} rows", soft_wrap=True)
    changed = ", ".join(result.changed)
    if changed:
        out.print(f"  changed since it was published: {changed}", soft_wrap=True)
    elif result.differences:
        out.print("  neither landing zone, policy, code nor the month before has changed; report this", soft_wrap=True)
    if not result.is_identical:
        raise typer.Exit(1)
