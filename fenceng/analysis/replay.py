"""Replay: the models of a release run again on what it published, under rows of one's own choice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.contract import load_contract
from expectations.policy.files import family_files
from expectations.policy.in_force import version_of
from expectations.policy.model import BASE_SCENARIO
from expectations.project import REFERENCE_FOLDER
from orchestration.database import connect, exact_pattern, file_literal, path_literal
from orchestration.settings import Settings
from orchestration.store import compiled_models as models
from orchestration.store.compiled_models import CompiledModels, Node
from orchestration.store.months import CARRIED, month_before
from orchestration.store.releases import REFERENCE, Release, current_release

DECISIONS = (
    "int_decision__held_tiers",
    "int_decision__awards_stage_2",
    "int_decision__awards_stage_3",
    "int_policy__tier_entries",
)


CAPACITY = "fct_visit_capacity_monthly"


MEASURES = "int_customer__measures"


# What the decisions read that the release keeps: a model, and the published table that says the same.
KEPT = {
    "stg_landing__organization": "dim_organization",
    "stg_landing__employee": "dim_employee",
    MEASURES: "fct_customer_measure_monthly",
}


class SimulationError(ValueError):
    """The what-if can't be made as asked; the message says what would do."""


@dataclass(frozen=True)
class PublishedMonth:
    """A month of a release as a what-if reads it."""

    release: Release
    business_date: date

    @property
    def month(self) -> date:
        """The policy month."""
        return self.business_date.replace(day=1)

    def table(self, name: str) -> str:
        """A query of the month of a published table, or of a table without months."""
        file = self.release.month_file(name, self.month) or self.release.as_of_file(name)
        if file is None:
            raise SimulationError(
                f"{name} of {self.month:%Y-%m} is not in release {self.release.release_id}: an older version published"
                f" it; refresh {self.business_date} again"
            )
        return f"select * from read_parquet({file_literal(file)})"


def published_month(settings: Settings, business_date: date | None) -> PublishedMonth:
    """The published month that a date belongs to; the newest without one.

    Raises SimulationError when nothing is published, or when the month was published as of another date.
    """
    release = current_release(settings.published)
    if release is None:
        raise SimulationError(f"nothing is published in {settings.output} yet; run `fenceng refresh` first")
    asked = business_date or date.fromisoformat(release.manifest()["business_date"])
    file = release.month_file("fct_customer_tier_monthly", asked.replace(day=1))
    if file is None:
        months = ", ".join(f"{month:%Y-%m}" for month in release.months("fct_customer_tier_monthly"))
        raise SimulationError(f"{asked:%Y-%m} is not published; published are {months}")
    with connect() as connection:
        rows = connection.execute("select max(as_of_date) from read_parquet(?)", [exact_pattern(file)]).fetchall()
    as_of: date = rows[0][0]
    if as_of != asked:
        raise SimulationError(f"{asked:%Y-%m} is published as of {as_of}, not {asked}; ask for --date {as_of}")
    return PublishedMonth(release, as_of)


def names_parameter(compiled: CompiledModels, targets: Collection[str], parameter_id: str) -> bool:
    """Whether the targets, or what they need, read a parameter: every parameter stands in one family."""
    return any(f"'{parameter_id}'" in node.sql for node in compiled.needed(targets))


def measuring_families(compiled: CompiledModels) -> set[str]:
    """The policy families that decide what is measured, not what is decided by it."""
    return {node.name for node in compiled.needed([MEASURES]) if node.kind == "seed"}


def seed_files(folder: Path, overlay: Path | None = None) -> dict[str, Path]:
    """Seed -> its file: the policy of a folder with another laid over it, and the reference seeds beside the folder."""
    return family_files(folder, overlay) | reference_files(folder)


def reference_files(policy: Path) -> dict[str, Path]:
    """Seed -> its file, of the reference seeds beside a policy."""
    return {path.stem: path for path in sorted(reference_folder(policy).glob("*.csv"))}


def reference_folder(policy: Path) -> Path:
    """The reference seeds beside a policy; the project's where an older release keeps none."""
    beside = policy.with_name(REFERENCE)
    return beside if beside.is_dir() else REFERENCE_FOLDER


def _version(files: Mapping[str, Path], on: date) -> str:
    return version_of((file for family, file in files.items() if family.startswith("policy_")), on)


def compiled_models(release: Release) -> CompiledModels:
    """The models that made a release. Raises SimulationError for a release that keeps none."""
    try:
        return CompiledModels.load(release.folder / models.FILE)
    except FileNotFoundError:
        raise SimulationError(
            f"release {release.release_id} keeps no models: an older version published it; refresh"
        ) from None


def attach_databases(connection: duckdb.DuckDBPyConnection, compiled: CompiledModels) -> None:
    """An empty database in memory for each that the relations name."""
    for name in sorted({node.relation.split(".")[0] for node in compiled.nodes.values()}):
        connection.execute(f"attach ':memory:' as {name}")


def kept_models(month: PublishedMonth) -> dict[str, str]:
    """The models that the release keeps, and what the month before hands on."""
    given = {name: month.table(table) for name, table in KEPT.items()}
    before = month.release.month_file("fct_customer_tier_monthly", month_before(month.month))
    if before is None:
        nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in CARRIED.items())
        given["stg_run__previous_tier"] = f"select {nothing} where false"
    else:
        given["stg_run__previous_tier"] = f"select {', '.join(CARRIED)} from read_parquet({file_literal(before)})"
    return given


def context_of(month: PublishedMonth, files: Mapping[str, Path]) -> dict[str, str]:
    """The run that a what-if is: duties rest on the classes of the month itself, not on those of the month before."""
    return {
        "run.context": f"select date '{month.business_date}' as business_date,"
        f" '{load_contract().base_currency}' as base_currency, '{BASE_SCENARIO}' as scenario,"
        f" '{_version(files, month.business_date)}' as policy_version, 'current' as duties_rest_on"
    }


def accepted_rows(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    month: PublishedMonth,
    compiled: CompiledModels,
    families: Iterable[str],
) -> dict[str, str]:
    """The accepted rows of the refresh that published the month, if the scratch still holds them."""
    because = (
        f"{', '.join(families)} decides what is measured, and the accepted rows of {month.business_date} are no longer"
        f" in {settings.scratch}; run `fenceng refresh --date {month.business_date}` first"
    )
    if not settings.warehouse.exists():
        raise SimulationError(because)
    connection.execute(f"attach {path_literal(settings.warehouse)} as scratch (read_only)")
    # A release holds many months; the scratch is of the run that wrote the newest of them.
    held = connection.execute("select run_id, business_date from scratch.run.context").fetchall()
    if held != [(month.release.release_id, month.business_date)]:
        raise SimulationError(because)
    return {
        node.name: f"select * from scratch.{node.relation.split('.', 1)[1]}"
        for node in compiled.nodes.values()
        if node.kind == "source" and node.name.startswith("accepted.")
    }


def keep_results(
    connection: duckdb.DuckDBPyConnection, compiled: CompiledModels, schema: str, names: Iterable[str]
) -> None:
    """Set results aside, where the next run does not replace them."""
    connection.execute(f"create schema {schema}")
    for name in names:
        connection.execute(f"create table {schema}.{name} as select * from {compiled.nodes[name].relation}")


def run_models(
    connection: duckdb.DuckDBPyConnection,
    models: CompiledModels,
    targets: Collection[str],
    given: Mapping[str, str],
    seeds: Mapping[str, Path],
) -> None:
    """Build the targets, and what they need, in the databases that their relations name.

    given: name -> query that stands for the node. seeds: name -> file that `canonical_files` wrote.
    Raises ValueError for a source that is not given, duckdb.Error for SQL that fails.
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


def _present(connection: duckdb.DuckDBPyConnection, node: Node) -> list[str]:
    database, schema, table = (part.strip('"') for part in node.relation.split("."))
    listed = connection.execute(
        "select table_type from information_schema.tables"
        " where table_catalog = ? and table_schema = ? and table_name = ?",
        [database, schema, table],
    ).fetchall()
    return ["view" if kind == "VIEW" else "table" for (kind,) in listed]


def _load_seed(connection: duckdb.DuckDBPyConnection, node: Node, file: Path) -> None:
    """Load a canonical file as dbt_project/macros/dialect/seed.sql does; both have the same types and options.

    The columns are in the file's order: a release of an older version may have had another.
    """
    with file.open(encoding="utf-8") as handle:
        header = handle.readline().rstrip("\n").split(",")
    types = ", ".join(f"'{name}': '{node.columns.get(name, 'varchar')}'" for name in header)
    connection.execute(
        f"create table {node.relation} as select * from read_csv(?, header = true, nullstr = '', columns = {{{types}}},"
        " delim = ',', quote = '\"', escape = '\"', auto_detect = false)",
        [exact_pattern(file)],
    )
