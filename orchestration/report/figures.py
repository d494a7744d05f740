"""The figures of the pages: read from a release's marts in one pass, and told apart by scope.

A scope is an organisation with all below it; the bank's is the root. Nothing about a single customer or employee is
read. Amounts are CNY.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.database import connect
from orchestration.store.releases import Release

Row = dict[str, Any]

QUERIES = Path(__file__).with_name("queries")
ALL = "all"  # every role group, as in fct_visit_compliance_by_org_monthly; also every segment
VISIT_BEHIND = "visit_behind"  # the kind of action for a duty that is behind its pace
# How many months the trend shows: a year, and the same month a year ago.
TREND_MONTHS = 13
# Listing more organisations than this is no longer read; the next level up is listed.
ORGANISATIONS_LISTED = 40
FURTHEST_BEHIND = 10
_ABOVE = ("outlet_id", "sub_branch_id", "branch_id", "province_branch_id")
_MOVES = ("customers_before", "financial_assets_before", "arrived", "risen", "fallen", "gone")
_STATUSES = ("judged", "met", "open", "missed", "lacking")


@dataclass(frozen=True)
class Organization:
    """An organisation. above: the ids of all organisations above it, the root included."""

    org_id: str
    name: str
    level: str
    above: frozenset[str]


@dataclass(frozen=True)
class Month:
    """A published month. as_of: its business date. is_closed: whether that is its last day, so that no duty is open."""

    month: date
    as_of: date
    is_closed: bool

    def as_row(self) -> Row:
        """As the page's data."""
        return {"month": self.month.isoformat(), "as_of": self.as_of.isoformat(), "is_closed": self.is_closed}


@dataclass(frozen=True)
class Bank:
    """All figures of a release, of every scope asked for.

    hand: the month of the newest business date. before: the published month right before it, if any. closed: the last
    closed month, if any; it may be the one in hand. by_scope: query -> scope -> rows. duties: organisation -> month ->
    role group -> row. actions: organisation -> rows by kind.
    """

    root: str
    organizations: Mapping[str, Organization]
    months: Sequence[Month]
    tiers: Sequence[Row]
    by_scope: Mapping[str, Mapping[str, Sequence[Row]]]
    duties: Mapping[str, Mapping[date, Mapping[str, Row]]]
    actions: Mapping[str, Sequence[Row]]
    hiring: Sequence[Row]
    held_back: Sequence[Row]
    _below: dict[str, list[str]] = field(default_factory=dict)

    @property
    def hand(self) -> Month:
        """The month in hand."""
        return self.months[-1]

    @property
    def before(self) -> Month | None:
        """The month before the one in hand."""
        return next((one for one in self.months if one.month == month_before(self.hand.month)), None)

    @property
    def closed(self) -> Month | None:
        """The last closed month."""
        return next((one for one in reversed(self.months) if one.is_closed), None)

    def below(self, scope: str) -> list[str]:
        """The organisations of a scope without its own, by name."""
        if scope not in self._below:
            inside = (one for one in self.organizations.values() if scope in one.above)
            self._below[scope] = [one.org_id for one in sorted(inside, key=lambda one: (one.name, one.org_id))]
        return self._below[scope]

    def scopes_of(self, levels: Iterable[str]) -> list[str]:
        """The root, then the organisations of some levels."""
        wanted = set(levels)
        others = (one for one in self.organizations.values() if one.level in wanted and one.org_id != self.root)
        return [self.root, *(one.org_id for one in sorted(others, key=lambda one: one.org_id))]


def month_before(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def read_bank(release: Release, newest: date, levels: Iterable[str]) -> Bank:
    """Read the figures of the root and of all organisations of some levels. newest: the newest business date."""
    hand = newest.replace(day=1)
    with connect(release.database, read_only=True) as connection:
        organizations = _organizations(connection)
        root = _root(organizations)
        wanted = set(levels)
        scopes = {one.org_id for one in organizations.values() if one.level in wanted} | {root}
        closure = [(above, one.org_id) for one in organizations.values() for above in (one.above | {one.org_id})]
        connection.execute("create temp table report_scope (scope_id varchar, org_id varchar)")
        connection.execute(
            "insert into report_scope select unnest(?::varchar[]), unnest(?::varchar[])",
            [
                [scope for scope, _ in closure if scope in scopes],
                [org_id for scope, org_id in closure if scope in scopes],
            ],
        )
        first = date(hand.year - TREND_MONTHS // 12, hand.month, 1)
        connection.execute(
            "create temp table report_setting as"
            " select ?::date as month_in_hand, ?::date as month_before, ?::date as first_month",
            [hand, month_before(hand), first],
        )
        connection.execute(f"create temp table report_flow as {_query('customer_flow')}")
        months = [Month(**row) for row in _renamed(_rows(connection, "published_months"))]
        by_scope = {
            name: _by(_rows(connection, name), "scope_id")
            for name in ("tiers", "months", "workload", "maintenance", "actions")
        }
        by_scope |= {name: _by(_rows(connection, name), "org_id") for name in ("concentration", "targets")}
        return Bank(
            root,
            organizations,
            months,
            _tiers(connection),
            by_scope,
            _duties(_rows(connection, "duties")),
            _by(_rows(connection, "organization_actions"), "org_id"),
            _rows(connection, "hiring"),
            _rows(connection, "held_back"),
        )


def figures_of(bank: Bank, scope: str) -> Row:
    """The figures of a scope, as the page's data: numbers, codes and the names of organisations."""
    own = {name: rows.get(scope, []) for name, rows in bank.by_scope.items()}
    listed = _listed(bank, scope)
    tiers = _tier_rows(bank, own["tiers"])
    figures: Row = {
        "scope": _named(bank, scope),
        "months": {
            "hand": bank.hand.as_row(),
            "before": bank.before.as_row() if bank.before else None,
            "closed": bank.closed.as_row() if bank.closed else None,
        },
        "tiers": tiers,
        "tier_totals": _tier_totals(tiers),
        "concentration": [_without(row, "org_id") for row in own["concentration"]],
        "roles": _role_rows(bank, scope),
        "organizations": [_organization_row(bank, one) for one in listed],
        "furthest_behind": _furthest_behind(bank, scope, listed),
        "trend": _trend(bank, scope, own["months"]),
        "workload": [_without(row, "scope_id") for row in own["workload"]],
        "maintenance": [_without(row, "scope_id") for row in own["maintenance"]],
        "hiring": _hiring(bank, scope),
        "actions": [_without(row, "scope_id") for row in own["actions"]],
        "action_totals": {name: sum(row[name] for row in own["actions"]) for name in ("listed", "due", "dropped")},
        "targets": [_without(row, "org_id") for row in own["targets"]],
        "held_back": list(bank.held_back),
        "held_back_total": sum(row["rows_held"] for row in bank.held_back),
    }
    plain_figures: Row = plain(figures)
    return plain_figures


def plain(value: Any) -> Any:
    """A value as JSON holds it: amounts as numbers, dates as text."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    return _fetched(connection.execute(_query(name)))


def _fetched(result: duckdb.DuckDBPyConnection) -> list[Row]:
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _renamed(rows: Iterable[Row]) -> list[Row]:
    names = {"policy_month": "month", "as_of_date": "as_of"}
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def _by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[column]].append(row)
    return grouped


def _without(row: Row, column: str) -> Row:
    return {name: value for name, value in row.items() if name != column}


def _organizations(connection: duckdb.DuckDBPyConnection) -> dict[str, Organization]:
    rows = _fetched(connection.execute("select * from marts.dim_organization order by org_id"))
    parents = {row["org_id"]: row["parent_org_id"] for row in rows}
    found = {}
    for row in rows:
        above: set[str] = set()
        parent = row["parent_org_id"]
        # A ring of parents ends where it began.
        while parent in parents and parent not in above:
            above.add(parent)
            parent = parents[parent]
        above |= {row[name] for name in _ABOVE if row[name]}
        found[row["org_id"]] = Organization(
            row["org_id"], row["org_name"], row["org_level"], frozenset(above - {row["org_id"]})
        )
    return found


def _root(organizations: Mapping[str, Organization]) -> str:
    """The organisation with the most below it: the head office, or whatever a bank without one begins with."""
    inside = dict.fromkeys(organizations, 0)
    for one in organizations.values():
        for above in one.above:
            inside[above] = inside.get(above, 0) + 1
    return min(organizations, key=lambda org_id: (-inside[org_id], len(organizations[org_id].above), org_id))


def _tiers(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Tiers in the order that people know them: retail first, the highest first."""
    return _fetched(
        connection.execute(
            "select tier_code, segment, label_en, label_zh from marts.dim_tier"
            " order by segment desc, tier_rank, tier_code"
        )
    )


def _duties(rows: Iterable[Row]) -> dict[str, dict[date, dict[str, Row]]]:
    found: dict[str, dict[date, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        found[row["org_id"]][row["policy_month"]][row["role_group"]] = row
    return found


def _named(bank: Bank, org_id: str) -> Row:
    one = bank.organizations[org_id]
    return {"org_id": org_id, "name": one.name, "level": one.level}


def _tier_rows(bank: Bank, rows: Sequence[Row]) -> list[Row]:
    """Every tier, also without customers; without moves if no month before is published."""
    found = {(row["segment"], row["tier_code"]): row for row in rows}
    filled = []
    for tier in bank.tiers:
        row = found.get((tier["segment"], tier["tier_code"]), {})
        figures: Row = {name: row.get(name, 0) for name in ("customers", "financial_assets")}
        for name in _MOVES:
            figures[name] = row.get(name, 0) if bank.before else None
        filled.append(tier | figures)
    return filled


def _tier_totals(tiers: Sequence[Row]) -> list[Row]:
    """Each segment, and then everybody (segment `all`)."""
    totals = []
    for segment in (*dict.fromkeys(tier["segment"] for tier in tiers), ALL):
        inside = [tier for tier in tiers if segment in (tier["segment"], ALL)]
        total: Row = {"segment": segment}
        for name in ("customers", "financial_assets", *_MOVES):
            values = [tier[name] for tier in inside]
            total[name] = None if None in values else sum(values)
        totals.append(total)
    return totals


def _statuses(row: Row | None) -> Row | None:
    return None if row is None else {name: row[name] for name in _STATUSES} | {"rate": row["compliance_rate"]}


def _both_months(bank: Bank, org_id: str, role_group: str) -> Row:
    """Duties of the closed month and of the month in hand; one only if the month in hand is the closed one."""
    closed, duties = bank.closed, bank.duties.get(org_id, {})
    return {
        "closed": _statuses(duties.get(closed.month, {}).get(role_group)) if closed else None,
        "hand": None if closed == bank.hand else _statuses(duties.get(bank.hand.month, {}).get(role_group)),
    }


def _role_rows(bank: Bank, scope: str) -> list[Row]:
    """By role group, and all of them as the first row."""
    months = bank.duties.get(scope, {})
    shown = [one.month for one in (bank.closed, bank.hand) if one]
    groups = sorted({group for month in shown for group in months.get(month, {})} - {ALL})
    return [{"role_group": group} | _both_months(bank, scope, group) for group in (ALL, *groups)]


def _listed(bank: Bank, scope: str) -> list[str]:
    """The organisations that a scope's page lists: the outlets, or the level above that has few enough of them."""
    below = [bank.organizations[org_id] for org_id in bank.below(scope)]
    for level in ("outlet", "sub_branch", "branch", "province_branch"):
        found = [one.org_id for one in below if one.level == level]
        if found and len(found) <= ORGANISATIONS_LISTED:
            return found
    return []


def _organization_row(bank: Bank, org_id: str) -> Row:
    """An organisation's duties, and those that it missed by role group."""
    duties = bank.duties.get(org_id, {})
    month = bank.closed.month if bank.closed else bank.hand.month
    missed = {group: row["missed"] for group, row in duties.get(month, {}).items() if group != ALL}
    actions = [row for one in (org_id, *bank.below(org_id)) for row in bank.actions.get(one, ())]
    return (
        _named(bank, org_id)
        | _both_months(bank, org_id, ALL)
        | {
            "missed": missed,
            "behind": sum(row["listed"] for row in actions if row["action_kind"] == VISIT_BEHIND),
            "listed": sum(row["listed"] for row in actions),
            "due": sum(row["due"] for row in actions),
        }
    )


def _furthest_behind(bank: Bank, scope: str, listed: Sequence[str]) -> list[Row]:
    """The outlets with most missed duties of the closed month, where a page lists a level above outlets."""
    if not listed or bank.organizations[listed[0]].level == "outlet":
        return []
    rows = [
        _organization_row(bank, org_id) for org_id in bank.below(scope) if bank.organizations[org_id].level == "outlet"
    ]
    rows = [row for row in rows if row["closed"] and row["closed"]["missed"]]
    return sorted(rows, key=lambda row: (-row["closed"]["missed"], row["org_id"]))[:FURTHEST_BEHIND]


def _trend(bank: Bank, scope: str, rows: Sequence[Row]) -> list[Row]:
    sizes = {row["policy_month"]: row for row in rows}
    found = []
    for month in bank.months:
        size = sizes.get(month.month, {})
        duties = bank.duties.get(scope, {}).get(month.month, {}).get(ALL)
        found.append(
            month.as_row()
            | {name: size.get(name, 0) for name in ("customers", "financial_assets")}
            | {"duties": _statuses(duties)}
        )
    return found


def _hiring(bank: Bank, scope: str) -> list[Row]:
    """The organisations of a scope that lack most people."""
    inside = {scope, *bank.below(scope)}
    rows = [row for row in bank.hiring if row["org_id"] in inside][:FURTHEST_BEHIND]
    return [_named(bank, row["org_id"]) | _without(row, "org_id") for row in rows]
