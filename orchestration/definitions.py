"""Dagster definitions; start with `dagster dev -m orchestration.definitions`."""

import os

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.alerts.sensors import alert_on_failure, alert_on_release
from orchestration.line import PROJECT, dbt, gate_1, gate_2, landing, publish
from orchestration.resources import RunSettings
from orchestration.runtime.dbt_command import DBT_EXECUTABLE
from orchestration.schedules import complete_delivery, nightly, refresh
from orchestration.serving.assets import URL, postgres, serve_job, serve_release

# A database to serve is a setting; without it Dagster shows no asset that nothing would fill.
serves = bool(os.environ.get(URL))

defs = dg.Definitions(
    assets=[landing, dbt, publish, *([postgres] if serves else [])],
    asset_checks=[gate_1, gate_2],
    jobs=[refresh, *([serve_job] if serves else [])],
    schedules=[nightly],
    sensors=[complete_delivery, alert_on_failure, alert_on_release, *([serve_release] if serves else [])],
    # In-process: the scratch warehouse allows one writer, and a process per step would cost 5 s each.
    executor=dg.in_process_executor,
    resources={
        "settings": RunSettings(),
        "dbt_cli": DbtCliResource(project_dir=PROJECT, dbt_executable=DBT_EXECUTABLE),
    },
)
