"""Who looks after whom: managers, claims, referrals, the customer's own choice, specialists called in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fenceng.sample.columns import NULL, Days, Frame, Serial, Words, constant
from fenceng.sample.edge_cases import YUAN
from fenceng.sample.organisation import (
    FINANCE_MANAGER,
    OUTLET_MANAGER,
    PRODUCT_MANAGER,
    STAFF,
    STAFFED_SINCE,
    WEALTH_ADVISER,
    Staff,
)
from fenceng.sample.people import People, customer_ids
from fenceng.sample.streams import Int, Raw, below, chance, other_half

RELATIONS = ("manager", "claim", "referrer", "customer_choice", "specialist")
_WELL_OFF = 50_000 * YUAN  # sample data: who is likely to be looked after
_NOTICE_DAYS = 30
_PREPARED_DAYS = 5  # rows that begin within this many days are already on file


@dataclass(frozen=True)
class _Tie:
    """A kind of relationship, and how many of a thousand customers have it."""

    number: int
    relation: str
    well_off: int
    others: int
    corporate: int
    is_next_outlet: bool = False  # with somebody from another outlet
    roles: tuple[int, int] | None = None  # of companies and of persons, in the branch's departments; None for any


_TIES = (
    _Tie(0, "manager", 600, 60, 500),
    _Tie(1, "manager", 20, 2, 30, is_next_outlet=True),
    _Tie(2, "claim", 60, 10, 0),
    _Tie(3, "referrer", 60, 30, 50),
    _Tie(4, "customer_choice", 30, 3, 0),
    _Tie(5, "specialist", 40, 2, 80, roles=(PRODUCT_MANAGER, WEALTH_ADVISER)),
)


def relationship_frame(people: People, staff: Staff, day: int) -> Frame:
    """Return the relationship table at the close of a day, ended ones included.

    When a manager leaves, some customers are handed over to the successor in the post; for the
    others the old row simply stays.
    """
    parts = [_tie_rows(people, staff, tie, day) for tie in _TIES]
    parts.append(_edge_case_rows(people, staff, day))
    customer, employee, relation, since, until = (np.concatenate(part) for part in zip(*parts, strict=True))
    return {
        "customer_id": customer_ids(customer),
        "employee_id": Serial("E", employee, 5),
        "relation": Words(relation, RELATIONS),
        "since": Days(since),
        "until": Days(until),
    }


def _tie_rows(people: People, staff: Staff, tie: _Tie, day: int) -> tuple[Int, Int, Int, Int, Int]:
    size = people.present_on(day)

    def raw(name: str) -> Raw:
        return people.streams.raw(f"relationship.{name}.{tie.number}", size)

    is_corporate = people.is_corporate[:size]
    share = np.where(people.wealth[:size] >= _WELL_OFF, tie.well_off, tie.others)
    has = chance(raw("held"), np.where(is_corporate, tie.corporate, share))
    has[[customer for customer, case in people.edge_cases() if case.ties and customer < size]] = False
    rows = np.flatnonzero(has)
    if tie.roles:
        post = _department_posts(people, staff, rows, raw("post")[rows], tie.roles)
    else:
        post = _posts(people, staff, rows, raw("post")[rows], tie.is_next_outlet)
    earliest = np.maximum(people.opened[rows], STAFFED_SINCE)
    since = earliest + below(raw("since")[rows], 2500)
    generation = staff.generation_on(post, since)
    # a start while the post is vacant waits for the next holder
    is_vacant = since >= staff.left_on(post, generation)
    generation = np.where(is_vacant, generation + 1, generation)
    since = np.maximum(since, staff.hired_on(post, generation))
    fate = raw("fate")[rows]
    is_handed_over = chance(fate, 500) & (tie.relation == "manager")
    ends = chance(other_half(fate), 80)
    end = since + 30 + below(raw("end")[rows], 2000)
    left = staff.left_on(post, generation)
    until = np.where(is_handed_over, left, np.where(ends, end, NULL))
    until = np.where(until <= day + _NOTICE_DAYS, until, NULL)
    is_on_file = since <= day + _PREPARED_DAYS
    # the successor's row, if the post has one by now
    now = staff.generation_on(post, day)
    taken_over = staff.hired_on(post, now) + 3
    has_successor = is_on_file & is_handed_over & (now > generation) & (taken_over <= day)
    relation = RELATIONS.index(tie.relation)

    def joined(first: Int, second: Int) -> Int:
        return np.concatenate([first[is_on_file], second[has_successor]])

    return (
        joined(rows, rows),
        joined(staff.number_of(post, generation), staff.number_of(post, now)),
        joined(constant(relation, len(rows)), constant(relation, len(rows))),
        joined(since, taken_over),
        joined(until, constant(NULL, len(rows))),
    )


def _edge_case_rows(people: People, staff: Staff, day: int) -> tuple[Int, Int, Int, Int, Int]:
    """Rows of the chosen ties; each employee holds the post on the day on which the tie begins."""
    ties = [
        (customer, tie) for customer, case in people.edge_cases() for tie in case.ties
        if tie.since <= day + _PREPARED_DAYS
    ]  # fmt: skip
    since = np.array([tie.since for _, tie in ties], dtype=np.int64)
    outlet = constant(people.organisation.outlets[0], len(ties))
    role = np.array([tie.role for _, tie in ties], dtype=np.int64)
    place = np.array([tie.place for _, tie in ties], dtype=np.int64)
    return (
        np.array([customer for customer, _ in ties], dtype=np.int64),
        staff.holders(staff.post_of(outlet, role, place), since),
        np.array([RELATIONS.index(tie.relation) for _, tie in ties], dtype=np.int64),
        since,
        constant(NULL, len(ties)),
    )


def _department_posts(people: People, staff: Staff, rows: Int, raw: Raw, roles: tuple[int, int]) -> Int:
    """Pick a post in the department of the branch that has companies, or persons, as its customers."""
    organisation = people.organisation
    branch = organisation.parent[organisation.parent[people.outlet[rows]]]
    is_corporate = people.is_corporate[rows]
    found = constant(-1, len(rows))
    for level, role, is_here in (
        ("corporate_department", roles[0], is_corporate),
        ("wealth_center", roles[1], ~is_corporate),
    ):
        department_of = constant(-1, len(organisation.level))
        departments = organisation.of_level(level)
        department_of[organisation.parent[departments]] = departments
        found = np.where(is_here, staff.post_of(department_of[branch], role, below(raw, 1 << 30)), found)
    return found


def _posts(people: People, staff: Staff, rows: Int, raw: Raw, is_next_outlet: bool) -> Int:
    """Pick a post of the lead outlet, or of the next one; the first finance manager is a star."""
    outlets = people.organisation.outlets
    outlet = people.outlet[rows]
    if is_next_outlet:
        place = np.searchsorted(outlets, outlet)
        outlet = outlets[(place + 1) % len(outlets)]
    first = staff.start[outlet, OUTLET_MANAGER]
    end = staff.start[outlet, STAFF] + staff.count[outlet, STAFF]
    of_team = first + below(raw, end - first)
    of_companies = staff.post_of(outlet, OUTLET_MANAGER, below(raw, 1 << 30))
    post = np.where(people.is_corporate[rows], of_companies, of_team)
    star = staff.post_of(outlet, FINANCE_MANAGER, constant(0, len(rows)))
    is_star = chance(other_half(raw), 400) & (star >= 0) & ~people.is_corporate[rows]
    return np.where(is_star, star, post)
