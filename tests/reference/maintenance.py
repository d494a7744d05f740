"""Who maintains a customer: assignment of T1..T5, the load of each person, and what a place is short of.

Ids are compared as Python compares strings, by code point, which is the order of their UTF-8 bytes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .customers import ZERO, Customer
from .history import ASSIGNMENTS, TIERS, Past
from .landing import Row
from .organizations import Tree
from .tiers import RANK, recommended_role
from .visits import employed

MAINTAINED = ("T1", "T2", "T3", "T4", "T5")
RECOMMENDED = {"wealth_manager", "finance_manager", "lobby_manager", "outlet_staff"}
BESIDE = {"T1": "outlet_head", "T3": "outlet_head"}
FLOOR, CAP = 500, 800  # customers of a person, whatever the role
ANSWERABLE = {"existing", "claim", "allocated"}  # a customer who chose has answered


class Relations:
    """The relationship rows that hold on D, of employed people: the earliest of a kind is the one that counts."""

    def __init__(self, rows: Iterable[Row], people: Mapping[str, Row], day: date) -> None:
        """`people`: who is employed on D, by id."""
        self._in_force: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._credited: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["since"] > day or row["employee_id"] not in people:
                continue
            if row["until"] is None or row["until"] > day:
                self._in_force[row["customer_id"], row["relation"]].append(row)
            if row["relation"] in ("manager", "referrer"):
                self._credited[row["customer_id"]].append(row)

    def earliest(self, customer_id: str, relation: str) -> Row | None:
        """The earliest relationship of a kind in force: by since, then employee_id."""
        return min(self._in_force[customer_id, relation], key=_by_age, default=None)

    def person(self, customer_id: str, relation: str) -> str | None:
        """The person of the earliest relationship of a kind in force."""
        row = self.earliest(customer_id, relation)
        return None if row is None else str(row["employee_id"])

    def initial_maintainer(self, customer_id: str) -> str | None:
        """The first manager or referrer who is still employed, whether the relationship has ended or not."""
        row = min(self._credited[customer_id], key=_by_age, default=None)
        return None if row is None else str(row["employee_id"])


def _by_age(row: Row) -> tuple[date, str]:
    return row["since"], row["employee_id"]


@dataclass
class Assignment:
    """The maintainer of one customer."""

    customer: Customer
    role: str  # recommended
    pool: str | None
    employee_id: str | None = None
    basis: str = "unassigned"

    @property
    def customer_id(self) -> str:
        """The customer's id."""
        return str(self.customer.row["customer_id"])

    @property
    def lead(self) -> str:
        """The customer's lead outlet."""
        return str(self.customer.row["org_id"])


@dataclass
class Staff:
    """The people employed on D and how many customers each has so far."""

    tree: Tree
    people: dict[str, Row]
    load: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, rows: Iterable[Row], tree: Tree, day: date) -> Staff:
        """Whoever is employed on D."""
        return cls(tree, {row["employee_id"]: row for row in rows if employed(row, day)})

    def pools(self) -> dict[tuple[str, str], list[str]]:
        """(base organization, role) -> its people."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for employee_id, person in sorted(self.people.items()):
            found[self.tree.base(person["org_id"]), person["role"]].append(employee_id)
        return found

    def take(self, assignment: Assignment, employee_id: str, basis: str) -> None:
        """Give a customer to a person."""
        assignment.employee_id, assignment.basis = employee_id, basis
        self.load[employee_id] += 1

    def has_room(self, employee_id: str) -> bool:
        """Below the cap."""
        return self.load[employee_id] < CAP


def assign(
    customers: Mapping[str, Customer], staff: Staff, relations: Relations, past: Past, day: date
) -> list[Assignment]:
    """Give every customer of T1..T5 a maintainer, in the five steps and the one between the third and the fourth."""
    pools = staff.pools()
    rows = [
        _asked(customer, pools, staff.tree, day) for customer in customers.values() if customer.tier_code in MAINTAINED
    ]
    # 1 and 2: all customers, whatever the load
    for one in rows:
        for relation, basis in (("customer_choice", "customer_choice"), ("manager", "existing")):
            if one.employee_id is None and (person := relations.person(one.customer_id, relation)):
                staff.take(one, person, basis)
    # 3: only the earliest claim of a customer is tried
    claims = [
        (claim["since"], one.customer_id, claim["employee_id"], one)
        for one in _open(rows)
        if (claim := relations.earliest(one.customer_id, "claim"))
    ]
    for _, _, person, one in sorted(claims, key=lambda claim: claim[:2]):
        if staff.has_room(person):
            staff.take(one, person, "claim")
    # 3b: who was allocated stays
    before = past.by_customer(ASSIGNMENTS)
    for one in sorted(_open(rows), key=_first_served):
        kept = before.get(one.customer_id)
        if kept is not None and kept["assignment_basis"] == "allocated" and _may_keep(one, kept["employee_id"], staff):
            staff.take(one, kept["employee_id"], "allocated")
    # 4: the person of the pool with the smallest load
    for one in sorted(_open(rows), key=_first_served):
        able = [person for person in pools.get((one.pool or "", one.role), ()) if staff.has_room(person)]
        if able:
            staff.take(one, min(able, key=lambda person: (staff.load[person], person)), "allocated")
    return rows


def _asked(customer: Customer, pools: Mapping[tuple[str, str], list[str]], tree: Tree, day: date) -> Assignment:
    """The recommended role, and the first organization on the way up that has people of it."""
    role = recommended_role(customer, day)
    assert role is not None
    way_up = tree.line(tree.base(customer.row["org_id"]))
    return Assignment(customer, role, next((org_id for org_id in way_up if (org_id, role) in pools), None))


def _open(rows: list[Assignment]) -> list[Assignment]:
    return [one for one in rows if one.employee_id is None]


def _first_served(one: Assignment) -> tuple[object, ...]:
    """Best tier, then larger financial assets, then customer_id."""
    return RANK[one.customer.tier_code], -one.customer.financial_assets, one.customer_id


def _may_keep(one: Assignment, employee_id: str, staff: Staff) -> bool:
    person = staff.people.get(employee_id)
    if person is None or not staff.has_room(employee_id):
        return False
    tree = staff.tree
    return tree.base(person["org_id"]) in tree.line(tree.base(one.lead))


# ---------------------------------------------------------------- marts


def assignment_rows(
    rows: list[Assignment],
    staff: Staff,
    relations: Relations,
    past: Past,
    movements: Mapping[str, str],
) -> list[Row]:
    """fct_maintenance_assignment_monthly. `movements`: the tier_movement of each customer in M."""
    before = past.by_customer(ASSIGNMENTS)
    table: list[Row] = []
    for one in rows:
        is_mismatch = one.employee_id is not None and staff.people[one.employee_id]["role"] != one.role
        pending = None
        if is_mismatch and one.basis in ANSWERABLE:
            is_up = movements[one.customer_id] == "up"
            pending = past.month if is_up else before.get(one.customer_id, {}).get("choice_pending_since")
        table.append(
            {
                "policy_month": past.month,
                "customer_id": one.customer_id,
                "tier_code": one.customer.tier_code,
                "lead_org_id": one.lead,
                "recommended_role": one.role,
                "employee_id": one.employee_id,
                "assignment_basis": one.basis,
                "is_role_mismatch": is_mismatch,
                "credit_employee_id": relations.initial_maintainer(one.customer_id) or one.employee_id,
                "pool_org_id": one.pool,
                "beside_employee_id": _beside(one, staff),
                "specialist_employee_id": relations.person(one.customer_id, "specialist"),
                "choice_pending_since": pending,
            }
        )
    return table


def _beside(one: Assignment, staff: Staff) -> str | None:
    role = BESIDE.get(one.customer.tier_code)
    heads = (
        employee_id
        for employee_id, person in staff.people.items()
        if role is not None and person["role"] == role and person["org_id"] == one.lead
    )
    return min(heads, default=None)


def load_rows(assigned: list[Row], tiers: Iterable[Row], staff: Staff, month: date) -> list[Row]:
    """fct_manager_load_monthly: whoever has a customer or the role for one."""
    assets = {row["customer_id"]: row["financial_assets"] for row in tiers}
    of: dict[str, list[Row]] = defaultdict(list)
    for row in assigned:
        if row["employee_id"] is not None:
            of[row["employee_id"]].append(row)
    return [
        {
            "policy_month": month,
            "employee_id": employee_id,
            "role": person["role"],
            "org_id": person["org_id"],
            "assigned_customers": len(of[employee_id]),
            "load_floor": FLOOR,
            "load_cap": CAP,
            "load_status": load_status(len(of[employee_id])),
            "mismatched_customers": sum(row["is_role_mismatch"] for row in of[employee_id]),
            "assigned_financial_assets": sum((assets[row["customer_id"]] for row in of[employee_id]), ZERO),
        }
        for employee_id, person in staff.people.items()
        if of[employee_id] or person["role"] in RECOMMENDED
    ]


def load_status(customers: int) -> str:
    """Against the floor and the cap, both of which are within."""
    if customers < FLOOR:
        return "under"
    return "over" if customers > CAP else "within"


def capacity_rows(assigned: list[Row], staff: Staff, month: date) -> list[Row]:
    """fct_maintenance_capacity_monthly: each customer once, where its role is asked for."""
    pools = staff.pools()
    places: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in assigned:
        places[row["pool_org_id"] or row["lead_org_id"], row["recommended_role"]].append(row)
    table: list[Row] = []
    for (org_id, role), rows in places.items():
        unassigned = sum(row["employee_id"] is None for row in rows)
        other = sum(row["is_role_mismatch"] for row in rows)
        people = len(pools[org_id, role]) if any(row["pool_org_id"] == org_id for row in rows) else 0
        needed = -(-len(rows) // CAP)
        table.append(
            {
                "policy_month": month,
                "org_id": org_id,
                "role": role,
                "customers": len(rows),
                "assigned_matching": len(rows) - unassigned - other,
                "assigned_other": other,
                "unassigned": unassigned,
                "people": people,
                "load_cap": CAP,
                "people_needed": needed,
                "people_short": max(needed - people, 0),
            }
        )
    return table


def responsible(assigned: list[Row], customers: Mapping[str, Customer], relations: Relations) -> dict[str, str | None]:
    """Whose list a customer is on: retail in T1..T5 the maintainer's, corporate the manager's, else nobody's."""
    people: dict[str, str | None] = {row["customer_id"]: row["employee_id"] for row in assigned}
    for customer_id, customer in customers.items():
        if customer.segment == "corporate":
            people[customer_id] = relations.person(customer_id, "manager")
    return people


def tiers_before(past: Past, customers: Mapping[str, Customer]) -> dict[str, str]:
    """Customer -> its tier in the month before M; a row of the other segment counts as no row."""
    return {
        customer_id: row["tier_code"]
        for customer_id, row in past.by_customer(TIERS).items()
        if customer_id in customers and row["segment"] == customers[customer_id].segment
    }
