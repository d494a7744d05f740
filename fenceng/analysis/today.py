"""What an outlet has to do today: the list of actions, the duties that are not met, what was dropped, in a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from expectations.policy.model import InForce
from expectations.policy.reading import load_policy
from expectations.working_days import Calendar, Day
from fenceng.analysis.actions import Action, actions_where
from fenceng.analysis.organizations import Organization, below, organization_of, role_of, roles
from fenceng.analysis.replay import RESPONSIBLE_ORGS, PublishedMonth, policy_of, rebuild, reference_folder
from fenceng.analysis.results import (
    EVERYBODY,
    Appraisal,
    Campaign,
    Standing,
    Target,
    appraisals_due,
    campaigns_of,
    ranked_below,
    standings_of,
    targets_of,
)
from orchestration.database import connect
from orchestration.store.releases import Release

COUNTS = "fct_customer_action_count"
DUTIES = "fct_visit_obligation_monthly"


@dataclass(frozen=True)
class UnmetDuty:
    """A duty that lacks contacts; see fct_visit_obligation_monthly. expected: contacts expected to date."""

    customer_id: str
    lead_org_id: str
    tier_code: str
    role_group: str
    required: int
    counted: int
    shortfall: int
    expected: float
    status: str
    last_contact_on: date | None
    clause_ref: str


@dataclass(frozen=True)
class Person:
    """A person whom a list is for. role_group: empty if their contacts count for no duty."""

    employee_id: str
    role: str
    role_group: str


@dataclass(frozen=True, eq=False)
class Today:
    """An outlet's list, as of the newest date. person: the only one it is for, or None for all.

    roles: of the people on it. dropped: reason -> actions that were found and not listed, for the whole outlet.
    targets: of the month in hand and of the next day. standings: of the people on the list and of those with targets.
    next_day: the working day after the date. is_announced: whether the holidays of its year are.
    """

    release_id: str
    outlet: Organization
    person: Person | None
    day: Day
    next_day: Day
    is_announced: bool
    actions: tuple[Action, ...]
    roles: Mapping[str, str]
    duties: tuple[UnmetDuty, ...]
    dropped: Mapping[str, int]
    targets: tuple[Target, ...]
    standings: tuple[Standing, ...]
    view: InForce

    def people(self) -> list[str | None]:
        """Whose actions are listed, by employee_id; None comes last: those of nobody."""
        return sorted({action.employee_id for action in self.actions}, key=lambda one: (one is None, one or ""))


@dataclass(frozen=True)
class ActionFigures:
    """Actions of a kind: how many are listed, for how many customers, and how many were dropped by reason."""

    action_kind: str
    customers: int
    listed: int
    dropped: Mapping[str, int]


@dataclass(frozen=True)
class DutyFigures:
    """Duties of a role group by status. missing: contacts that open and missed ones lack."""

    role_group: str
    duties: int
    met: int
    open: int
    missed: int
    excluded: int
    missing: int


@dataclass(frozen=True, eq=False)
class OutletFigures:
    """An outlet's actions, duties, ranks, campaigns and open appraisals, as of the newest date."""

    release_id: str
    outlet: Organization
    as_of: date
    actions: tuple[ActionFigures, ...]
    duties: tuple[DutyFigures, ...]
    ranking: tuple[Standing, ...]
    campaigns: tuple[Campaign, ...]
    appraisals: tuple[Appraisal, ...]
    view: InForce


def today_of(release: Release, outlet: str, person: str | None = None) -> Today:
    """The list of an organisation with all below it; of one person if given.

    outlet: id or name. Raises UnknownNameError for an outlet or person that the release does not have,
    OlderVersionError for a release without the list.
    """
    as_of, view = _newest(release)
    with connect() as connection:
        found = organization_of(connection, release, outlet)
        inside = f"lead_org_id in ({below(release, '?')})"
        actions = actions_where(connection, release, inside, [found.org_id])
        one = None
        condition, parameters = inside, [found.org_id]
        if person is not None:
            listed = (action.employee_id for action in actions if action.employee_id)
            role, org_id = role_of(connection, release, person, listed)
            one = Person(person, role, _role_group(view, role))
            actions = tuple(action for action in actions if action.employee_id == person)
            # The outlets for whose customers this person's contacts count (docs/semantics 9.7).
            responsible = rebuild(connection, PublishedMonth(release, as_of), RESPONSIBLE_ORGS)
            condition += (
                f" and role_group = ? and lead_org_id in (select lead_org_id from {responsible}"
                " where responsible_org_id = ?)"
            )
            parameters += [one.role_group, org_id]
        calendar = Calendar(reference_folder(policy_of(release)))
        next_day = calendar.next_after(as_of)
        targets = targets_of(connection, release, found, as_of, next_day.on)
        if person is not None:
            targets = tuple(target for target in targets if target.employee_id == person)
        people = {action.employee_id for action in actions if action.employee_id}
        people |= {target.employee_id for target in targets} | ({person} if person is not None else set())
        return Today(
            release.release_id,
            found,
            one,
            calendar.day(as_of),
            next_day,
            calendar.is_announced(next_day.on.year),
            actions,
            roles(connection, release, sorted(people - {EVERYBODY})),
            _unmet(connection, release, as_of, condition, parameters),
            _dropped(connection, release, found),
            targets,
            standings_of(connection, release, as_of, "employee", people),
            view,
        )


def figures_of(release: Release, outlet: str) -> OutletFigures:
    """An organisation's actions and duties in figures, with all below it; raises as today_of."""
    as_of, view = _newest(release)
    with connect() as connection:
        found = organization_of(connection, release, outlet)
        return OutletFigures(
            release.release_id,
            found,
            as_of,
            tuple(_action_figures(connection, release, found, view)),
            tuple(_duty_figures(connection, release, found, as_of)),
            ranked_below(connection, release, found, as_of),
            campaigns_of(connection, release, found),
            appraisals_due(connection, release, found),
            view,
        )


def _newest(release: Release) -> tuple[date, InForce]:
    """The newest business date, and the release's policy on it."""
    as_of = date.fromisoformat(release.manifest()["newest_business_date"])
    folder = policy_of(release)
    policy = load_policy(folder, reference=reference_folder(folder), is_complete=False)
    # Before anything else is read, so that an older release is told by what it lacks.
    release.rows(COUNTS)
    return as_of, policy.in_force(as_of)


def _role_group(view: InForce, role: str) -> str:
    rows = view.rows["policy_role"]
    return next((row.text("role_group") for row in rows if row.text("role") == role), "")


def _unmet(
    connection: duckdb.DuckDBPyConnection, release: Release, as_of: date, condition: str, parameters: list[str]
) -> tuple[UnmetDuty, ...]:
    """The open and missed duties that lack contacts, those furthest behind first."""
    rows = connection.execute(
        "select customer_id, lead_org_id, tier_code, role_group, required_contacts, counted_contacts, shortfall,"
        f" expected_to_date, status, last_contact_on, clause_ref from ({release.rows(DUTIES, as_of.replace(day=1))})"
        f" where status in ('open', 'missed') and shortfall > 0 and {condition}"
        " order by counted_contacts - expected_to_date, customer_id, role_group",
        parameters,
    ).fetchall()
    return tuple(UnmetDuty(*row) for row in rows)


def _dropped(connection: duckdb.DuckDBPyConnection, release: Release, outlet: Organization) -> Mapping[str, int]:
    rows = connection.execute(
        f"select outcome, sum(actions)::bigint from ({release.rows(COUNTS)}) where outcome <> 'listed'"
        f" and lead_org_id in ({below(release, '?')}) group by outcome order by outcome",
        [outlet.org_id],
    ).fetchall()
    return dict(rows)


def _action_figures(
    connection: duckdb.DuckDBPyConnection, release: Release, outlet: Organization, view: InForce
) -> list[ActionFigures]:
    """Kinds with an action, in the order of their priority."""
    rows = connection.execute(
        "select action_kind, outcome, sum(customers)::bigint, sum(actions)::bigint"
        f" from ({release.rows(COUNTS)}) where lead_org_id in ({below(release, '?')})"
        " group by action_kind, outcome order by action_kind, outcome",
        [outlet.org_id],
    ).fetchall()
    priorities = {row.text("action_kind"): row.number("priority") or 0 for row in view.rows["policy_action"]}
    kinds = sorted({kind for kind, *_ in rows}, key=lambda kind: (priorities.get(kind, 0), kind))
    found = []
    for kind in kinds:
        own = {outcome: (customers, actions) for name, outcome, customers, actions in rows if name == kind}
        customers, listed = own.pop("listed", (0, 0))
        found.append(ActionFigures(kind, customers, listed, {name: actions for name, (_, actions) in own.items()}))
    return found


def _duty_figures(
    connection: duckdb.DuckDBPyConnection, release: Release, outlet: Organization, as_of: date
) -> list[DutyFigures]:
    statuses = ", ".join(
        f"count(*) filter (where status = '{status}')" for status in ("met", "open", "missed", "excluded")
    )
    rows = connection.execute(
        f"select role_group, count(*), {statuses}, sum(shortfall)::bigint"
        f" from ({release.rows(DUTIES, as_of.replace(day=1))}) where lead_org_id in ({below(release, '?')})"
        " group by role_group order by role_group",
        [outlet.org_id],
    ).fetchall()
    return [DutyFigures(*row) for row in rows]
