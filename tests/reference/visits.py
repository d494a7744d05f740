"""The visits that the matrix requires, those that count, and whether the staff can make them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

from .customers import Customer
from .days import first_of_month, last_of_month, working_days
from .landing import Accepted, Row
from .organizations import Tree
from .signals import Doubtful, doubtful_contacts

ROLE_GROUPS = {
    "branch_leader": {"branch_president", "branch_vice_president"},
    "corporate_department_head": {"corporate_department_head"},
    "branch_account_manager": {"branch_account_manager"},
    "outlet_leader": {"outlet_head", "outlet_deputy_head"},
    "outlet_account_manager": {"outlet_account_manager"},
}
GROUP_OF = {role: group for group, roles in ROLE_GROUPS.items() for role in roles}
CO_MANAGED_GROUPS = {"branch_leader", "corporate_department_head", "branch_account_manager"}
COUNTING_CHANNELS = ("on_site", "phone")
# Contacts a person makes on a working day: examples for a bank to replace.
CONTACTS_A_DAY = {
    "branch_president": 1,
    "branch_vice_president": 1,
    "corporate_department_head": 2,
    "branch_account_manager": 4,
    "outlet_head": 2,
    "outlet_deputy_head": 2,
    "outlet_account_manager": 4,
}
MATRIX = {
    ("branch_leader", "C1"): 1,
    ("branch_leader", "C2"): 1,
    ("corporate_department_head", "C1"): 2,
    ("corporate_department_head", "C2"): 2,
    ("branch_account_manager", "C1"): 3,
    ("branch_account_manager", "C2"): 3,
    ("outlet_leader", "C2"): 2,
    ("outlet_leader", "C3"): 2,
    ("outlet_account_manager", "C2"): 3,
    ("outlet_account_manager", "C3"): 3,
}


# Per employee the visits that count for a duty and their customers
ByPerson = dict[str, tuple[set[str], set[str]]]
PEER_MINIMUM = 5  # employees; fewer are not compared


def employed(person: Row, day: date) -> bool:
    """Employed on D: hired by then and not yet left."""
    left = person["left_on"]
    return bool(person["hired_on"] <= day and (left is None or left > day))


@dataclass
class Duty:
    """One obligation of the month."""

    customer_id: str
    lead: str
    tier_code: str
    basis: str
    group: str
    required: int
    excluded: bool
    counted: dict[str, list[str]] = field(default_factory=dict)  # visit_id -> by whose rows it counts
    doubtful: int = 0
    last_contact_on: date | None = None
    status: str = ""


def duties_of(customer: Customer, previous: str | None, month: date) -> Iterator[tuple[str, str, str, int, bool]]:
    """(class, basis, role group, required, excluded) of every duty from the matrix."""
    tier = previous if previous is not None else customer.tier_code
    basis = "previous_month" if previous is not None else "current"
    co_managed = (customer.profile or {}).get("is_co_managed") is not False
    excluded = customer.row["opened_on"] >= month + timedelta(days=1)
    for group in ROLE_GROUPS:
        required = MATRIX.get((group, tier))
        if required is None or (group in CO_MANAGED_GROUPS and not co_managed):
            continue
        yield tier, basis, group, required, excluded


def obligations(
    landing: Accepted,
    customers: Mapping[str, Customer],
    previous: Mapping[str, str],
    tree: Tree,
    doubtful: Doubtful,
    day: date,
) -> tuple[list[Duty], ByPerson]:
    """All duties of the month with their contacts; per employee the visits and customers. `doubtful`: visit rows."""
    month = first_of_month(day)
    duties: dict[tuple[str, str], Duty] = {}
    for customer_id, customer in customers.items():
        for tier, basis, group, required, excluded in duties_of(customer, previous.get(customer_id), month):
            lead = customer.row["org_id"]
            duties[customer_id, group] = Duty(customer_id, lead, tier, basis, group, required, excluded)
    people = {row["employee_id"]: row for row in landing.rows["employee"]}
    by_person: ByPerson = defaultdict(lambda: (set(), set()))
    for visit in landing.rows["visit"]:
        person = people.get(visit["employee_id"])
        if person is None or visit["channel"] not in COUNTING_CHANNELS:
            continue
        duty = duties.get((visit["customer_id"], GROUP_OF.get(person["role"], "")))
        if duty is None or visit["visited_on"] > day or not tree.serves(person["org_id"], duty.lead):
            continue
        duty.last_contact_on = max(duty.last_contact_on or date.min, visit["visited_on"])
        if visit["visited_on"] >= month:
            duty.counted.setdefault(visit["visit_id"], []).append(visit["employee_id"])
            visits, visited = by_person[visit["employee_id"]]
            visits.add(visit["visit_id"])
            visited.add(visit["customer_id"])
    for duty in duties.values():
        duty.doubtful = doubtful_contacts(duty.counted, doubtful)
        if duty.excluded:
            duty.status = "excluded"
        elif len(duty.counted) >= duty.required:
            duty.status = "met"
        else:
            duty.status = "open" if day < last_of_month(day) else "missed"
    return list(duties.values()), by_person


def compliance_by_org(duties: list[Duty], tree: Tree, month: date) -> list[dict[str, object]]:
    """Roll the duties up to the lead outlet and every ancestor."""
    groups: dict[tuple[str, str], list[Duty]] = defaultdict(list)
    for duty in duties:
        for org_id in [duty.lead, *tree.ancestors(duty.lead)]:
            groups[org_id, duty.group].append(duty)
            groups[org_id, "all"].append(duty)
    table: list[dict[str, object]] = []
    for (org_id, group), members in groups.items():
        count = {
            status: sum(1 for duty in members if duty.status == status)
            for status in ("met", "open", "missed", "excluded")
        }
        due = [duty for duty in members if not duty.excluded]
        required = sum(duty.required for duty in due)
        credited = sum(min(len(duty.counted), duty.required) for duty in due)
        judged = count["met"] + count["open"] + count["missed"]
        met_anyway = sum(len(duty.counted) - duty.doubtful >= duty.required for duty in due)
        table.append(
            {
                "policy_month": month,
                "org_id": org_id,
                "org_level": tree.rows[org_id]["org_level"],
                "role_group": group,
                "obligations": len(members),
                **count,
                "required_contacts": required,
                "credited_contacts": credited,
                "compliance_rate": count["met"] / judged if judged else None,
                "contact_completion_rate": credited / required if required else None,
                "met_without_doubtful": met_anyway,
                "compliance_rate_without_doubtful": met_anyway / judged if judged else None,
            }
        )
    return table


def compliance_by_employee(
    by_person: ByPerson, people: Mapping[str, Row], doubtful: Doubtful, tree: Tree, month: date
) -> list[Row]:
    """fct_visit_compliance_by_employee_monthly: whoever made a visit that counts for a duty, excluded or not."""
    peers: dict[tuple[str, str], list[int]] = defaultdict(list)
    groups = {name: (people[name]["role"], tree.branch(people[name]["org_id"])) for name in by_person}
    for name, group in groups.items():
        peers[group].append(len(by_person[name][0]))
    return [
        {
            "policy_month": month,
            "employee_id": name,
            "role": people[name]["role"],
            "org_id": people[name]["org_id"],
            "counted_contacts": len(visits),
            "customers_contacted": len(visited),
            "doubtful_contacts": sum((visit_id, name) in doubtful for visit_id in visits),
            "peers": len(peers[groups[name]]),
            "peer_median_contacts": _median(peers[groups[name]]),
        }
        for name, (visits, visited) in by_person.items()
    ]


def _median(contacts: list[int]) -> float | None:
    return float(median(map(Fraction, contacts))) if len(contacts) >= PEER_MINIMUM else None


def capacity(duties: list[Duty], landing: Accepted, tree: Tree, day: date) -> list[dict[str, object]]:
    """Contacts that the month's duties require against those that the staff can make.

    A duty is served by the nearest organization with employed people of the role group; among equally near ones by the
    first id; if there is nobody anywhere it stays with the outlet.
    """
    month = first_of_month(day)
    days = working_days(month, last_of_month(day))
    people: dict[tuple[str, str], list[str]] = defaultdict(list)
    for person in landing.rows["employee"]:
        if person["role"] in GROUP_OF and employed(person, day):
            people[person["org_id"], GROUP_OF[person["role"]]].append(person["role"])
    served: dict[tuple[str, str], list[Duty]] = defaultdict(list)
    leads = {duty.lead for duty in duties}
    nearest = {lead: [org_id for step in tree.by_nearness(lead) for org_id in step] for lead in leads}
    for duty in duties:
        if not duty.excluded:
            able = (org_id for org_id in nearest[duty.lead] if (org_id, duty.group) in people)
            served[next(able, duty.lead), duty.group].append(duty)
    table: list[dict[str, object]] = []
    for place in served.keys() | people.keys():
        org_id, group = place
        required = sum(duty.required for duty in served.get(place, []))
        possible = sum(CONTACTS_A_DAY[role] for role in people.get(place, [])) * days
        of_one = min(CONTACTS_A_DAY[role] for role in ROLE_GROUPS[group]) * days
        table.append(
            {
                "policy_month": month,
                "org_id": org_id,
                "role_group": group,
                "working_days": days,
                "duties": len(served.get(place, [])),
                "required_contacts": Decimal(required),
                "people": len(people.get(place, [])),
                "possible_contacts": possible,
                "people_needed": -(-required // of_one),
                "utilisation": required / possible if possible else None,
                "is_feasible": required <= possible,
            }
        )
    return table
