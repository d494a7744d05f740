"""The line as Dagster assets and checks: landing, gate 1, dbt, gate 2, publish. The work is in stations.py."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from orchestration import stations
from orchestration.keys import DAILY, DELIVERY, KNOWN_ON, LANDED, PARTITION, RELEASE, Translator, mart_key
from orchestration.on_page import check_result, in_plain_words, refuse
from orchestration.runtime import gatekeeper
from orchestration.runtime.dbt import (
    drop_old_targets,
    environment_of_dbt,
    failure_of,
    load_manifest,
    mart_grains,
    prepared_project,
)
from orchestration.settings import TIME_ZONE, Settings
from orchestration.station_names import Station
from orchestration.store.compiled_models import FILE as MODELS_FILE
from orchestration.store.compiled_models import CompiledModels

PROJECT = prepared_project()
MANIFEST = load_manifest(PROJECT)
GRAINS = mart_grains(MANIFEST)
BACKFILL = dg.BackfillPolicy.multi_run(1)


@dg.multi_asset(
    name=Station.LANDING.value,
    specs=[
        dg.AssetSpec(key, group_name="landing", kinds={"duckdb"}, description=f"Delivered rows of {name}, typed.")
        for name, key in LANDED.items()
    ]
    + [dg.AssetSpec(DELIVERY, group_name="landing", description="Facts about the delivery and the run.")],
    partitions_def=DAILY,
    backfill_policy=BACKFILL,
)
def landing(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
    """Lint the policy, then load the landing zone as of the business date. Nothing is read if the lint fails."""
    gatekeeper.wake()
    business_date = _business_date(context)
    known_on = context.run.tags.get(KNOWN_ON)
    with in_plain_words(settings, business_date):
        stations.refuse_older(settings, business_date)
        stations.lint_policy(settings, business_date)
        summary = stations.land(settings, business_date, date.fromisoformat(known_on) if known_on else None)
    for name, key in LANDED.items():
        yield dg.MaterializeResult(key, metadata={"dagster/row_count": summary.rows[name]})
    yield dg.MaterializeResult(DELIVERY, metadata={"input_fingerprint": summary.input_fingerprint})


@dg.multi_asset_check(
    name=Station.GATE_1.value,
    specs=[
        dg.AssetCheckSpec(
            Station.GATE_1.value,
            asset=key,
            blocking=True,
            description="Great Expectations on the delivery.",
        )
        for key in (*LANDED.values(), DELIVERY)
    ],
)
def gate_1(context: dg.AssetCheckExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
    """Run gate 1: bad rows go to quarantine, a bad delivery stops the line."""
    business_date = _business_date(context)
    with in_plain_words(settings, business_date):
        result = gatekeeper.ask(stations.judge_delivery, settings, business_date)
    by_table: dict[str, dict[str, int]] = {}
    for count in result.counts:
        totals = by_table.setdefault(count.table, {"received": 0, "accepted": 0, "quarantined": 0})
        totals["received"] += count.received
        totals["accepted"] += count.accepted
        totals["quarantined"] += count.quarantined
    for name, key in LANDED.items():
        found = [finding for finding in result.findings if finding.table == name]
        yield check_result(key, Station.GATE_1.value, business_date, found, by_table.get(name, {}))
    yield check_result(DELIVERY, Station.GATE_1.value, business_date, result.blocking, {"rules": result.rules_run})
    # Dagster's own error would only count the checks that failed.
    refuse(business_date, result.blocking)


# Unit tests are for development; of saved queries and exposures dbt makes nothing.
NOT_BUILT = ("unit_test", "saved_query", "exposure")


@dbt_assets(
    manifest=MANIFEST,
    project=PROJECT,
    name=Station.DBT.value,
    partitions_def=DAILY,
    backfill_policy=BACKFILL,
    dagster_dbt_translator=Translator(
        # Several sources map to the one delivery asset.
        settings=DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_duplicate_source_asset_keys=True)
    ),
)
def dbt(context: dg.AssetExecutionContext, dbt_cli: DbtCliResource, settings: dg.ResourceParam[Settings]) -> Any:
    """Build seeds, staging, intermediate and marts with their data tests."""
    business_date = _business_date(context)
    with in_plain_words(settings, business_date):
        stations.begin_build(settings, business_date)
    drop_old_targets(PROJECT)
    with environment_of_dbt(settings):
        build = dbt_cli.cli(["build", "--exclude-resource-types", *NOT_BUILT], context=context)
    with in_plain_words(settings, business_date):
        try:
            yield from build.stream()
        except DagsterDbtCliRuntimeError:
            stations.blame_files(settings, business_date)
            # The original error carries hundreds of lines of dbt output, which dbt's log has too.
            raise failure_of(build, settings) from None
    models = CompiledModels.of_run(MANIFEST, build.get_artifact("run_results.json"))
    models.save(settings.building.with_name(MODELS_FILE))


@dg.multi_asset_check(
    name=Station.GATE_2.value,
    specs=[
        dg.AssetCheckSpec(
            Station.GATE_2.value,
            asset=mart_key(name),
            blocking=True,
            description="Great Expectations on the marts.",
        )
        for name in GRAINS
    ],
)
def gate_2(context: dg.AssetCheckExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
    """Run gate 2 on the marts. If it fails, the current release stays."""
    business_date = _business_date(context)
    with in_plain_words(settings, business_date):
        result = gatekeeper.ask(stations.judge_marts, settings, business_date)
    for name in GRAINS:
        found = [finding for finding in result.findings if finding.table == name]
        rules = {"rules": result.rules_run.get(name, 0)}
        yield check_result(mart_key(name), Station.GATE_2.value, business_date, found, rules)
    refuse(business_date, result.blocking)


@dg.multi_asset(
    name=Station.PUBLISH.value,
    specs=[
        dg.AssetSpec(
            RELEASE,
            deps=[mart_key(name) for name in GRAINS],
            group_name="published",
            description="The current release, target of `published/current`.",
            freshness_policy=dg.FreshnessPolicy.cron(
                deadline_cron="0 8 * * *", lower_bound_delta=timedelta(hours=8), timezone=TIME_ZONE
            ),
        )
    ],
    partitions_def=DAILY,
    backfill_policy=BACKFILL,
)
def publish(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[None]:
    """Publish the new release and repoint `published/current` to it."""
    business_date = _business_date(context)
    with in_plain_words(settings, business_date):
        published = stations.publish_release(settings, business_date, GRAINS, described=MANIFEST)
    manifest = published.manifest()
    return dg.MaterializeResult(
        RELEASE,
        metadata={
            "business_date": business_date.isoformat(),
            "release": published.release_id,
            "policy_version": manifest["policy_version"],
            "rows": dg.MetadataValue.json(manifest["rows"]),
        },
    )


def _business_date(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date:
    return date.fromisoformat(context.run.tags[PARTITION])
