"""The command `fenceng refresh`: a business date, from the landing zone to the published marts."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.markup import escape

from fenceng.options import BusinessDate, Landing, Output
from fenceng.terminal import err, log_file, print_findings, progress, settings_for, wrong_use
from fenceng.words.release import in_force, print_release
from orchestration.settings import Settings


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
    from expectations.policy.in_force import earliest_date
    from expectations.policy.reading import load_policy
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
            print_release(settings, result.release.manifest())
        return
    if result.outcome is Outcome.BLOCKED:
        err.print(f"[bold red]blocked:[/] nothing was published for {day}; {in_force(settings)}")
    else:
        err.print(f"[bold red]failed:[/] {day}: {escape(result.error)}")
        err.print(
            f"nothing was published; {in_force(settings)}" + (f"\nthe whole log: {escape(str(log))}" if log else "")
        )
    raise typer.Exit(result.outcome.value)


def _tell_disk(settings: Settings, day: date) -> None:
    """What the refresh will want of the disk; too little is a warning, since it is an estimate."""
    from expectations.contract import load_contract
    from orchestration.runtime.disk import disk_need

    need = disk_need(settings, load_contract(), day)
    err.print(f"  disk     {need}")
    if not need.is_enough:
        err.print(f"[yellow]warning[/]    the disk of {escape(str(settings.output))} may be too small", soft_wrap=True)
