"""When the line runs by itself: every morning, and when a delivery is complete."""

import json
from datetime import date

import dagster as dg

from expectations.contract import load_contract
from orchestration.keys import DAILY
from orchestration.landing import deliveries
from orchestration.settings import settings_from
from orchestration.store.releases import current_release

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("served"),
    description="One business date from the landing zone to the published marts.",
    # Retry from landing: by then the scratch folder may hold another date.
    tags={"dagster/retry_strategy": "ALL_STEPS"},
)

# 06:30 for the previous day: after the core system's end-of-day run, before outlets open at 08:30.
nightly = dg.build_schedule_from_partitioned_job(refresh, hour_of_day=6, minute_of_hour=30, name="nightly")


@dg.sensor(job=refresh, minimum_interval_seconds=60)
def complete_delivery(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Request a refresh for each complete delivery unchanged since the last tick, and again after a correction.

    Dates before the newest published one are skipped, since they would set the month back; running them is left to a
    person.
    """
    settings = settings_from()
    release = current_release(settings.published)
    since = date.fromisoformat(release.manifest()["newest_business_date"]) if release else None
    standing = {
        day.isoformat(): state
        for day, state in deliveries(settings.landing, load_contract(), since).items()
        if DAILY.has_partition_key(day.isoformat())
    }
    seen = json.loads(context.cursor) if context.cursor else {}
    requests = [
        dg.RunRequest(run_key=f"{day} {state}", partition_key=day)
        for day, state in standing.items()
        if seen.get(day) == state
    ]
    return dg.SensorResult(
        run_requests=requests,
        cursor=json.dumps(standing),
        skip_reason=None if requests else dg.SkipReason("no complete delivery is stable yet"),
    )
