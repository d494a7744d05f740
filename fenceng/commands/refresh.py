"""The command `fenceng refresh`: a business date, from the landing zone to the published marts."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Literal

import typer

from fenceng.options import (
    AllowOlder,
    AllowStale,
    Backfill,
    BusinessDate,
    KnownOn,
    Landing,
    Lang,
    Language,
    Output,
    Verbose,
)
from fenceng.terminal import err, log_file, print_findings, progress, settings_for, wrong_use
from orchestration.settings import Settings
from orchestration.store.releases import current_release


def refresh(
    business_date: BusinessDate = None,
    landing: Landing = None,
    output: Output = None,
    known_on: KnownOn = None,
    allow_stale: AllowStale = False,
    allow_older: AllowOlder = False,
    backfill: Backfill = 0,
    verbose: Verbose = False,
    lang: Language = Lang.EN,
) -> None:
    """Read the landing zone as of a date, check it, build the marts, publish them."""
    settings = settings_for(landing, output, allow_stale, allow_older)
    _require_folders(settings)
    _require_lock(settings)
    # Raises StoreError if the release in force is gone; the command line says so.
    current_release(settings.published)
    if business_date:
        _require_policy(business_date.date())
    day = _day(settings, business_date.date() if business_date else None, lang.value)
    known = known_on.date() if known_on else day
    if known < day:
        raise wrong_use(f"--known-on {known} is before --date {day}; what a date knows includes its own deliveries")
    if not business_date:
        _require_policy(day)
    _require_newest(settings, day)
    days = [*_closes(settings, day, backfill), day]
    # Imported here: what is wrong with the call is said before anything slow is imported.
    from fenceng.words.alerts import tell_outcome
    from fenceng.words.findings import finding_in_words
    from fenceng.words.phrasebook import Phrasebook
    from fenceng.words.release import print_disk, print_refreshed, print_unpublished
    from orchestration.refresh import Outcome, run_refresh

    book, stations = Phrasebook("release", lang.value), Phrasebook("stations", lang.value)
    print_disk(settings, day, book)
    for number, one in enumerate(days, start=1):
        if len(days) > 1:
            err.print("  " + book.say("several", one, number, len(days)))
        with log_file(settings, f"refresh {one}", verbose) as log, progress(stations.say) as at_station:
            result = run_refresh(settings, one, at_station, known if one == day else one)
        if result.outcome is not Outcome.PUBLISHED:
            worded = partial(finding_in_words, on=one, language=lang.value)
            print_findings(result.findings, log, severities=("block",), worded=worded)
            print_unpublished(settings, one, result, log, lang.value)
            tell_outcome(settings, one, result)
            raise typer.Exit(result.outcome.value)
        print_findings(result.findings, log, severities=())
        tell_outcome(settings, one, result)
    if result.release:
        print_refreshed(settings, result.release, result.findings, lang.value)


def _closes(settings: Settings, day: date, months: int) -> list[date]:
    """The closes of earlier months that are delivered and not published, in order."""
    if not months:
        return []
    from fenceng.analysis.preflight import closes_before

    return closes_before(settings, day, months)


def _day(settings: Settings, given: date | None, language: Literal["en", "zh"]) -> date:
    """The date given, or the newest one that is delivered completely; ends the command if it is not delivered."""
    from fenceng.analysis.preflight import NAMED, PreflightError, newest_complete, require_delivery
    from fenceng.words.phrasebook import Phrasebook

    try:
        if given:
            require_delivery(settings, given)
            return given
        day, newer = newest_complete(settings)
    except PreflightError as error:
        raise wrong_use(str(error)) from None
    book = Phrasebook("release", language)
    err.print("  " + book.say("newest", day))
    for arrival in newer[:NAMED]:
        err.print("  " + book.say("lacks", arrival.business_date, book.enumerated(arrival.lacking)), soft_wrap=True)
    return day


def _require_lock(settings: Settings) -> None:
    """End the command if another refresh is at work on the output folder."""
    from orchestration.runtime.lock import RefreshRunningError, refuse_if_running

    try:
        refuse_if_running(settings.output)
    except RefreshRunningError as error:
        err.print(f"fenceng: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None


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
