"""The newest month of a release in figures: customers by tier, compliance by level, quarantined rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from expectations.policy.reading import CATEGORIES
from expectations.policy.sheets import read_sheet
from fenceng.analysis.replay import reference_folder
from orchestration.database import connect
from orchestration.store.releases import POLICY, Release

_LEVELS = "organization.org_level"


@dataclass(frozen=True)
class Label:
    """What a code is called in each language."""

    en: str
    zh: str


@dataclass(frozen=True)
class TierFigures:
    """A tier or class. financial_assets: of its customers, in CNY."""

    tier_code: str
    label: Label
    customers: int
    in_scope: int
    financial_assets: Decimal


@dataclass(frozen=True)
class LevelFigures:
    """Duties of all organisations of a level. rate: share of the duties that count, None if none does."""

    label: Label
    organisations: int
    duties: int
    met: int
    open: int
    missed: int
    excluded: int
    rate: float | None


@dataclass(frozen=True)
class QuarantineFigures:
    """Rows of a table that a rule quarantined."""

    table: str
    rule_id: str
    rows: int


@dataclass(frozen=True)
class Summary:
    """A release in figures. month: the first day of its newest month."""

    month: date
    tiers: tuple[TierFigures, ...]
    levels: tuple[LevelFigures, ...]
    quarantine: tuple[QuarantineFigures, ...]


def summary_of(release: Release) -> Summary:
    """The figures of the newest month of a release."""
    month = date.fromisoformat(release.manifest()["newest_business_date"]).replace(day=1)
    with connect(release.database, read_only=True) as connection:
        return Summary(
            month,
            tuple(_tiers(connection, month)),
            tuple(_levels(connection, month, _level_labels(release))),
            tuple(_quarantine(connection)),
        )


def _tiers(connection: duckdb.DuckDBPyConnection, month: date) -> list[TierFigures]:
    rows = connection.execute(
        "select tier.tier_code, tier.label_en, tier.label_zh, count(customer_id),"
        " count(*) filter (where is_in_scope), coalesce(sum(financial_assets), 0) from marts.dim_tier as tier"
        " left join marts.fct_customer_tier_monthly as fact"
        "   on fact.tier_code = tier.tier_code and fact.policy_month = ?"
        " group by tier.tier_code, tier.label_en, tier.label_zh, tier.segment, tier.tier_rank"
        " order by tier.segment desc, tier.tier_rank",
        [month],
    ).fetchall()
    return [TierFigures(code, Label(en, zh), *figures) for code, en, zh, *figures in rows]


def _levels(connection: duckdb.DuckDBPyConnection, month: date, labels: dict[str, Label]) -> list[LevelFigures]:
    rows = connection.execute(
        "select org_level, count(*), sum(obligations), sum(met), sum(open), sum(missed), sum(excluded),"
        " sum(met) / nullif(sum(met + open + missed), 0)"
        " from marts.fct_visit_compliance_by_org_monthly"
        " where role_group = 'all' and policy_month = ? group by org_level"
        " order by count(*), sum(obligations) desc, org_level",
        [month],
    ).fetchall()
    return [LevelFigures(labels.get(level, Label(level, level)), *figures) for level, *figures in rows]


def _quarantine(connection: duckdb.DuckDBPyConnection) -> list[QuarantineFigures]:
    rows = connection.execute(
        "select table_name, rule_id, sum(rows_held) from marts.fct_quarantine"
        " group by table_name, rule_id order by table_name, rule_id"
    ).fetchall()
    return [QuarantineFigures(*row) for row in rows]


def _level_labels(release: Release) -> dict[str, Label]:
    """Level of organisation -> label, from the reference rows of the release."""
    lines = read_sheet(reference_folder(release.folder / POLICY) / f"{CATEGORIES}.csv").lines
    cells = [line.cells for line in lines if line.cells["vocabulary"] == _LEVELS]
    return {cell["category"]: Label(cell["label_en"], cell["label_zh"]) for cell in cells}
