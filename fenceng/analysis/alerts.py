"""What there is to tell by a date, for the command `fenceng alert`."""

from __future__ import annotations

from datetime import date

from expectations.alerts import Marks
from expectations.contract import load_contract
from expectations.policy.in_force import earliest_date
from orchestration.alerts.conditions import Alert, newest_date, of_release, unpublished
from orchestration.landing import deliveries
from orchestration.runtime.lock import RefreshRunningError, refresh_lock
from orchestration.settings import Settings
from orchestration.store.releases import current_release


def newest_known(settings: Settings) -> date:
    """The newest business date that is delivered complete or published; the first day of the policy without any."""
    published = newest_date(current_release(settings.published))
    return max(
        [*deliveries(settings.landing, load_contract(), None), *([published] if published else [])],
        default=earliest_date(),
    )


def alerts_by(settings: Settings, on: date, marks: Marks) -> list[Alert]:
    """What the store, the last refresh and the landing zone say by a date."""
    return [*_unpublished(settings), *of_release(settings, on, marks)]


def _unpublished(settings: Settings) -> list[Alert]:
    """The last refresh if it published nothing; none while a refresh is at work, whose end is not known."""
    if not settings.output.is_dir():
        return []
    try:
        with refresh_lock(settings.output):
            return unpublished(settings, current_release(settings.published))
    except RefreshRunningError:
        return []
