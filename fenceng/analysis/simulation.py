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
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from expectations.policy.files import family_files, proposed_folder
from expectations.policy.in_force import values_in_force
from expectations.policy.sheets import PolicyError, Value, canonical_files, policy_schemas
from fenceng.analysis.comparison import TABLES, compare
from fenceng.analysis.replay import (
    CAPACITY,
    DECISIONS,
    MEASURES,
    PublishedMonth,
    SimulationError,
    _version,
    accepted_rows,
    attach_databases,
    compiled_models,
    context_of,
    keep_results,
    kept_models,
    measuring_families,
    names_parameter,
    run_models,
    seed_files,
)
from orchestration.database import connect, path_literal
from orchestration.settings import Settings
from orchestration.store.compiled_models import CompiledModels
from orchestration.store.releases import POLICY

PUBLISHED = TABLES[1:]
# Not named as its schema: DuckDB could not tell the two apart.
FILE = "what_if.duckdb"

PARAMETERS = "policy_parameter"


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


def changed_families(left: Mapping[str, Path], right: Mapping[str, Path], on: date) -> set[str]:
    """The families whose rows in force on a date differ."""
    return {
        family
        for family in left.keys() & right.keys()
        if left[family] != right[family] and _rows(left[family], on) != _rows(right[family], on)
    }


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


def _rows(file: Path, on: date) -> Counter[tuple[tuple[str, Value], ...]]:
    """What a family's rows say on a date, whatever their order; when they begin and end says nothing of the day."""
    return Counter(tuple(sorted(row.items(), key=lambda cell: cell[0])) for row in values_in_force(file, on))


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
