"""Checks of everything that a refresh needs, each with the fix."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import metadata, requires, version
from pathlib import Path

import duckdb
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from expectations.contract import load_contract
from expectations.policy.lint import lint
from expectations.policy.reading import load_policy
from expectations.policy.sheets import PolicyError
from expectations.project import PROJECT_ROOT
from orchestration.database import connect
from orchestration.landing import complete_dates, unfit_headers
from orchestration.runtime.dbt_command import DBT_EXECUTABLE
from orchestration.runtime.disk import disk_need
from orchestration.runtime.failures import free_bytes, size
from orchestration.runtime.lock import RefreshRunningError, refresh_lock
from orchestration.settings import Settings
from orchestration.store.releases import StoreError, current_release


@dataclass(frozen=True)
class Check:
    """The result of one check. detail: what was found and, if the check failed, what to do."""

    subject: str
    passed: bool
    detail: str


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order in which a refresh would hit it."""
    checks: list[Callable[[Settings], Check]] = [
        _python, _duckdb, _dbt, _dagster_home, _policy, _landing, _headers, _output, _release, _disk,
    ]  # fmt: skip
    return [check(settings) for check in checks]


def _python(_: Settings) -> Check:
    running = ".".join(str(part) for part in sys.version_info[:3])
    wanted = SpecifierSet(metadata("fenceng")["Requires-Python"])
    ok = wanted.contains(running)
    return Check("Python", ok, running if ok else f"{running}; make the environment with Python {wanted}")


def _duckdb(_: Settings) -> Check:
    requirements = (Requirement(text) for text in requires("fenceng") or ())
    wanted = next(one.specifier for one in requirements if one.name == "duckdb")
    ok = wanted.contains(duckdb.__version__, prereleases=True)
    return Check("DuckDB", ok, duckdb.__version__ if ok else f"{duckdb.__version__}; run `make setup`")


def _dbt(_: Settings) -> Check:
    if not Path(DBT_EXECUTABLE).exists():
        return Check("dbt", False, f"no {DBT_EXECUTABLE}; run `make setup`")
    return Check("dbt", True, f"{version('dbt-core')} with dbt-duckdb {version('dbt-duckdb')}")


def _dagster_home(_: Settings) -> Check:
    home = os.environ.get("DAGSTER_HOME")
    if home and Path(home).resolve() != PROJECT_ROOT:
        return Check("DAGSTER_HOME", False, f"{home} hides the dagster.yaml of {PROJECT_ROOT}; unset it")
    return Check("DAGSTER_HOME", True, "the project's dagster.yaml holds")


def _policy(_: Settings) -> Check:
    try:
        problems = lint(load_policy())
    except PolicyError as error:
        return Check("policy", False, str(error))
    if not problems:
        return Check("policy", True, "the rows in seeds/policy are sound")
    more = f"; {len(problems):,} problems, `fenceng policy lint` lists them" if len(problems) > 1 else ""
    return Check("policy", False, f"{problems[0]}{more}")


def _landing(settings: Settings) -> Check:
    if not settings.landing.is_dir():
        return Check("landing zone", False, f"none at {settings.landing}; `fenceng sample` writes one to try")
    dates = complete_dates(settings.landing, load_contract())
    if not dates:
        return Check("landing zone", False, f"no date in {settings.landing} has every required snapshot")
    return Check("landing zone", True, f"{settings.landing}: {len(dates)} complete dates up to {dates[-1]}")


def _headers(settings: Settings) -> Check:
    dates = complete_dates(settings.landing, load_contract())
    if not dates:
        return Check("headers", True, "no complete date to check")
    unfit = unfit_headers(settings.landing, load_contract(), dates[-1])
    if not unfit:
        return Check("headers", True, f"those of {dates[-1]} hold the contract's columns")
    file, defect = unfit[0]
    where = f"{file.table}/biz_date={file.business_date}/{file.name}"
    expected = f"; expected {defect.expected}" if defect.expected else ""
    more = f"; {len(unfit) - 1:,} more" if len(unfit) > 1 else ""
    return Check("headers", False, f"{where}: {defect.found}{expected}{more}")


def _output(settings: Settings) -> Check:
    if not settings.output.exists():
        return Check("output", True, f"{settings.output}, made by the first refresh")
    try:
        with refresh_lock(settings.output):
            return Check("output", True, f"{settings.output}, no refresh running")
    except RefreshRunningError as error:
        return Check("output", True, str(error))
    except OSError as error:
        return Check("output", False, str(error))


def _release(settings: Settings) -> Check:
    try:
        release = current_release(settings.published)
    except StoreError as error:
        return Check("release", False, str(error))
    if release is None:
        return Check("release", True, "none published yet")
    try:
        with connect(release.database, read_only=True) as connection:
            connection.execute("select count(*) from marts.fct_customer_tier_monthly").fetchall()
    except duckdb.Error as error:
        return Check("release", False, f"{release.release_id} can't be read: {str(error).splitlines()[0]}")
    return Check("release", True, release.release_id)


def _disk(settings: Settings) -> Check:
    contract = load_contract()
    dates = complete_dates(settings.landing, contract)
    if not dates:
        return Check("disk", True, f"{size(free_bytes(settings.output))} free")
    need = disk_need(settings, contract, dates[-1])
    return Check("disk", need.is_enough, str(need) if need.is_enough else f"{need}; make room")
