"""How an outlet and its people do, in a release: targets, ranks, campaigns, appraisals that are due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from fenceng.analysis.organizations import Organization, below
from orchestration.store.releases import Release

TARGETS, RANKING = "fct_target_monthly", "fct_ranking_monthly"
CAMPAIGNS, APPRAISALS = "fct_campaign_result", "fct_appraisal"
EVERYBODY = "all"


@dataclass(frozen=True)
class Target:
    """A target of an outlet (employee_id all) or a person; see fct_target_monthly. Amounts in the metric's unit.

    day: of the working day asked for, None if the month in hand does not have it.
    """

    metric: str
    employee_id: str
    day: Decimal | None
    month: Decimal
    to_date: Decimal
    actual: Decimal | None
    run_rate: float | None


@dataclass(frozen=True)
class Standing:
    """Where an organisation or a person stands among its peers; rank and score are None without enough of them."""

    subject_id: str
    compare: str
    rank: int | None
    score: Decimal | None
    peers: int


@dataclass(frozen=True)
class Campaign:
    """A campaign's state and result; see fct_campaign_result."""

    campaign_id: str
    org_id: str
    status: str
    ends_on: date
    targeted: int
    contacted: int
    converted: int
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    missing_plan_fields: str | None


@dataclass(frozen=True)
class Appraisal:
    """An appraisal that lacks a part."""

    year: date
    employee_id: str
    role: str
    status: str


def targets_of(
    connection: duckdb.DuckDBPyConnection, release: Release, outlet: Organization, as_of: date, on: date
) -> tuple[Target, ...]:
    """The targets of an organisation itself and of its people for the month of as_of, and for the day `on`."""
    rows = connection.execute(
        "select month.metric, month.employee_id, day.target, month.target, month.target_to_date, month.actual,"
        f" month.run_rate from ({release.rows(TARGETS, as_of.replace(day=1))}) as month"
        f" left join ({release.rows(TARGETS, as_of.replace(day=1))}) as day on day.org_id = month.org_id"
        " and day.metric = month.metric and day.employee_id = month.employee_id and day.period_kind = 'day'"
        " and day.period_start = ?"
        " where month.org_id = ? and month.period_kind = 'month' and month.period_start = ?"
        " order by month.metric, month.employee_id <> ?, month.employee_id",
        [on, outlet.org_id, as_of.replace(day=1), EVERYBODY],
    ).fetchall()
    return tuple(Target(*row) for row in rows)


def standings_of(
    connection: duckdb.DuckDBPyConnection, release: Release, as_of: date, kind: str, subjects: Iterable[str]
) -> tuple[Standing, ...]:
    """The ranks of subjects of a kind (org or employee), subject by subject."""
    rows = connection.execute(
        f"select subject_id, compare, rank, score, peers from ({release.rows(RANKING, as_of.replace(day=1))})"
        " where subject_kind = ? and subject_id in (select unnest(?::varchar[])) order by subject_id, compare",
        [kind, sorted(set(subjects))],
    ).fetchall()
    return tuple(Standing(*row) for row in rows)


def ranked_below(
    connection: duckdb.DuckDBPyConnection, release: Release, outlet: Organization, as_of: date
) -> tuple[Standing, ...]:
    """The ranks of an organisation and those below it."""
    ids = connection.execute(below(release, "?"), [outlet.org_id]).fetchall()
    return standings_of(connection, release, as_of, "org", (org_id for (org_id,) in ids))


def campaigns_of(connection: duckdb.DuckDBPyConnection, release: Release, outlet: Organization) -> tuple[Campaign, ...]:
    """The campaigns of an organisation and of those below it, the newest first."""
    rows = connection.execute(
        "select campaign_id, org_id, status, ends_on, targeted, contacted, converted, lift, lift_low, lift_high,"
        f" missing_plan_fields from ({release.rows(CAMPAIGNS)}) where org_id in ({below(release, '?')})"
        " order by ends_on desc, campaign_id",
        [outlet.org_id],
    ).fetchall()
    return tuple(Campaign(*row) for row in rows)


def appraisals_due(
    connection: duckdb.DuckDBPyConnection, release: Release, outlet: Organization
) -> tuple[Appraisal, ...]:
    """The appraisals of an organisation and of those below it that lack a part, overdue ones first."""
    rows = connection.execute(
        f"select year, employee_id, role, status from ({release.rows(APPRAISALS)}) where status <> 'complete'"
        f" and org_id in ({below(release, '?')}) order by status <> 'overdue', year, employee_id",
        [outlet.org_id],
    ).fetchall()
    return tuple(Appraisal(*row) for row in rows)
