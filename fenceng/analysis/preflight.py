"""What is wrong with a call of `fenceng refresh`, found before anything slow is imported."""

from __future__ import annotations

from datetime import date

from expectations.contract import load_contract
from orchestration.landing.deliveries import Arrival, arrivals
from orchestration.settings import Settings
from orchestration.store.months import month_before
from orchestration.store.releases import current_release


class PreflightError(Exception):
    """The refresh can't begin; the message says why and what to do."""


# Incomplete newer dates that a message names.
NAMED = 3


def newest_complete(settings: Settings) -> tuple[date, list[Arrival]]:
    """Return the newest date that is delivered completely, and what arrived of newer ones.

    Raises PreflightError if no date is complete, with what the newest one lacks.
    """
    newer: list[Arrival] = []
    for arrival in arrivals(settings.landing, load_contract()):
        if not arrival.lacking:
            return arrival.business_date, newer
        newer.append(arrival)
    if not newer:
        raise PreflightError(
            f"{settings.landing} holds no delivery; one is a folder for each table and date, such as"
            " customer/biz_date=2026-01-31"
        )
    raise PreflightError(
        f"no date is delivered completely in {settings.landing}: {lacks(newer[0])}; deliver it, or name a date with"
        " --date"
    )


def closes_before(settings: Settings, day: date, months: int) -> list[date]:
    """Return the last complete date of each of so many months before the day's that is not published yet, in order."""
    release = current_release(settings.published)
    published = set(release.manifest().get("months", {})) if release else set()
    first = month_before(day.replace(day=1), months)
    found: dict[date, date] = {}
    for arrival in arrivals(settings.landing, load_contract()):
        month = arrival.business_date.replace(day=1)
        if first <= month < day.replace(day=1) and not arrival.lacking and month.isoformat() not in published:
            found[month] = max(found.get(month, arrival.business_date), arrival.business_date)
    return [found[month] for month in sorted(found)]


def require_delivery(settings: Settings, day: date) -> None:
    """Raise PreflightError if no required snapshot arrived on the day, unless older ones may be used."""
    if settings.allow_stale:
        return
    known = []
    for arrival in arrivals(settings.landing, load_contract()):
        if arrival.business_date == day:
            return
        known.append(arrival.business_date)
    if not known:
        newest_complete(settings)
    nearest = ", ".join(str(one) for one in sorted(sorted(known, key=lambda one: abs(one - day))[:NAMED]))
    raise PreflightError(
        f"nothing is delivered for {day} in {settings.landing}; the nearest dates there are {nearest}"
        " (--allow-stale goes on with older snapshots)"
    )


def lacks(arrival: Arrival) -> str:
    """Say which tables a date lacks."""
    return f"{arrival.business_date} lacks {', '.join(arrival.lacking)}"
