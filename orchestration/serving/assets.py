"""Dagster's part: where FENCENG_POSTGRES_URL is set, every new release is loaded into that database."""

from __future__ import annotations

import os

import dagster as dg

from orchestration.keys import RELEASE, SERVED
from orchestration.settings import Settings
from orchestration.store.releases import release_in_force

URL = "FENCENG_POSTGRES_URL"


@dg.asset(
    key=SERVED,
    deps=[RELEASE],
    group_name="served",
    kinds={"postgres"},
    description="The current release on PostgreSQL, with the rights of each reader.",
)
def postgres(settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[None]:
    """Load the release in force and show it; a release that is shown already costs nothing."""
    from orchestration.serving.postgres import ServingError, serve
    from orchestration.serving.readers import ReadersError

    try:
        served = serve(settings, release_in_force(settings), os.environ[URL])
    except (ServingError, ReadersError) as error:
        # The reason alone: a traceback could hold the connection string.
        raise dg.Failure(str(error), allow_retries=True) from None
    return dg.MaterializeResult(
        metadata={
            "release": served.release_id,
            "dagster/row_count": served.rows,
            "files_loaded": served.loaded,
            "files_kept": served.kept,
        }
    )


serve_job = dg.define_asset_job("serve_postgres", selection=[SERVED], description="The current release on PostgreSQL.")


@dg.asset_sensor(asset_key=RELEASE, job=serve_job, minimum_interval_seconds=30)
def serve_release(context: dg.SensorEvaluationContext, event: dg.EventLogEntry) -> dg.RunRequest:
    """Ask for a load of every new release."""
    return dg.RunRequest(run_key=event.run_id)
