"""A published month under other policy rows: the release's own models, run again and stored where readers look."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from expectations.policy.files import family_files
from fenceng.analysis.replay import (
    MEASURES,
    PublishedMonth,
    accepted_rows,
    attach_databases,
    compiled_models,
    context_of,
    kept_models,
    run_models,
    seed_files,
)
from orchestration.settings import Settings
from orchestration.store.releases import POLICY, Release, month_path

TABLES = (
    "fct_customer_tier_monthly",
    "fct_tier_evidence",
    "fct_tier_watch_monthly",
    "fct_policy_rule_monthly",
    "fct_policy_exception_monthly",
    "fct_visit_obligation_monthly",
)


def republished(settings: Settings, month: PublishedMonth, policy: Path, target: Path) -> Release:
    """A copy of a month's release in which that month was decided under a folder's policy.

    Needs the accepted rows of the refresh that published the month, in the scratch of the settings.
    """
    shutil.copytree(month.release.folder, target, copy_function=_writable_copy)
    shutil.rmtree(target / POLICY)
    (target / POLICY).mkdir()
    for file in family_files(policy).values():
        shutil.copy(file, target / POLICY)
    compiled = compiled_models(month.release)
    seeds = seed_files(policy)
    with duckdb.connect(config={"threads": "1"}) as connection:
        attach_databases(connection, compiled)
        given = kept_models(month) | accepted_rows(connection, settings, month, compiled, ["the test"])
        # A refresh bases duties on the class of the month before.
        context = {
            name: query.replace("'current'", "'previous_month'")
            for name, query in context_of(month.business_date, seeds).items()
        }
        assert MEASURES in given
        run_models(connection, compiled, TABLES, given | context, seeds)
        for table in TABLES:
            file = month_path(target, table, month.month)
            file.unlink(missing_ok=True)
            file.parent.mkdir(parents=True, exist_ok=True)
            relation = compiled.nodes[table].relation
            connection.execute(f"copy (select * from {relation}) to '{file}' (format parquet)")
    return Release(target)


def _writable_copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    os.chmod(target, 0o644)
