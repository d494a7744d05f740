"""A what-if: the decisions of a published month again under proposed policy rows, beside those in force.

Nothing is measured anew: the models start from the measures that the release keeps. Where a proposed row changes what
is measured (a component of the assets, a status that counts, a window), the measures are taken again from the accepted
rows in the scratch warehouse, if that is still of the same refresh. The result is published as tables of its own, under
`<output>/published/simulations`, and never touches a release.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from expectations.contract import load_contract
from expectations.policy.rows import (
    BASE_SCENARIO,
    REFERENCE_FOLDER,
    PolicyError,
    family_files,
    proposed_folder,
    values_in_force,
    version_of,
)
from expectations.policy.sheets import Value, canonical_files, policy_schemas
from orchestration import models
from orchestration.database import connect, exact_pattern, file_literal, path_literal
from orchestration.models import CompiledModels, run_models
from orchestration.releases import POLICY, REFERENCE, Release, current_release
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse import CARRIED, month_before

ANALYSES = PROJECT_ROOT / "dbt_project" / "analyses" / "simulation"
# In the order in which one reads another; `outcome` has a row for everybody and stays behind.
TABLES = ("outcome", "affected_customer", "tier_migration", "staffing", "contacts_by_role", "summary")
PUBLISHED = TABLES[1:]
# Not named as its schema: DuckDB could not tell the two apart.
FILE = "what_if.duckdb"

DECISIONS = (
    "int_decision__held_tiers",
    "int_decision__awards",
    "int_decision__later_awards",
    "int_policy__tier_entries",
)
CAPACITY = "fct_visit_capacity_monthly"
MEASURES = "int_customer__measures"
PARAMETERS = "policy_parameter"
# What the decisions read that the release keeps: a model, and the published table that says the same.
KEPT = {
    "stg_landing__organization": "dim_organization",
    "stg_landing__employee": "dim_employee",
    MEASURES: "fct_customer_measure_monthly",
}


class SimulationError(ValueError):
    """The what-if can't be made as asked; the message says what would do."""


@dataclass(frozen=True)
class Facts:
    """What a what-if was about. families_changed: whose rows in force differ; measured_anew: not from the release."""

    business_date: str
    release: str
    policy_in_force: str
    policy_proposed: str
    families_changed: tuple[str, ...]
    measured_anew: bool


@dataclass(frozen=True)
class Simulation:
    """A finished what-if. folder: its published tables; summary: the one row of `summary`, by column."""

    folder: Path
    facts: Facts
    summary: Mapping[str, Any]

    @property
    def database(self) -> Path:
        """The DuckDB file with the schema `simulation`."""
        return self.folder / FILE


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


def policy_folders(month: PublishedMonth, proposal: Path) -> tuple[Path, Path]:
    """The folder of the policy that the release was made with, and the folder of the proposal to lay over it.

    Raises SimulationError for a proposal that is none, or that holds a file which is no family of policy rows.
    """
    in_force = month.release.folder / POLICY
    if not in_force.is_dir():
        raise SimulationError(
            f"release {month.release.release_id} keeps no policy: an older version published it; refresh"
        )
    try:
        overlay = proposed_folder(proposal)
    except PolicyError as error:
        raise SimulationError(str(error)) from None
    if lacking := policy_schemas().keys() - family_files(in_force, overlay).keys():
        raise SimulationError(
            f"release {month.release.release_id} was published by an older version, without"
            f" {', '.join(sorted(lacking))}; refresh {month.business_date} again"
        )
    if unknown := family_files(overlay).keys() - policy_schemas().keys():
        raise SimulationError(f"{proposal}: {', '.join(sorted(unknown))} is no family of policy rows")
    return in_force, overlay


def simulate_month(
    settings: Settings, month: PublishedMonth, proposal: Path, report: Callable[[str], None] = lambda _: None
) -> Simulation:
    """Run the decisions of a published month under a proposal and publish what would change.

    proposal: a folder of policy CSVs; a family that it lacks is the one in force. report is told each step.
    Raises SimulationError for a proposal that can't be tried, UnreadableError for rows that can't be read,
    duckdb.Error for SQL that fails.
    """
    with tempfile.TemporaryDirectory(prefix="fenceng-policy-") as scratch:
        folder, overlay = policy_folders(month, proposal)
        in_force = canonical_files(seed_files(folder), Path(scratch) / "in_force")
        proposed = in_force | canonical_files(family_files(overlay), Path(scratch) / "proposed")
        return _simulate(settings, month, in_force, proposed, report)


def _simulate(
    settings: Settings,
    month: PublishedMonth,
    in_force: Mapping[str, Path],
    proposed: Mapping[str, Path],
    report: Callable[[str], None],
) -> Simulation:
    """in_force, proposed: seed -> canonical file."""
    changed = changed_families(in_force, proposed, month.business_date)
    compiled = compiled_models(month.release)
    anew = _measuring(changed, in_force, proposed, month.business_date, compiled)
    facts = Facts(
        business_date=month.business_date.isoformat(),
        release=month.release.release_id,
        policy_in_force=_version(in_force, month.business_date),
        policy_proposed=_version(proposed, month.business_date),
        families_changed=tuple(sorted(changed)),
        measured_anew=bool(anew),
    )
    with connect(settings=settings) as connection:
        attach_databases(connection, compiled)
        report("the policy in force")
        given = kept_models(month)
        tiers = month.table("fct_customer_tier_monthly")
        run_models(
            connection,
            compiled,
            [CAPACITY],
            given | {"int_decision__held_tiers": tiers} | context_of(month, in_force),
            in_force,
        )
        keep_results(connection, compiled, "in_force", [CAPACITY])
        connection.execute(f"create view in_force.fct_customer_tier_monthly as {tiers}")
        report("the proposed policy")
        if anew:
            del given[MEASURES]
            given |= accepted_rows(connection, settings, month, compiled, anew)
        run_models(connection, compiled, [*DECISIONS, CAPACITY], given | context_of(month, proposed), proposed)
        keep_results(connection, compiled, "proposed", [*DECISIONS, CAPACITY, MEASURES])
        report("the comparison")
        summary = compare(connection)
        published = _publish(connection, settings, month, facts)
    return Simulation(published, facts, summary)


def compare(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Build the tables of `simulation` from the schemas `in_force` and `proposed`; return the summary, by column."""
    connection.execute("create schema simulation")
    for table in TABLES:
        sql = (ANALYSES / f"{table}.sql").read_text(encoding="utf-8")
        connection.execute(f"create table simulation.{table} as {sql}")
    summary = connection.execute("select * from simulation.summary")
    names = [name for name, *_ in summary.description or []]
    return dict(zip(names, summary.fetchall()[0], strict=True))


def changed_families(left: Mapping[str, Path], right: Mapping[str, Path], on: date) -> set[str]:
    """The families whose rows in force on a date differ."""
    return {
        family
        for family in left.keys() & right.keys()
        if left[family] != right[family] and _rows(left[family], on) != _rows(right[family], on)
    }


def names_parameter(compiled: CompiledModels, targets: Collection[str], parameter_id: str) -> bool:
    """Whether the targets, or what they need, read a parameter: every parameter stands in one family."""
    return any(f"'{parameter_id}'" in node.sql for node in compiled.needed(targets))


def _measuring(
    changed: Collection[str],
    left: Mapping[str, Path],
    right: Mapping[str, Path],
    on: date,
    compiled: CompiledModels,
) -> list[str]:
    """Those of the changed families that change what is measured; of the parameters only what the measures read."""
    families = set(changed) & measuring_families(compiled)
    if PARAMETERS in families:
        said = [_parameters(files[PARAMETERS], on) for files in (left, right)]
        differing = (name for name in said[0].keys() | said[1].keys() if said[0].get(name) != said[1].get(name))
        if not any(names_parameter(compiled, [MEASURES], name) for name in differing):
            families.remove(PARAMETERS)
    return sorted(families)


def _parameters(file: Path, on: date) -> dict[str, Value]:
    return {str(row["parameter_id"]): row["number_value"] for row in values_in_force(file, on)}


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


def _rows(file: Path, on: date) -> Counter[tuple[tuple[str, Value], ...]]:
    """What a family's rows say on a date, whatever their order; when they begin and end says nothing of the day."""
    return Counter(tuple(sorted(row.items(), key=lambda cell: cell[0])) for row in values_in_force(file, on))


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


def _publish(connection: duckdb.DuckDBPyConnection, settings: Settings, month: PublishedMonth, facts: Facts) -> Path:
    """Write the tables into a folder of their own, whole before it has its name; the same what-if replaces itself."""
    root = settings.published / "simulations"
    final = root / f"{month.business_date}_{facts.policy_proposed}"
    building = root / f".{final.name}.{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    connection.execute(f"attach {path_literal(building / FILE)} as result (storage_version 'v1.0.0')")
    connection.execute("create schema result.simulation")
    for table in PUBLISHED:
        connection.execute(f"create table result.simulation.{table} as select * from simulation.{table}")
        connection.execute(
            f"copy simulation.{table} to {path_literal(building / f'{table}.csv')} (header, delimiter ',')"
        )
    connection.execute("detach result")
    (building / "manifest.json").write_text(json.dumps(asdict(facts), indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(final, ignore_errors=True)
    os.rename(building, final)
    return final
