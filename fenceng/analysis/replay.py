"""Replay: the models of a release run again on its published data, under any policy rows.

simulate, diff, explain and verify read a published month through this module. Only this module names the replayed
models.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.contract import load_contract
from expectations.policy.files import family_files
from expectations.policy.in_force import version_of
from expectations.policy.model import BASE_SCENARIO
from expectations.policy.sheets import canonical_files
from expectations.project import REFERENCE_FOLDER
from orchestration.database import connect, exact_pattern, path_literal
from orchestration.settings import Settings
from orchestration.store.compiled_models import FILE as MODELS_FILE
from orchestration.store.compiled_models import CompiledModels, Node
from orchestration.store.months import SOURCE, history_queries
from orchestration.store.releases import POLICY, REFERENCE, OlderVersionError, Release, release_in_force

# Models by role; stage models by stage, since a later stage may use the outcomes of an earlier one.
RULES_MET = {
    1: "int_decision__rules_met_stage_1",
    2: "int_decision__rules_met_stage_2",
    3: "int_decision__rules_met_stage_3",
}
AWARDS = {2: "int_decision__awards_stage_2", 3: "int_decision__awards_stage_3"}
HELD_TIERS = "int_decision__held_tiers"
ROUTE_VALUES = "int_decision__route_values"
OUTCOME_VALUES = "int_decision__outcome_values"
SOFT_CONDITIONS_MISSED = "int_decision__soft_conditions_missed"
MEASURES = "int_customer__measures"
MEASURE_VALUES = "int_customer__measure_values"
PREVIOUS_TIERS = "stg_published__previous_tier"
DUTIES = "int_coverage__duties"
CONTACTS = "int_coverage__counted_contacts"
CAPACITY = "fct_visit_capacity_monthly"
BASES = "int_organization__bases"
RESPONSIBLE_ORGS = "int_organization__responsible_orgs"
TIERS = "fct_customer_tier_monthly"
RUNS = "fct_refresh_run"
RUN_CONTEXT = "run.context"

# What a what-if compares.
DECISIONS = (HELD_TIERS, *AWARDS.values(), "int_policy__tier_entries")

# Models that the decisions read, and the published tables with the same rows.
KEPT = {
    "stg_landing__organization": "dim_organization",
    "stg_landing__employee": "dim_employee",
    MEASURES: "fct_customer_measure_monthly",
}


class ReplayError(ValueError):
    """A published month can't be read as requested; the message says what to do instead."""


# ---------------------------------------------------------------- what is published


@dataclass(frozen=True)
class PublishedMonth:
    """A month of a release, and its as-of business date."""

    release: Release
    business_date: date

    @property
    def month(self) -> date:
        """The policy month's first day."""
        return self.business_date.replace(day=1)

    def table(self, name: str) -> str:
        """The query for the month's rows of a published table; all rows without months. Raises OlderVersionError."""
        return self.release.rows(name, self.month)


def published_month(settings: Settings, business_date: date | None) -> PublishedMonth:
    """The published month of a business date; the newest by default.

    Raises NothingPublishedError, or ReplayError if the month was published as of another date.
    """
    release = release_in_force(settings)
    asked = business_date or date.fromisoformat(release.manifest()["business_date"])
    require_month(release, asked.replace(day=1))
    with connect() as connection:
        query = f"select max(as_of_date) from ({release.rows(TIERS, asked.replace(day=1))})"
        ((as_of,),) = connection.execute(query).fetchall()
    if as_of != asked:
        raise ReplayError(f"{asked:%Y-%m} is published as of {as_of}, not {asked}; use --date {as_of}")
    return PublishedMonth(release, as_of)


def require_month(release: Release, month: date) -> None:
    """Raise ReplayError, listing the published months, unless the month is one of them. month: its first day."""
    months = release.months(TIERS)
    if month not in months:
        listed = ", ".join(f"{other:%Y-%m}" for other in months)
        raise ReplayError(f"{month:%Y-%m} is not published; published months: {listed}")


def policy_of(release: Release) -> Path:
    """The folder of the policy rows that made a release. Raises OlderVersionError if the release keeps none."""
    folder = release.folder / POLICY
    if not folder.is_dir():
        raise OlderVersionError(f"release {release.release_id} keeps no policy")
    return folder


def reference_folder(policy: Path) -> Path:
    """The reference seeds beside a policy; the project's if an older release keeps none."""
    beside = policy.with_name(REFERENCE)
    return beside if beside.is_dir() else REFERENCE_FOLDER


def reference_files(policy: Path) -> dict[str, Path]:
    """Seed -> file, for the reference seeds beside a policy."""
    return {path.stem: path for path in sorted(reference_folder(policy).glob("*.csv"))}


def seed_files(folder: Path, overlay: Path | None = None) -> dict[str, Path]:
    """Seed -> file: the policy of a folder with an overlay, and the reference seeds beside the folder."""
    return family_files(folder, overlay) | reference_files(folder)


# ---------------------------------------------------------------- what the models read


def compiled_models(release: Release) -> CompiledModels:
    """The models that made a release. Raises OlderVersionError if it keeps none, or lacks one that is run here."""
    try:
        compiled = CompiledModels.load(release.folder / MODELS_FILE)
    except FileNotFoundError:
        raise OlderVersionError(f"release {release.release_id} keeps no models") from None
    if lacking := {*RULES_MET.values(), *DECISIONS, MEASURES, PREVIOUS_TIERS, DUTIES, CAPACITY} - compiled.nodes.keys():
        raise OlderVersionError(f"release {release.release_id} has no model {', '.join(sorted(lacking))}")
    return compiled


def names_parameter(compiled: CompiledModels, targets: Collection[str], parameter_id: str) -> bool:
    """Whether the targets or their ancestors read a parameter; all parameters are rows of one family."""
    return any(f"'{parameter_id}'" in node.sql for node in compiled.needed(targets))


def measuring_families(compiled: CompiledModels) -> set[str]:
    """The policy families that decide what is measured; the others decide on the measures."""
    return {node.name for node in compiled.needed([MEASURES]) if node.kind == "seed"}


def kept_models(month: PublishedMonth) -> dict[str, str]:
    """Model or source -> query: the tables the release keeps, and its earlier months."""
    given = {name: month.table(table) for name, table in KEPT.items()}
    return given | published_before(month.release, month.month)


def published_before(release: Release | None, month: date) -> dict[str, str]:
    """Source -> query: the earlier months that a refresh of the month reads; no rows without a release."""
    return {f"{SOURCE}.{name}": query for name, query in history_queries(release, month).items()}


def context_of(business_date: date, files: Mapping[str, Path]) -> dict[str, str]:
    """The run of a replay: duties follow the month's own classes, not those of the month before.

    files: seed -> file, for the version of the policy.
    """
    return {
        RUN_CONTEXT: f"select date '{business_date}' as business_date,"
        f" '{load_contract().base_currency}' as base_currency, '{BASE_SCENARIO}' as scenario,"
        f" '{policy_version_of(files, business_date)}' as policy_version, 'current' as duties_rest_on"
    }


def policy_version_of(files: Mapping[str, Path], on: date) -> str:
    """The hash of the policy seeds' rows in force on a date. files: seed -> file."""
    return version_of((file for seed, file in files.items() if seed.startswith("policy_")), on)


def accepted_rows(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    month: PublishedMonth,
    compiled: CompiledModels,
    families: Iterable[str],
) -> dict[str, str]:
    """Source -> query: the accepted rows of the refresh that published the month, if the scratch still has them.

    families: those that need them, for the message. Raises ReplayError if they are gone.
    """
    gone = ReplayError(
        f"{', '.join(families)} decides what is measured, and the accepted rows of {month.business_date} are no longer"
        f" in {settings.scratch}; run `fenceng refresh --date {month.business_date}` first"
    )
    if not settings.warehouse.exists():
        raise gone
    connection.execute(f"attach {path_literal(settings.warehouse)} as scratch (read_only)")
    # A release holds many months; the scratch belongs to the run that wrote the newest.
    held = connection.execute("select run_id, business_date from scratch.run.context").fetchall()
    if held != [(month.release.release_id, month.business_date)]:
        raise gone
    return {
        node.name: f"select * from scratch.{node.relation.split('.', 1)[1]}"
        for node in compiled.nodes.values()
        if node.kind == "source" and node.name.startswith("accepted.")
    }


# ---------------------------------------------------------------- running


def attach_databases(connection: duckdb.DuckDBPyConnection, compiled: CompiledModels) -> None:
    """An empty in-memory database for each one that the relations name."""
    for name in sorted({node.relation.split(".")[0] for node in compiled.nodes.values()}):
        connection.execute(f"attach ':memory:' as {name}")


def run_models(
    connection: duckdb.DuckDBPyConnection,
    models: CompiledModels,
    targets: Collection[str],
    given: Mapping[str, str],
    seeds: Mapping[str, Path],
) -> None:
    """Build the targets and their ancestors in the databases that their relations name.

    given: name -> query that replaces the node. seeds: name -> file that `canonical_files` wrote.
    Raises ValueError for a source that is not given, duckdb.Error if the SQL fails.
    """
    for node in models.needed(targets, given):
        schema = node.relation.rsplit(".", 1)[0]
        connection.execute(f"create schema if not exists {schema}")
        for kind in _present(connection, node):
            connection.execute(f"drop {kind} {node.relation}")
        if node.name in given:
            connection.execute(f"create view {node.relation} as {given[node.name]}")
        elif node.kind == "seed":
            _load_seed(connection, node, seeds[node.name])
        elif node.sql:
            connection.execute(f"create table {node.relation} as {node.sql}")
        else:
            raise ValueError(f"{node.name} is read by {', '.join(sorted(targets))} and is not given")


def rebuild(connection: duckdb.DuckDBPyConnection, month: PublishedMonth, target: str) -> str:
    """Build a model again as the release built it, under its own policy, and return its relation.

    The model reads organisations, measures and policy rows. Raises OlderVersionError for a release without the model.
    """
    compiled = compiled_models(month.release)
    if target not in compiled.nodes:
        raise OlderVersionError(f"release {month.release.release_id} has no model {target}")
    files = seed_files(policy_of(month.release))
    attach_databases(connection, compiled)
    with tempfile.TemporaryDirectory(prefix="fenceng-policy-") as scratch:
        seeds = canonical_files(files, Path(scratch))
        run_models(connection, compiled, [target], kept_models(month) | context_of(month.business_date, files), seeds)
    return compiled.nodes[target].relation


def keep_results(
    connection: duckdb.DuckDBPyConnection, compiled: CompiledModels, schema: str, names: Iterable[str]
) -> None:
    """Move results to a schema of their own, where the next run does not replace them."""
    connection.execute(f"create schema {schema}")
    for name in names:
        connection.execute(f"create table {schema}.{name} as select * from {compiled.nodes[name].relation}")


def _present(connection: duckdb.DuckDBPyConnection, node: Node) -> list[str]:
    database, schema, table = (part.strip('"') for part in node.relation.split("."))
    listed = connection.execute(
        "select table_type from information_schema.tables"
        " where table_catalog = ? and table_schema = ? and table_name = ?",
        [database, schema, table],
    ).fetchall()
    return ["view" if kind == "VIEW" else "table" for (kind,) in listed]


def _load_seed(connection: duckdb.DuckDBPyConnection, node: Node, file: Path) -> None:
    """Load a canonical file as dbt_project/macros/dialect/seed.sql does, with the same types and options.

    The columns are in the file's order, which may differ in a release of an older version.
    """
    with file.open(encoding="utf-8") as handle:
        header = handle.readline().rstrip("\n").split(",")
    types = ", ".join(f"'{name}': '{node.columns.get(name, 'varchar')}'" for name in header)
    connection.execute(
        f"create table {node.relation} as select * from read_csv(?, header = true, nullstr = '', columns = {{{types}}},"
        " delim = ',', quote = '\"', escape = '\"', auto_detect = false)",
        [exact_pattern(file)],
    )
