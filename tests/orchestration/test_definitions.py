"""The line as Dagster sees it, reported by a separate process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.house import clean_environment

from expectations.contract import load_contract
from expectations.project import PROJECT_ROOT

SNAPSHOT = Path(__file__).with_name("asset_keys.txt")
PROGRAM = r"""
import json, os, sys, warnings
# A deprecated call of ours, told at our line; what the libraries do among themselves is theirs.
warnings.filterwarnings("error", category=DeprecationWarning, module=r"(orchestration|expectations)(\..*)?$")
warnings.filterwarnings("error", category=PendingDeprecationWarning, module=r"(orchestration|expectations)(\..*)?$")
from datetime import datetime, timezone
from pathlib import Path
import dagster as dg
from orchestration.definitions import complete_delivery, defs

graph = defs.resolve_asset_graph()
checks = [
    {"asset": key.asset_key.to_user_string(), "name": key.name, "blocking": graph.get(key).blocking}
    for key in sorted(graph.asset_check_keys)
    if key.name in ("gate_1", "gate_2")
]
specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
schedule = defs.resolve_schedule_def("nightly")
job = defs.resolve_job_def("refresh")
with dg.DagsterInstance.ephemeral() as instance:
    tick = dg.build_schedule_context(
        instance=instance, scheduled_execution_time=datetime(2026, 3, 31, 22, 30, tzinfo=timezone.utc)
    )
    planned = schedule.evaluate_tick(tick)
    landing, looks = Path(os.environ["FENCENG_LANDING"]), []
    for number in range(4):
        if number == 3:  # a delivery that was blocked is corrected
            (landing / "visit" / "biz_date=2026-03-31").mkdir(parents=True)
            (landing / "visit" / "biz_date=2026-03-31" / "part-0.csv").write_text("visit_id")
        looks.append(complete_delivery(dg.build_sensor_context(
            instance=instance, cursor=looks[-1].cursor if looks else None)))
    looks.append(complete_delivery(dg.build_sensor_context(instance=instance, cursor=looks[-1].cursor)))
print("TOLD" + json.dumps({
    "assets": sorted(key.to_user_string() for key in graph.get_all_asset_keys()),
    "checks": checks,
    "upstream_of_release": sorted(
        key.to_user_string() for key in graph.get(dg.AssetKey(["published", "release"])).parent_keys
    ),
    "freshness": specs["published/release"].freshness_policy is not None,
    "cron": schedule.cron_schedule,
    "timezone": schedule.execution_timezone,
    "partitions": [request.partition_key for request in planned.run_requests],
    "sensor": [[[request.partition_key, request.run_key] for request in look.run_requests] for look in looks],
    "sensors": sorted(sensor.name for sensor in defs.sensors),
    "running": [one.name for one in defs.sensors if one.default_status == dg.DefaultSensorStatus.RUNNING],
    "executor": job.executor_def.name,
    "job_assets": sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys),
}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Load the definitions over a landing zone with two complete dates and an incomplete one."""
    landing = tmp_path_factory.mktemp("landing")
    for table in load_contract().tables.values():
        for day in ("2026-03-30", "2026-03-31", "2026-04-01"):
            if day == "2026-04-01" and table.name == "employee":
                continue
            if table.required and table.kind == "snapshot":
                folder = landing / table.name / f"biz_date={day}"
                folder.mkdir(parents=True)
                (folder / "part-0.csv").touch()
    environment = clean_environment({"FENCENG_LANDING": str(landing), "FENCENG_OUTPUT": str(landing / "output")})
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("TOLD"))
    found: dict[str, Any] = json.loads(line.removeprefix("TOLD"))
    return found


def test_the_assets_are_those_of_the_snapshot(told: dict[str, Any]) -> None:
    """A change of the graph must be deliberate: edit the file by hand."""
    assert told["assets"] == SNAPSHOT.read_text(encoding="utf-8").split()


def test_every_station_stands_on_the_line(told: dict[str, Any]) -> None:
    assets = set(told["assets"])
    assert {f"landing/{name}" for name in load_contract().tables} < assets
    assert {"landing/delivery", "published/release", "marts/fct_customer_tier_monthly"} < assets
    assert told["job_assets"] == told["assets"]
    assert told["executor"] == "in_process"


def test_the_gates_block(told: dict[str, Any]) -> None:
    assert {check["blocking"] for check in told["checks"]} == {True}
    guarded = {(check["name"], check["asset"]) for check in told["checks"]}
    landed = {asset for asset in told["assets"] if asset.startswith("landing/")}
    marts = {asset for asset in told["assets"] if asset.startswith("marts/")}
    assert guarded == {("gate_1", a) for a in landed} | {("gate_2", a) for a in marts}
    assert set(told["upstream_of_release"]) == marts


def test_the_schedule_asks_for_the_day_before(told: dict[str, Any]) -> None:
    """06:30 in Shanghai on 1 April is 22:30 UTC of 31 March."""
    assert (told["cron"], told["timezone"]) == ("30 6 * * *", "Asia/Shanghai")
    assert told["partitions"] == ["2026-03-31"]


def test_the_sensor_asks_for_what_has_come_to_rest(told: dict[str, Any]) -> None:
    """Not at the first look; then with the same key, which Dagster runs once; with a new one when files change."""
    first, second, third, corrected, after = told["sensor"]
    assert first == []
    assert second == third
    assert [day for day, _ in second] == ["2026-03-30", "2026-03-31"]
    assert corrected == second[:1]
    assert after[0] == second[0]
    assert after[1][0] == "2026-03-31"
    assert after[1][1] != second[1][1]


def test_the_sensors_that_tell_are_there_and_off(told: dict[str, Any]) -> None:
    assert told["sensors"] == ["alert_on_failure", "alert_on_release", "complete_delivery"]
    assert told["running"] == []


def test_a_late_release_is_noticed(told: dict[str, Any]) -> None:
    assert told["freshness"]
