"""The scratch warehouse: opened by one refresh at a time, rebuilt by each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from expectations.contract import load_contract
from expectations.policy.in_force import policy_version
from expectations.policy.model import BASE_SCENARIO
from orchestration.database import connect
from orchestration.settings import Settings
from orchestration.store.months import SOURCE, history_queries, inputs
from orchestration.store.releases import Release, current_release
from orchestration.store.runs import runs_query

SCHEMAS = ("landing", "delivery", "gate_1", "accepted", "published", "run")


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a writing connection to the scratch warehouse, and close it so that dbt can open the file."""
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with connect(settings.warehouse, settings=settings) as connection:
        yield connection


def prepare_warehouse(
    settings: Settings, business_date: date, run_id: str, code_version: str, known_on: date | None = None
) -> None:
    """Empty the scratch folder and the release under construction, and record the run's context.

    Afterwards `run.context` holds one row, `published.*` the earlier months and runs of the current release, and
    `run.input` the files of those months with their hashes.
    known_on: up to which date events are read, the business date by default.
    """
    shutil.rmtree(settings.scratch, ignore_errors=True)
    shutil.rmtree(settings.building.parent, ignore_errors=True)
    settings.building.parent.mkdir(parents=True)
    with open_warehouse(settings) as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table run.context as select cast(? as date) as business_date,"
            " cast(? as date) as known_on, ? as base_currency, ? as scenario,"
            " ? as policy_version, 'previous_month' as duties_rest_on, ? as run_id, ? as code_version,"
            " cast(null as varchar) as input_fingerprint",
            [
                business_date,
                known_on or business_date,
                load_contract().base_currency,
                BASE_SCENARIO,
                policy_version(business_date),
                run_id,
                code_version,
            ],
        )
        _load_published(connection, current_release(settings.published), business_date)


def _load_published(connection: duckdb.DuckDBPyConnection, release: Release | None, business_date: date) -> None:
    month = business_date.replace(day=1)
    for name, query in history_queries(release, month).items():
        connection.execute(f"create view {SOURCE}.{name} as {query}")
    connection.execute("create table run.input (path varchar, sha256 varchar, bytes bigint)")
    for path, described in inputs(release, month).items():
        connection.execute("insert into run.input values (?, ?, ?)", [path, described["sha256"], described["bytes"]])
    connection.execute(f"create table {SOURCE}.refresh_run as {runs_query(release)}")
