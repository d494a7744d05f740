"""A what-if: a published month decided again under proposed policy rows, beside those in force.

The models start from the measures that the release keeps. If a proposed row changes what is measured (a component of
the assets, a status that counts, a window), the measures are recomputed from the accepted rows in the scratch
warehouse, provided it is still that of the same refresh. The result is published as tables of its own, under
`<output>/published/simulations`, and never touches a release.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from fenceng.analysis.comparison import TABLES, compare
from fenceng.analysis.proposal import Proposal
from fenceng.analysis.replay import (
    CAPACITY,
    DECISIONS,
    HELD_TIERS,
    MEASURES,
    TIERS,
    accepted_rows,
    attach_databases,
    compiled_models,
    keep_results,
    kept_models,
    run_models,
)
from orchestration.database import connect, path_literal
from orchestration.settings import Settings

PUBLISHED = TABLES[1:]
# Not named after its schema: DuckDB could not tell the two apart.
RESULT_FILE = "what_if.duckdb"


@dataclass(frozen=True)
class Facts:
    """The inputs of a what-if.

    families_changed: the families whose rows on the business date differ. measured_anew: whether the measures were
    recomputed rather than taken from the release.
    """

    business_date: str
    release: str
    policy_in_force: str
    policy_proposed: str
    families_changed: tuple[str, ...]
    measured_anew: bool


@dataclass(frozen=True)
class Simulation:
    """A finished what-if. folder: its published tables; summary: the one row of `summary`, by column.

    names: id of an organisation -> its name.
    """

    folder: Path
    facts: Facts
    summary: Mapping[str, Any]
    names: Mapping[str, str]

    @property
    def database(self) -> Path:
        """The DuckDB file with the schema `simulation`."""
        return self.folder / RESULT_FILE

    def moves(self) -> list[tuple[Any, ...]]:
        """Outcomes that change: purpose, segment, before, after, customers, financial assets in CNY."""
        return self._rows(
            "select purpose, segment, coalesce(outcome_in_force, '-') as before,"
            " coalesce(outcome_proposed, '-') as after, customers, financial_assets"
            " from simulation.tier_migration where is_moved"
            " order by purpose, segment, before, after"
        )

    def contacts(self) -> list[tuple[Any, ...]]:
        """Role group, contacts a month before and after, people needed before and after, people there, people short."""
        return self._rows(
            "select role_group, contacts_in_force, contacts_proposed, people_needed_in_force, people_needed_proposed,"
            " people, people_short_proposed from simulation.contacts_by_role order by role_group"
        )

    def shortages(self, limit: int) -> list[tuple[Any, ...]]:
        """The largest: organisation, role group, people there, people needed before and after, people short."""
        found = self._rows(
            "select org_id, role_group, people, people_needed_in_force, people_needed_proposed, people_short_proposed"
            " from simulation.staffing where people_short_proposed > 0"
            f" order by people_short_proposed desc, org_id, role_group limit {limit}"
        )
        return [(f"{org_id} {self.names.get(org_id, '')}".strip(), *figures) for org_id, *figures in found]

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.database, read_only=True) as connection:
            return connection.execute(query).fetchall()


def simulate_month(
    settings: Settings, proposal: Proposal, report: Callable[[str], None] = lambda _: None
) -> Simulation:
    """Run the decisions of the proposal's month under both policies and publish what would change.

    report receives each step. Raises ReplayError if measures must be recomputed and can't be, OlderVersionError for a
    release without its models, duckdb.Error if the SQL fails.
    """
    month = proposal.month
    compiled = compiled_models(month.release)
    measuring = proposal.measuring(compiled)
    facts = Facts(
        business_date=month.business_date.isoformat(),
        release=month.release.release_id,
        policy_in_force=proposal.version_in_force,
        policy_proposed=proposal.version_proposed,
        families_changed=proposal.changed,
        measured_anew=bool(measuring),
    )
    with connect(settings=settings) as connection:
        attach_databases(connection, compiled)
        report("the policy in force")
        given = kept_models(month)
        tiers = month.table(TIERS)
        run_models(
            connection,
            compiled,
            [CAPACITY],
            given | {HELD_TIERS: tiers} | proposal.context(proposal.in_force),
            proposal.in_force,
        )
        keep_results(connection, compiled, "in_force", [CAPACITY])
        connection.execute(f"create view in_force.{TIERS} as {tiers}")
        report("the proposed policy")
        if measuring:
            del given[MEASURES]
            given |= accepted_rows(connection, settings, month, compiled, measuring)
        given |= proposal.context(proposal.proposed)
        run_models(connection, compiled, [*DECISIONS, CAPACITY], given, proposal.proposed)
        keep_results(connection, compiled, "proposed", [*DECISIONS, CAPACITY, MEASURES])
        report("the comparison")
        summary = compare(connection)
        folder = _publish(connection, settings, facts)
        organizations = month.release.rows("dim_organization")
        names = dict(connection.execute(f"select org_id, org_name from ({organizations})").fetchall())
    return Simulation(folder, facts, summary, names)


def _publish(connection: duckdb.DuckDBPyConnection, settings: Settings, facts: Facts) -> Path:
    """Write the tables to a folder that gets its name only once complete; a repeated what-if replaces itself."""
    root = settings.published / "simulations"
    final = root / f"{facts.business_date}_{facts.policy_proposed}"
    building = root / f".{final.name}.{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    connection.execute(f"attach {path_literal(building / RESULT_FILE)} as result (storage_version 'v1.0.0')")
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
