"""A release under construction with a few rows, as dbt leaves it, and its publication, without dbt.

Also a program: `python small_store.py LANDING OUTPUT DAY VERSION KILL` publishes once and kills itself
midway; the crash tests run it in a separate process.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.settings import Settings
from orchestration.store.publish import Publication, publish
from orchestration.store.releases import Release
from orchestration.warehouse import prepare_warehouse

STEPS = (
    "export",
    "carry closed months",
    "keep what months rest on",
    "name the release",
    "views over the files",
    "report",
    "manifest",
    "sync",
    "flip",
    "retention",
)
MONTHLY = ("fct_customer_tier_monthly", "fct_visit_obligation_monthly")
AS_OF = ("dim_customer", "dim_tier")
GRAINS = {
    "fct_customer_tier_monthly": ["policy_month", "customer_id"],
    "fct_visit_obligation_monthly": ["policy_month", "customer_id", "role_group"],
    "dim_customer": ["customer_id"],
    "dim_tier": ["tier_code"],
    "fct_refresh_run": ["run_id"],
}
CUSTOMERS = 20
# Kill points: these touch what readers see, or what the next publication must cope with.
TOUCHING = {"os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.chmod"}


def settings_of(folder: Path, kept: int = 7) -> Settings:
    """Return settings for a folder; nothing is read from its landing zone."""
    return Settings(
        landing=folder / "landing",
        output=folder / "output",
        memory_limit="500MB",
        releases_kept=kept,
    )


def run_id_of(day: date, version: int) -> str:
    """Name a run so that a later version sorts after an earlier one."""
    return f"v{version:04d}-{day.isoformat()}"


def build(settings: Settings, day: date, version: int) -> None:
    """Create scratch and building file as a refresh leaves them; every row carries the version."""
    run_id = run_id_of(day, version)
    prepare_warehouse(settings, day, run_id, "test")
    month = day.replace(day=1)
    building, scratch = str(settings.building), str(settings.warehouse)
    with duckdb.connect() as db:
        db.execute(f"attach '{building}' as b (storage_version 'v1.0.0')")
        db.execute(f"attach '{scratch}' as s (read_only)")
        db.execute("create schema b.month_in_hand")
        db.execute("create schema b.marts")
        customers = f"(select 'C' || lpad(n::varchar, 3, '0') as customer_id from range({CUSTOMERS}) t(n))"
        db.execute(
            f"create table b.month_in_hand.fct_customer_tier_monthly as select date '{month}' as"
            f" policy_month, customer_id, 'T1' as tier_code, {version} as version"
            # Not in grain order: publication has to sort.
            f" from {customers} order by customer_id desc"
        )
        db.execute(
            f"create table b.month_in_hand.fct_visit_obligation_monthly as select date '{month}' as"
            f" policy_month, customer_id, 'outlet_leader' as role_group, {version} as version"
            f" from {customers}"
        )
        db.execute("comment on table b.month_in_hand.fct_customer_tier_monthly is 'it''s a tier'")
        db.execute("comment on column b.month_in_hand.fct_customer_tier_monthly.tier_code is 'the ''tier'''")
        db.execute(
            f"create table b.marts.dim_customer as select customer_id, {version} as version,"
            f" date '{day}' as as_of from {customers}"
        )
        db.execute(
            f"create table b.marts.dim_tier as select 'T1' as tier_code, {version} as version, date '{day}' as as_of"
        )
        db.execute(
            "create table b.marts.fct_refresh_run as select * from s.published.refresh_run"
            f" union all select '{run_id}', date '{day}', date '{day}', null, 'test', 'policy', 'input', 3, 2, 1"
        )


def publication_of(day: date, version: int) -> Publication:
    """Describe what is published."""
    facts = {"policy_version": "policy", "code_version": "test", "delivered": {}, "findings": []}
    return Publication(run_id_of(day, version), day, GRAINS, facts)


def put(settings: Settings, day: date, version: int, at_step: Callable[[str], None] = lambda _: None) -> Release:
    """Build and publish a version."""
    build(settings, day, version)
    return publish(settings, publication_of(day, version), at_step)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _main(folder: str, day: str, version: str, where: str) -> None:
    """Publish, and die at a named step, or before the n-th file system operation."""
    settings = settings_of(Path(folder), kept=2)
    on = date.fromisoformat(day)
    build(settings, on, int(version))
    touches = 0

    def watch(event: str, _: tuple[Any, ...]) -> None:
        nonlocal touches
        if event in TOUCHING:
            if where.isdigit() and touches == int(where):
                _die()
            touches += 1

    def at_step(name: str) -> None:
        if name == where:
            _die()

    sys.addaudithook(watch)
    publish(settings, publication_of(on, int(version)), at_step)
    print(touches)


if __name__ == "__main__":
    _main(*sys.argv[1:])
