"""The command `fenceng refresh`: a business date, from the landing zone to the published marts."""

from __future__ import annotations

from datetime import date

import typer

from fenceng.options import AllowOlder, AllowStale, BusinessDate, KnownOn, Landing, Output, Verbose
from fenceng.terminal import log_file, print_findings, progress, settings_for, wrong_use
from orchestration.settings import Settings


def refresh(
    business_date: BusinessDate,
    landing: Landing = None,
    output: Output = None,
    known_on: KnownOn = None,
    allow_stale: AllowStale = False,
    allow_older: AllowOlder = False,
    verbose: Verbose = False,
) -> None:
    """Read the landing zone as of a date, check it, build the marts, publish them."""
    from fenceng.words.alerts import tell_outcome
    from fenceng.words.release import print_disk, print_release, print_unpublished
    from orchestration.refresh import Outcome, run_refresh

    settings = settings_for(landing, output, allow_stale, allow_older)
    day = business_date.date()
    known = known_on.date() if known_on else day
    if known < day:
        raise wrong_use(f"--known-on {known} is before --date {day}; what a date knows includes its own deliveries")
    _require_policy(day)
    _require_folders(settings)
    _require_newest(settings, day)
    print_disk(settings, day)
    with log_file(settings, f"refresh {day}", verbose) as log, progress() as at_station:
        result = run_refresh(settings, day, at_station, known)
    print_findings(result.findings, log)
    if result.outcome is Outcome.PUBLISHED:
        if result.release:
            print_release(settings, result.release.manifest())
        tell_outcome(settings, day, result)
        return
    print_unpublished(settings, day, result, log)
    tell_outcome(settings, day, result)
    raise typer.Exit(result.outcome.value)


def _require_policy(day: date) -> None:
    """End the command if no policy is in force; the refresh itself names unreadable rows."""
    from expectations.policy.in_force import earliest_date
    from expectations.policy.reading import load_policy

    if not load_policy().problems and day < (first := earliest_date()):
        raise wrong_use(f"no policy is in force on {day}; the rows in seeds/policy begin on {first}")


def _require_newest(settings: Settings, day: date) -> None:
    """End the command if it would set its month back."""
    from orchestration.stations import OlderDateError, refuse_older

    try:
        refuse_older(settings, day)
    except OlderDateError as error:
        raise wrong_use(str(error)) from None


def _require_folders(settings: Settings) -> None:
    if not settings.landing.is_dir():
        raise wrong_use(f"no landing zone at {settings.landing}; `fenceng sample` writes one to try")
    if settings.output.exists() and not settings.output.is_dir():
        raise wrong_use(f"{settings.output} is not a folder; name one with --output")
