"""Dagster definitions; start with `dagster dev -m orchestration.definitions`."""

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.alerts.sensors import alert_on_failure, alert_on_release
from orchestration.line import PROJECT, dbt, gate_1, gate_2, landing, publish
from orchestration.resources import RunSettings
from orchestration.runtime.dbt_command import DBT_EXECUTABLE
from orchestration.schedules import complete_delivery, nightly, refresh

defs = dg.Definitions(
    assets=[landing, dbt, publish],
    asset_checks=[gate_1, gate_2],
    jobs=[refresh],
    schedules=[nightly],
    sensors=[complete_delivery, alert_on_failure, alert_on_release],
    # In-process: the scratch warehouse allows one writer, and a process per step would cost 5 s each.
    executor=dg.in_process_executor,
    resources={
        "settings": RunSettings(),
        "dbt_cli": DbtCliResource(project_dir=PROJECT, dbt_executable=DBT_EXECUTABLE),
    },
)
