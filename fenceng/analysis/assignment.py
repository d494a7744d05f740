"""A proposal of who should maintain whom, from a published month: the tables of `dbt_project/analyses/assignment`.

Who goes to whom is the published assignment. Computed here are the load of each person before and after a customer,
and where the customers above a cap would go. Nothing but the proposal is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from expectations.policy.model import InForce
from expectations.policy.reading import load_policy
from expectations.project import DBT_PROJECT
from fenceng.analysis.organizations import Organization, below, organization_of
from fenceng.analysis.replay import BASES, PublishedMonth, policy_of, published_before, rebuild, reference_folder
from orchestration.database import connect
from orchestration.settings import Settings
from orchestration.store.months import SOURCE
from orchestration.store.releases import Release

ANALYSES = DBT_PROJECT / "analyses" / "assignment"
MONTHLY = (
    "fct_maintenance_assignment_monthly", "fct_manager_load_monthly", "fct_maintenance_capacity_monthly",
    "fct_customer_tier_monthly", "fct_customer_measure_monthly",
)  # fmt: skip
# In dependency order.
TABLES = ("customer", "allocation", "moving", "surplus", "overloaded", "hiring")
# What a reviewer gets.
PUBLISHED = ("allocation", "surplus", "hiring")


@dataclass(frozen=True)
class Overloaded:
    """A person above the cap. moving: customers to hand over; placed: those for whom somebody has room."""

    employee_id: str
    role: str
    org_id: str
    customers: int
    load_cap: int
    over_cap: int
    moving: int
    placed: int


@dataclass(frozen=True)
class Hiring:
    """A place that lacks people of a role."""

    org_id: str
    org_name: str | None
    role: str
    customers: int
    unassigned: int
    people: int
    load_cap: int
    needed: int
    short: int


@dataclass(frozen=True, eq=False)
class Proposal:
    """The tables of a proposal in the schema `proposal` of a connection. organization: None for the whole bank."""

    connection: duckdb.DuckDBPyConnection
    release_id: str
    as_of: date
    organization: Organization | None
    view: InForce

    def by_basis(self) -> list[tuple[str, int]]:
        """Customers by the step that decided, as assignment_basis."""
        return self._rows(
            "select assignment_basis, count(*) from proposal.customer where is_asked_for group by all order by all"
        )

    def by_reason(self) -> dict[str, int]:
        """Customers that steps 3b to 5 decided, by reason."""
        return dict(self._rows("select reason, count(*) from proposal.allocation group by reason order by reason"))

    def overloaded(self) -> list[Overloaded]:
        """The people above the cap, those furthest above first."""
        return [Overloaded(*row) for row in self._rows("select * from proposal.overloaded")]

    def hiring(self) -> list[Hiring]:
        """The places that lack people, the largest need first."""
        return [
            Hiring(*row)
            for row in self._rows(
                "select org_id, org_name, role, customers, unassigned, people, load_cap, people_needed, people_short"
                " from proposal.hiring"
            )
        ]

    def _rows(self, query: str) -> list[Any]:
        return self.connection.execute(query).fetchall()


@contextmanager
def open_assignment(settings: Settings, release: Release, organization: str | None) -> Iterator[Proposal]:
    """Build the proposal for the newest published month, of the customers of an organisation and all below it.

    organization: id or name; the whole bank by default. Raises UnknownNameError, OlderVersionError.
    """
    as_of = date.fromisoformat(release.manifest()["newest_business_date"])
    month = as_of.replace(day=1)
    given = {name: release.rows(name, month) for name in (*MONTHLY, "dim_organization")}
    folder = policy_of(release)
    view = load_policy(folder, reference=reference_folder(folder), is_complete=False).in_force(as_of)
    with connect(settings=settings) as connection:
        found = organization_of(connection, release, organization) if organization else None
        given["previous_assignment"] = published_before(release, month)[f"{SOURCE}.maintenance_assignment_month"]
        connection.execute("create schema published")
        for name, query in given.items():
            connection.execute(f"create view published.{name} as {query}")
        members = below(release, "?") if found else "select org_id from published.dim_organization"
        connection.execute(f"create table published.member as {members}", [found.org_id] if found else [])
        bases = rebuild(connection, PublishedMonth(release, as_of), BASES)
        connection.execute(f"create table published.base as select * from {bases}")
        build(connection)
        yield Proposal(connection, release.release_id, as_of, found, view)


def build(connection: duckdb.DuckDBPyConnection) -> None:
    """Build the tables of the schema `proposal` from those of `published`."""
    connection.execute("create schema proposal")
    for table in TABLES:
        sql = (ANALYSES / f"{table}.sql").read_text(encoding="utf-8")
        connection.execute(f"create table proposal.{table} as {sql}")
