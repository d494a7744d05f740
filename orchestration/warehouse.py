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
from orchestration.database import connect, exact_pattern
from orchestration.settings import Settings
from orchestration.store.months import SOURCE, history_queries
from orchestration.store.releases import Release, current_release

SCHEMAS = ("landing", "delivery", "gate_1", "accepted", "published", "run")


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a writing connection to the scratch warehouse, and close it so that dbt can open the file."""
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with connect(settings.warehouse, settings=settings) as connection:
        yield connection


def prepare_warehouse(settings: Settings, business_date: date, run_id: str, code_version: str) -> None:
    """Empty the scratch folder and the release under construction, and record the run's context.

    Afterwards `run.context` holds one row, and `published.*` the earlier months and runs of the current release.
    """
    shutil.rmtree(settings.scratch, ignore_errors=True)
    shutil.rmtree(settings.building.parent, ignore_errors=True)
    settings.building.parent.mkdir(parents=True)
    with open_warehouse(settings) as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table run.context as select cast(? as date) as business_date, ? as base_currency, ? as scenario,"
            " ? as policy_version, 'previous_month' as duties_rest_on, ? as run_id, ? as code_version,"
            " cast(null as varchar) as input_fingerprint",
            [
                business_date,
                load_contract().base_currency,
                BASE_SCENARIO,
                policy_version(business_date),
                run_id,
                code_version,
            ],
        )
        _load_published(connection, current_release(settings.published), business_date)


def _load_published(connection: duckdb.DuckDBPyConnection, release: Release | None, business_date: date) -> None:
    for name, query in history_queries(release, business_date.replace(day=1)).items():
        connection.execute(f"create view {SOURCE}.{name} as {query}")
    runs = release.as_of_file("fct_refresh_run") if release else None
    connection.execute(
        "create table published.refresh_run as select * from read_parquet(?)"
        if runs
        else "create table published.refresh_run (run_id varchar, business_date date, published_at timestamp,"
        " code_version varchar, policy_version varchar, input_fingerprint varchar, rows_received bigint,"
        " rows_accepted bigint, rows_quarantined bigint)",
        [exact_pattern(runs)] if runs else [],
    )
