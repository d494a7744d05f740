"""Dagster's part of serving: there where a database is set, and a run that loads the release."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest
from support.house import House, clean_environment
from support.postgres import Server, running_server

from expectations.project import PROJECT_ROOT
from orchestration.keys import SERVED
from orchestration.serving.assets import URL, postgres

LIST = (
    "from orchestration.definitions import defs; repository = defs.get_repository_def();"
    "print(sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith('__')),"
    " sorted(sensor.name for sensor in repository.sensor_defs),"
    " 'served' in str(sorted(map(str, defs.get_job_def('refresh').asset_layer.executable_asset_keys))))"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.mark.parametrize("is_set", [False, True])
def test_the_asset_is_there_where_a_database_is_set(is_set: bool) -> None:
    environment = clean_environment({URL: "postgresql://nowhere/bank"} if is_set else {})
    command = [sys.executable, "-W", "ignore", "-c", LIST]
    done = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    jobs, sensors = ["refresh"], ["alert_on_failure", "alert_on_release", "complete_delivery"]
    if is_set:
        jobs, sensors = [*jobs, "serve_postgres"], [*sensors, "serve_release"]
    # A refresh never waits for a database.
    assert done.stdout.split("\n")[-2] == f"{jobs} {sensors} False"


def test_a_run_loads_the_release_and_a_failure_names_no_password(
    server: Server, published_bank: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, URL, server.url("loader"))
    resources = {"settings": published_bank.settings}
    done = dg.materialize([postgres], resources=resources, selection=[SERVED])
    assert done.success
    (event,) = done.asset_materializations_for_node(SERVED.to_python_identifier())
    assert event.metadata["files_loaded"].value > 0
    monkeypatch.setitem(os.environ, URL, "postgresql://loader:secret@127.0.0.1:1/bank")
    failed = dg.materialize([postgres], resources=resources, selection=[SERVED], raise_on_error=False)
    assert not failed.success
    told = " ".join(str(event) for event in failed.all_events)
    assert "no connection to database bank on 127.0.0.1" in told
    assert "secret" not in told
