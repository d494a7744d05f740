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
class Part:
    """A phrase of words/doctor.yml and what it is filled with."""

    phrase: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """The result of one check. phrase: of words/doctor.yml, what was found and, if the check failed, what to do."""

    subject: str
    passed: bool
    phrase: str
    values: tuple[str | Part, ...] = ()


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
    if ok:
        return Check("python", ok, "said", (running,))
    return Check("python", ok, "wrong_python", (running, str(wanted)))


def _duckdb(_: Settings) -> Check:
    requirements = (Requirement(text) for text in requires("fenceng") or ())
    wanted = next(one.specifier for one in requirements if one.name == "duckdb")
    ok = wanted.contains(duckdb.__version__, prereleases=True)
    found = duckdb.__version__
    return Check("duckdb", ok, "said", (found,)) if ok else Check("duckdb", ok, "wrong_duckdb", (found, str(wanted)))


def _dbt(_: Settings) -> Check:
    if not Path(DBT_EXECUTABLE).exists():
        return Check("dbt", False, "no_dbt", (DBT_EXECUTABLE,))
    return Check("dbt", True, "dbt_versions", (version("dbt-core"), version("dbt-duckdb")))


def _dagster_home(_: Settings) -> Check:
    home = os.environ.get("DAGSTER_HOME")
    if home and Path(home).resolve() != PROJECT_ROOT:
        return Check("dagster_home", False, "other_dagster_home", (home, str(PROJECT_ROOT)))
    return Check("dagster_home", True, "own_dagster_home")


def _policy(_: Settings) -> Check:
    try:
        problems = lint(load_policy())
    except PolicyError as error:
        return Check("policy", False, "said", (str(error),))
    if not problems:
        return Check("policy", True, "sound_policy")
    more = Part("more_problems", (f"{len(problems):,}",)) if len(problems) > 1 else ""
    return Check("policy", False, "unsound_policy", (str(problems[0]), more))


def _landing(settings: Settings) -> Check:
    if not settings.landing.is_dir():
        return Check("landing", False, "no_landing", (str(settings.landing),))
    dates = complete_dates(settings.landing, load_contract())
    if not dates:
        return Check("landing", False, "no_complete_date", (str(settings.landing),))
    return Check("landing", True, "complete_dates", (str(settings.landing), f"{len(dates):,}", str(dates[-1])))


def _headers(settings: Settings) -> Check:
    dates = complete_dates(settings.landing, load_contract())
    if not dates:
        return Check("headers", True, "no_date_to_check")
    unfit = unfit_headers(settings.landing, load_contract(), dates[-1])
    if not unfit:
        return Check("headers", True, "fit_headers", (str(dates[-1]),))
    file, defect = unfit[0]
    where = f"{file.table}/biz_date={file.business_date}/{file.name}"
    expected = Part("expected", (defect.expected,)) if defect.expected else ""
    more = Part("more_files", (f"{len(unfit) - 1:,}",)) if len(unfit) > 1 else ""
    return Check("headers", False, "unfit_headers", (where, defect.found, expected, more))


def _output(settings: Settings) -> Check:
    if not settings.output.exists():
        return Check("output", True, "new_output", (str(settings.output),))
    try:
        with refresh_lock(settings.output):
            return Check("output", True, "free_output", (str(settings.output),))
    except RefreshRunningError as error:
        return Check("output", True, "busy_output", (str(error),))
    except OSError as error:
        return Check("output", False, "said", (str(error),))


def _release(settings: Settings) -> Check:
    try:
        release = current_release(settings.published)
    except StoreError as error:
        return Check("release", False, "said", (str(error),))
    if release is None:
        return Check("release", True, "no_release")
    try:
        with connect(release.database, read_only=True) as connection:
            connection.execute("select count(*) from marts.fct_customer_tier_monthly").fetchall()
    except duckdb.Error as error:
        return Check("release", False, "bad_release", (release.release_id, str(error).splitlines()[0]))
    return Check("release", True, "said", (release.release_id,))


def _disk(settings: Settings) -> Check:
    contract = load_contract()
    dates = complete_dates(settings.landing, contract)
    if not dates:
        return Check("disk", True, "free_disk", (size(free_bytes(settings.output)),))
    need = disk_need(settings, contract, dates[-1])
    amounts = (size(need.read), size(need.wanted), size(need.free))
    return Check("disk", need.is_enough, "enough_disk" if need.is_enough else "small_disk", amounts)
