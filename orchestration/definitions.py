"""The line as Dagster draws and runs it: landing, gate 1, dbt, gate 2, publication. The work is in stations.py."""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from expectations.contract import load_contract
from expectations.findings import Finding
from expectations.policy.in_force import earliest_date
from orchestration import stations
from orchestration.landing import deliveries
from orchestration.runtime import gatekeeper
from orchestration.runtime.dbt import (
    DBT_EXECUTABLE,
    dbt_environment,
    drop_old_targets,
    failure_of,
    load_manifest,
    mart_grains,
    prepared_project,
)
from orchestration.runtime.lock import refresh_lock
from orchestration.settings import TIME_ZONE, Settings, days_ahead, settings_from
from orchestration.store.compiled_models import FILE as MODELS_FILE
from orchestration.store.compiled_models import CompiledModels
from orchestration.store.releases import current_release

log = logging.getLogger("fenceng")

SETTINGS = settings_from()
CONTRACT = load_contract()
PROJECT = prepared_project(SETTINGS)
MANIFEST = load_manifest(PROJECT)
GRAINS = mart_grains(MANIFEST)

# From the first day of the policy on; a partition costs nothing until it is run.
DAILY = dg.DailyPartitionsDefinition(
    start_date=earliest_date().isoformat(), timezone=TIME_ZONE, end_offset=days_ahead(os.environ)
)
BACKFILL = dg.BackfillPolicy.multi_run(1)
LANDED = {name: dg.AssetKey(["landing", name]) for name in CONTRACT.tables}
DELIVERY = dg.AssetKey(["landing", "delivery"])
MARTS = {name: dg.AssetKey(["marts", name]) for name in GRAINS}


class HeldSettings(dg.ConfigurableResource[Settings]):
    """The settings of the run's process, with the lock of its output folder held from the first station to the last."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Settings]:
        """Raises RefreshRunning when another refresh holds the lock."""
        settings = settings_from()
        with refresh_lock(settings.output):
            yield settings


class Translator(DagsterDbtTranslator):
    """Names of assets: a layer and a name; what gate 1 let pass is the landed table."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The landed table for an accepted source, the delivery for other sources, layer and name otherwise."""
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            return LANDED.get(name, DELIVERY) if dbt_resource_props["source_name"] == "accepted" else DELIVERY
        return dg.AssetKey([self.get_group_name(dbt_resource_props) or "dbt", name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: the first folder under models/ or seeds/."""
        if dbt_resource_props["resource_type"] == "seed":
            return str(dbt_resource_props["fqn"][-2])
        return str(dbt_resource_props["fqn"][1])


@dg.multi_asset(
    name="landing",
    specs=[
        dg.AssetSpec(key, group_name="landing", kinds={"duckdb"}, description=f"Delivered rows of {name}, typed.")
        for name, key in LANDED.items()
    ]
    + [dg.AssetSpec(DELIVERY, group_name="landing", description="Facts of the delivery and of the run.")],
    partitions_def=DAILY,
    backfill_policy=BACKFILL,
)
def landing(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
    """Read the landing zone as of the business date into the scratch warehouse; an unsound policy stops it first."""
    log.info("landing")
    gatekeeper.wake()
    business_date = _business_date(context)
    stations.lint_policy(settings, business_date)
    summary = stations.land(settings, business_date)
    for name, key in LANDED.items():
        yield dg.MaterializeResult(key, metadata={"dagster/row_count": summary.rows[name]})
    yield dg.MaterializeResult(DELIVERY, metadata={"input_fingerprint": summary.input_fingerprint})


@dg.multi_asset_check(
    name="gate_1",
    specs=[
        dg.AssetCheckSpec("gate_1", asset=key, blocking=True, description="Great Expectations over what arrived.")
        for key in (*LANDED.values(), DELIVERY)
    ],
)
def gate_1(context: dg.AssetCheckExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
    """Judge the delivery; bad rows go to quarantine, a bad delivery stops the line."""
    log.info("gate 1")
    result = gatekeeper.ask(stations.judge_delivery, settings, _business_date(context))
    _log_blocking(context, result.blocking)
    by_table: dict[str, dict[str, int]] = {}
    for count in result.counts:
        totals = by_table.setdefault(count.table, {"received": 0, "accepted": 0, "quarantined": 0})
        totals["received"] += count.received
        totals["accepted"] += count.accepted
        totals["quarantined"] += count.quarantined
    for name, key in LANDED.items():
        found = [finding for finding in result.findings if finding.table == name]
        yield _check_result(key, "gate_1", found, by_table.get(name, {}))
    yield _check_result(DELIVERY, "gate_1", list(result.blocking), {"rules": result.rules_run})


@dbt_assets(
    manifest=MANIFEST,
    project=PROJECT,
    partitions_def=DAILY,
    backfill_policy=BACKFILL,
    dagster_dbt_translator=Translator(
        # Several sources stand for the one delivery asset.
        settings=DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_duplicate_source_asset_keys=True)
    ),
)
def dbt(context: dg.AssetExecutionContext, dbt_cli: DbtCliResource, settings: dg.ResourceParam[Settings]) -> Any:
    """Build seeds, staging, intermediate and marts with their data tests; unit tests are the developer's."""
    log.info("dbt")
    stations.begin_build(settings, _business_date(context))
    os.environ.update(dbt_environment(settings))
    drop_old_targets(PROJECT)
    build = dbt_cli.cli(["build", "--exclude-resource-type", "unit_test"], context=context)
    try:
        yield from build.stream()
    except DagsterDbtCliRuntimeError:
        stations.blame_files(settings, _business_date(context))
        # It holds all that dbt printed, for hundreds of lines; dbt's log has that too.
        raise failure_of(build, settings) from None
    models = CompiledModels.of_run(MANIFEST, build.get_artifact("run_results.json"))
    models.save(settings.building.with_name(MODELS_FILE))


@dg.multi_asset_check(
    name="gate_2",
    specs=[
        dg.AssetCheckSpec("gate_2", asset=key, blocking=True, description="Great Expectations over the marts.")
        for key in MARTS.values()
    ],
)
def gate_2(context: dg.AssetCheckExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
    """Judge the marts; failing, the old release stays in force."""
    log.info("gate 2")
    result = gatekeeper.ask(stations.judge_marts, settings, _business_date(context))
    _log_blocking(context, result.blocking)
    for name, key in MARTS.items():
        found = [finding for finding in result.findings if finding.table == name]
        yield _check_result(key, "gate_2", found, {"rules": result.rules_run.get(name, 0)})


@dg.multi_asset(
    name="publish",
    specs=[
        dg.AssetSpec(
            ["published", "release"],
            deps=list(MARTS.values()),
            group_name="published",
            description="The release in force: what `published/current` names.",
            freshness_policy=dg.FreshnessPolicy.cron(
                deadline_cron="0 8 * * *", lower_bound_delta=timedelta(hours=8), timezone=TIME_ZONE
            ),
        )
    ],
    partitions_def=DAILY,
    backfill_policy=BACKFILL,
)
def publish(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[None]:
    """Flip `published/current` to the new release."""
    log.info("publish")
    published = stations.publish_release(settings, _business_date(context), GRAINS)
    manifest = published.manifest()
    return dg.MaterializeResult(
        dg.AssetKey(["published", "release"]),
        metadata={
            "release": published.release_id,
            "policy_version": manifest["policy_version"],
            "rows": dg.MetadataValue.json(manifest["rows"]),
        },
    )


refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="One business date from the landing zone to the published marts.",
    # The scratch may hold another date by then: a second try begins with the landing.
    tags={"dagster/retry_strategy": "ALL_STEPS"},
)

# 06:30 for the day before: the core system's day-end is over, and outlets open at 08:30.
nightly = dg.build_schedule_from_partitioned_job(refresh, hour_of_day=6, minute_of_hour=30, name="nightly")


@dg.sensor(job=refresh, minimum_interval_seconds=60)
def complete_delivery(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Ask for a refresh of each complete delivery that did not change since the last look, and again when it is mended.

    What is older than the newest published date is not asked for: it would set the month back. That is for a person.
    """
    settings = settings_from()
    release = current_release(settings.published)
    since = date.fromisoformat(release.manifest()["newest_business_date"]) if release else None
    standing = {
        day.isoformat(): state
        for day, state in deliveries(settings.landing, CONTRACT, since).items()
        if DAILY.has_partition_key(day.isoformat())
    }
    seen = json.loads(context.cursor) if context.cursor else {}
    requests = [
        dg.RunRequest(run_key=f"{day} {state}", partition_key=day)
        for day, state in standing.items()
        if seen.get(day) == state
    ]
    return dg.SensorResult(
        run_requests=requests,
        cursor=json.dumps(standing),
        skip_reason=None if requests else dg.SkipReason("no complete delivery that has come to rest"),
    )


def _business_date(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date:
    return date.fromisoformat(context.run.tags["dagster/partition"])


def _log_blocking(context: dg.AssetCheckExecutionContext, findings: Sequence[Finding]) -> None:
    """Put on the page of the run why it stops; the checks themselves stand on the assets' pages."""
    for finding in findings:
        context.log.error(f"blocks {_business_date(context)}: {finding}")


def _check_result(key: dg.AssetKey, name: str, found: list[Finding], counts: Mapping[str, int]) -> dg.AssetCheckResult:
    blocked = any(finding.severity == "block" for finding in found)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not blocked,
        severity=dg.AssetCheckSeverity.ERROR if blocked else dg.AssetCheckSeverity.WARN,
        description="\n".join(str(finding) for finding in found if finding.severity == "block") or None,
        metadata={**counts, "findings": dg.MetadataValue.md("\n".join(f"- {finding}" for finding in found) or "none")},
    )


defs = dg.Definitions(
    assets=[landing, dbt, publish],
    asset_checks=[gate_1, gate_2],
    jobs=[refresh],
    schedules=[nightly],
    sensors=[complete_delivery],
    # One process: the scratch warehouse has one writer, and a process a step costs 5 s each.
    executor=dg.in_process_executor,
    resources={
        "settings": HeldSettings(),
        "dbt_cli": DbtCliResource(project_dir=PROJECT, dbt_executable=DBT_EXECUTABLE),
    },
)
