"""The bank's organisations, its posts, and who holds a post on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from fenceng.sample.columns import NO_WORD, NULL, Days, Frame, Joined, Serial, Words
from fenceng.sample.days import day_number
from fenceng.sample.streams import Int, Streams, below, other_half
from fenceng.sample.wording import GIVEN_FIRST, GIVEN_SECOND, ROADS, SURNAMES

ROLES = (
    "branch_president", "branch_vice_president", "corporate_department_head",
    "branch_account_manager", "outlet_head", "outlet_deputy_head", "outlet_account_manager",
    "wealth_manager", "finance_manager", "lobby_manager", "outlet_staff",
    "chief_financial_officer", "accounting_head", "wealth_adviser", "product_manager", "teller",
)  # fmt: skip
(
    PRESIDENT, VICE_PRESIDENT, DEPARTMENT_HEAD, BRANCH_MANAGER, OUTLET_HEAD, DEPUTY_HEAD,
    OUTLET_MANAGER, WEALTH_MANAGER, FINANCE_MANAGER, LOBBY_MANAGER, STAFF,
    FINANCIAL_OFFICER, ACCOUNTING_HEAD, WEALTH_ADVISER, PRODUCT_MANAGER, TELLER,
) = range(len(ROLES))  # fmt: skip
# The posts of the roles from here on came later: they stand after all others and have numbers of their own, so that the
# others keep their holders.
_LATER_ROLES = FINANCIAL_OFFICER

LEVELS = (
    "head_office", "province_branch", "branch", "corporate_department", "wealth_center",
    "sub_branch", "outlet",
)  # fmt: skip
_LEVEL_PREFIX = ("H", "P", "B", "D", "W", "S", "O")

_CUSTOMERS_AN_OUTLET = 2000
_CHILDREN = 8
# Every post has its first holder by then; no relationship is older.
STAFFED_SINCE = day_number(date(2015, 1, 1))
_NOTICE_DAYS = 30  # a leaving day is known this long before
_HIRING_DAYS = 14  # a new colleague is on file this long before the first day
_LATER_NUMBERS = 5_000_000  # more than all employees of the other posts together
# The holders of some later posts leave on exactly the days on which months close, and their successors start on them.
LEAVING_DAYS = tuple(
    day_number(day) for day in (date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31))
)


@dataclass(frozen=True)
class Organisation:
    """The tree: head office, province branches, branches with departments, sub-branches, outlets.

    All arrays have one value per organisation; `parent` is a position, -1 for the head office.
    """

    level: Int
    parent: Int
    ordinal: Int  # 0.. within its level

    def of_level(self, level: str) -> Int:
        """Positions of a level's organisations."""
        return np.flatnonzero(self.level == LEVELS.index(level)).astype(np.int64)

    @cached_property
    def outlets(self) -> Int:
        """Positions of the outlets that have opened."""
        return self.of_level("outlet")[:-1]

    @cached_property
    def planned(self) -> Int:
        """Position of an outlet that has targets before it has people or customers."""
        return self.of_level("outlet")[-1:]

    def name_of(self, position: int) -> str:
        """Return the organisation id as the tables write it."""
        return f"ORG-{_LEVEL_PREFIX[self.level[position]]}{self.ordinal[position] + 1:05d}"

    def ids(self, positions: Int) -> Words:
        """Write organisation ids; -1 is null."""
        return Words(positions, [self.name_of(position) for position in range(len(self.level))])

    def frame(self) -> Frame:
        """Return the organization table; the tree does not change."""
        positions = np.arange(len(self.level), dtype=np.int64)
        names = [self._title(position) for position in range(len(self.level))]
        return {
            "org_id": self.ids(positions),
            "parent_org_id": self.ids(self.parent),
            "org_level": Words(self.level, LEVELS),
            "org_name": Words(positions, names),
        }

    def _title(self, position: int) -> str:
        ordinal = int(self.ordinal[position])
        road = ROADS[ordinal % len(ROADS)]
        again = f"第{ordinal // len(ROADS) + 1}" if ordinal >= len(ROADS) else ""
        match LEVELS[self.level[position]]:
            case "head_office":
                return "示例银行总行"
            case "province_branch":
                return f"示例银行示例省{ordinal + 1}分行"
            case "branch":
                return f"示例银行样本市{ordinal + 1}分行"
            case "corporate_department":
                return f"{self._title(int(self.parent[position]))}公司业务部"
            case "wealth_center":
                return f"{self._title(int(self.parent[position]))}财富中心"
            case "sub_branch":
                return f"示例银行{road}{again}中心支行"
            case _:
                return f"示例银行{road}{again}支行"


def build_organisation(customers: int) -> Organisation:
    """Lay out the tree for a number of customers; at least four outlets in two branches."""
    outlets = max(4, -(-customers // _CUSTOMERS_AN_OUTLET))
    sub_branches = max(2, -(-outlets // _CHILDREN))
    branches = max(2, -(-sub_branches // _CHILDREN))
    provinces = -(-branches // _CHILDREN)
    level: list[int] = []
    parent: list[int] = []
    ordinal: list[int] = []

    def add(name: str, parents: list[int]) -> list[int]:
        start = len(level)
        level.extend([LEVELS.index(name)] * len(parents))
        parent.extend(parents)
        ordinal.extend(range(len(parents)))
        return list(range(start, len(level)))

    def spread(count: int, over: list[int]) -> list[int]:
        return [over[position * len(over) // count] for position in range(count)]

    head = add("head_office", [-1])
    province = add("province_branch", head * provinces)
    branch = add("branch", spread(branches, province))
    add("corporate_department", province + branch)
    add("wealth_center", province + branch)
    sub_branch = add("sub_branch", spread(sub_branches, branch))
    add("outlet", [*spread(outlets, sub_branch), sub_branch[-1]])  # the last one has not opened yet
    return Organisation(
        np.array(level, dtype=np.int64),
        np.array(parent, dtype=np.int64),
        np.array(ordinal, dtype=np.int64),
    )


@dataclass(frozen=True)
class Staff:
    """The bank's posts, the later ones after all others, each part sorted by organisation and role.

    People succeed each other in a post.
    """

    organisation: Organisation
    org: Int
    role: Int
    later: int  # position of the first later post
    tenure: Int  # days a holder stays
    gap: Int  # days the post is vacant afterwards
    phase: Int  # days the first holder had been there by STAFFED_SINCE
    start: Int  # shape (organisations, roles): the first post
    count: Int  # shape (organisations, roles): the number of posts
    streams: Streams

    def hired_on(self, posts: Int, generation: Int) -> Int:
        """Day on which that generation's holder started."""
        return STAFFED_SINCE - self.phase[posts] + generation * (self.tenure + self.gap)[posts]

    def left_on(self, posts: Int, generation: Int) -> Int:
        """Day from which that generation's holder is gone."""
        return self.hired_on(posts, generation) + self.tenure[posts]

    def generation_on(self, posts: Int, days: int | Int) -> Int:
        """Return the last generation to start by a day (0 or more: STAFFED_SINCE)."""
        period = (self.tenure + self.gap)[posts]
        return np.asarray((days - STAFFED_SINCE + self.phase[posts]) // period, dtype=np.int64)

    def number_of(self, posts: Int, generation: Int) -> Int:
        """Return the employee number of a post's holder."""
        later = len(self.org) - self.later
        number = generation * np.where(posts < self.later, self.later, later) + posts + 1
        return np.where(posts < self.later, number, _LATER_NUMBERS + number - self.later)

    def holders(self, posts: Int, days: int | Int) -> Int:
        """Return the numbers of the employees in the posts on the days (NULL: vacant; position -1: no such post)."""
        known = np.maximum(posts, 0)
        generation = self.generation_on(known, days)
        vacant = (posts < 0) | (days >= self.left_on(known, generation))
        return np.where(vacant, NULL, self.number_of(known, generation))

    def post_of(self, orgs: Int, roles: int | Int, pick: Int) -> Int:
        """Return one of the posts of a role in an organisation, -1 without one (`pick` >= 0)."""
        count = self.count[orgs, roles]
        return np.where(count > 0, self.start[orgs, roles] + pick % np.maximum(count, 1), -1)

    def frame(self, day: int) -> Frame:
        """Return the employee table: everybody who ever started, or starts within two weeks."""
        posts = np.arange(len(self.org), dtype=np.int64)
        newest = self.generation_on(posts, day + _HIRING_DAYS)
        every = [(generation, posts[newest >= generation]) for generation in range(int(newest.max()) + 1)]
        held = np.concatenate([at for _, at in every])
        generation = np.concatenate([np.full(len(at), gen, np.int64) for gen, at in every])
        number = self.number_of(held, generation)
        left = self.left_on(held, generation)
        is_later = held >= self.later
        raw = np.zeros(len(held), dtype=np.uint64)
        for name, rows, base in (("", ~is_later, 1), (".later", is_later, _LATER_NUMBERS + 1)):
            places = number[rows] - base
            raw[rows] = self.streams.raw(f"employee.name{name}", int(places.max()) + 1)[places]
        second = below(other_half(raw), 2 * len(GIVEN_SECOND))
        return {
            "employee_id": Serial("E", number, 5),
            "employee_name": Joined(
                (
                    Words(below(raw, len(SURNAMES)), SURNAMES),
                    Words((raw % np.uint64(len(GIVEN_FIRST))).astype(np.int64), GIVEN_FIRST),
                    Words(np.where(second < len(GIVEN_SECOND), second, NO_WORD), GIVEN_SECOND),
                )
            ),
            "org_id": self.organisation.ids(self.org[held]),
            "role": Words(self.role[held], ROLES),
            "hired_on": Days(self.hired_on(held, generation)),
            "left_on": Days(np.where(left <= day + _NOTICE_DAYS, left, NULL)),
        }


def _posts(organisation: Organisation, customers: int) -> list[tuple[int, int]]:
    """List (organisation, role) of every post, in the order of `Staff`."""
    corporate_managers = max(3, customers // 20 // max(1, len(organisation.of_level("branch"))) // 60)
    posts: list[tuple[int, int]] = []
    for position, level in enumerate(organisation.level):
        ordinal = int(organisation.ordinal[position])
        match LEVELS[level]:
            case "province_branch" | "branch":
                wanted = {PRESIDENT: 1, VICE_PRESIDENT: 2, BRANCH_MANAGER: 1, FINANCIAL_OFFICER: 1}
            case "corporate_department":
                wanted = {DEPARTMENT_HEAD: 1, BRANCH_MANAGER: corporate_managers, PRODUCT_MANAGER: 1}
            case "wealth_center":
                wanted = {WEALTH_MANAGER: 2, FINANCE_MANAGER: 1, WEALTH_ADVISER: 2, PRODUCT_MANAGER: 1}
            case "sub_branch":
                wanted = {FINANCE_MANAGER: 1, LOBBY_MANAGER: 1}
            case "outlet" if position not in organisation.planned:
                size = 2 if ordinal == 0 else 1  # the first outlet is the largest
                wanted = {OUTLET_HEAD: 1, DEPUTY_HEAD: 1, OUTLET_MANAGER: 3 * size}
                # Some outlets lack a role, so its work goes to the organisations above.
                wanted[WEALTH_MANAGER] = 0 if ordinal % 5 == 3 else size
                wanted[FINANCE_MANAGER] = 0 if ordinal % 7 == 2 else size
                wanted[LOBBY_MANAGER] = 0 if ordinal % 11 == 5 else 2 * size
                wanted[STAFF] = 4 * size
                wanted[ACCOUNTING_HEAD] = 1
                wanted[WEALTH_ADVISER] = len(LEAVING_DAYS) if ordinal == 0 else 0
                wanted[TELLER] = 2 * size
            case _:
                wanted = {}
        posts += [(position, role) for role in sorted(wanted) for _ in range(wanted[role])]
    return sorted(posts, key=lambda post: (post[1] >= _LATER_ROLES, post))


def build_staff(organisation: Organisation, customers: int, streams: Streams) -> Staff:
    """Fill the tree with posts for a bank of so many customers."""
    posts = np.array(_posts(organisation, customers), dtype=np.int64)
    org, role = posts[:, 0], posts[:, 1]
    size = len(posts)
    tenure = 900 + below(streams.raw("post.tenure", size), 2700)
    gap = below(streams.raw("post.gap", size), 46)
    phase = below(streams.raw("post.phase", size), tenure)
    later = int(np.count_nonzero(role < _LATER_ROLES))
    is_timed = role == WEALTH_ADVISER
    gap = np.where(is_timed, 0, gap)
    leaving = np.array(LEAVING_DAYS, dtype=np.int64)[(np.cumsum(is_timed) - 1) % len(LEAVING_DAYS)]
    phase = np.where(is_timed, (STAFFED_SINCE - leaving) % tenure, phase)
    shape = (len(organisation.level), len(ROLES))
    count = np.zeros(shape, dtype=np.int64)
    np.add.at(count, (org, role), 1)
    start = np.zeros(shape, dtype=np.int64)
    first = np.flatnonzero(np.any(np.diff(posts, axis=0, prepend=-1) != 0, axis=1))
    start[org[first], role[first]] = first
    return Staff(
        organisation=organisation,
        org=org,
        role=role,
        later=later,
        tenure=tenure,
        gap=gap,
        phase=phase,
        start=start,
        count=count,
        streams=streams,
    )
