"""Dagster's sensors that tell people: of a run that failed or was blocked, and of what a release says."""

from __future__ import annotations

from datetime import date

import dagster as dg

from expectations.alerts import load_marks
from orchestration.alerts.conditions import blocked_by, failed, of_release
from orchestration.alerts.tell import Telling, tell_of
from orchestration.keys import DAILY, PARTITION
from orchestration.on_page import found_of
from orchestration.schedules import refresh
from orchestration.settings import settings_from
from orchestration.store.releases import current_release


@dg.run_failure_sensor(monitored_jobs=[refresh], minimum_interval_seconds=30)
def alert_on_failure(context: dg.RunFailureSensorContext) -> dg.SkipReason:
    """Tell that a refresh was blocked or failed, once for each date and cause."""
    settings = settings_from()
    business_date = date.fromisoformat(context.dagster_run.tags[PARTITION])
    failures = context.get_step_failure_events()
    found = [one for event in failures for one in found_of(event)]
    station = next((event.step_key for event in failures if event.step_key), "")
    alerts = blocked_by(business_date, found) or failed(business_date, station)
    return _said(tell_of(settings, alerts, current_release(settings.published)))


@dg.sensor(minimum_interval_seconds=300)
def alert_on_release(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Tell when the newest release is late, lacks too many rows, or shows too little compliance; and when all is well.

    Late is judged by Dagster's newest partition, the business date that ended last.
    """
    newest = DAILY.get_last_partition_key()
    settings = settings_from()
    release = current_release(settings.published)
    state = f"{newest} {release.release_id if release else ''}"
    if newest is None or state == context.cursor:
        return dg.SkipReason("neither a new release nor a new business date")
    telling = tell_of(settings, of_release(settings, date.fromisoformat(newest), load_marks()), release)
    if not telling.trouble:
        context.update_cursor(state)
    return _said(telling)


def _said(telling: Telling) -> dg.SkipReason:
    """What a sensor's tick says: the titles sent, and what went wrong. No run follows from it."""
    return dg.SkipReason("; ".join([*(message.title for message in telling.sent), *telling.trouble]) or "nothing new")
