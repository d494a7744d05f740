"""Everything known of a customer in one row: channels, depth, past months, contacts, data, links, stars."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil

from .customers import ZERO, Customer
from .days import fen, first_of_month, first_of_quarter, months_before, plus_months
from .history import TIERS, VIEWS, Past
from .landing import Accepted, Row
from .organizations import Tree
from .tiers import is_credit_customer, is_institution, own_measure, size_of, statement_of
from .visits import COUNTING_CHANNELS, ROLE_GROUPS

NEW_MONTHS = 12
CONTRIBUTION_WINDOWS = (3, 6, 12)
MONTHS_AGO = (1, 3, 6, 12)
CHURN_MONTHS, CHURN_DROP = 3, Fraction(1, 2)
STALE_MONTHS = 24
HIGH_LEVELS = {"province_branch", "head_office"}
WEIGHTS = {
    "retail": {"mobile_phone": Decimal("0.4"), "birth_date": Decimal("0.3"), "id_number": Decimal("0.3")},
    "corporate": {
        "mobile_phone": Decimal("0.3"),
        "id_number": Decimal("0.3"),
        "size": Decimal("0.3"),
        "credit_rating": Decimal("0.1"),
    },
}
CONFIDENCE = (("high", Decimal("0.8")), ("medium", Decimal("0.5")))
STARS = ((5, Fraction(5, 100)), (4, Fraction(20, 100)), (3, Fraction(50, 100)), (2, Fraction(80, 100)))


@dataclass(frozen=True)
class Sources:
    """What the view is made of: the customers, the month's own tables by customer, and the past."""

    data: Accepted
    customers: Mapping[str, Customer]
    tiers: Mapping[str, Row]
    holdings: Iterable[Row]
    unreachable: Mapping[str, str]  # the three reasons, tier or not
    tree: Tree
    past: Past
    day: date


def view_rows(sources: Sources) -> list[Row]:
    """fct_customer_360_monthly, in the order of the customers."""
    day, month = sources.day, first_of_month(sources.day)
    depth = Counter(row["customer_id"] for row in sources.holdings)
    services = _services(sources.data, day)
    contacts = _contacts(sources)
    links = _links(sources)
    stars = _stars(sources)
    past_tiers = {ago: sources.past.by_customer(TIERS, ago) for ago in MONTHS_AGO}
    past_views = sources.past.by_customer(VIEWS)
    table: list[Row] = []
    for customer_id, customer in sources.customers.items():
        tier = sources.tiers[customer_id]
        retail = customer.segment == "retail"
        contact = contacts[customer_id]
        table.append(
            {
                "policy_month": month,
                "as_of_date": day,
                "customer_id": customer_id,
                "segment": customer.segment,
                "lead_org_id": customer.row["org_id"],
                "tier_code": customer.tier_code,
                "is_new_corporate": None if retail else customer.row["opened_on"] > plus_months(day, -NEW_MONTHS),
                "is_institution": None if retail else is_institution(customer),
                "is_borrower": None if retail else is_credit_customer(customer),
                "product_depth": depth[customer_id],
                "service_depth": len(services[customer_id]),
                **_contributions(customer, month),
                **_ago(customer_id, past_tiers),
                **_drop(customer, tier, past_tiers[CHURN_MONTHS].get(customer_id)),
                "last_contact_on": contact.last,
                "high_level_visits": len(contact.high) if customer.tier_code == "C1" else None,
                **_red_list(customer, sources.unreachable, past_views.get(customer_id), month),
                **_profile(customer, tier, sources.unreachable, day),
                **_statement(customer, sources, day),
                **_linked(links[customer_id], sources.tiers),
                "region_star": stars[customer_id],
            }
        )
    return table


# ---------------------------------------------------------------- balances and business


def _services(data: Accepted, day: date) -> dict[str, set[str]]:
    """Customer -> kinds of service in use."""
    used: dict[str, set[str]] = defaultdict(set)
    for row in data.rows.get("service", ()):
        if row["opened_on"] <= day and (row["closed_on"] is None or row["closed_on"] > day):
            used[row["customer_id"]].add(row["service_kind"])
    return used


def _contributions(customer: Customer, month: date) -> Row:
    """Sums over the delivered months of each window; None if none was delivered."""
    sums: Row = {}
    for months in CONTRIBUTION_WINDOWS:
        rows = [row for row in customer.contributions if months_before(month, months) <= row["month"] < month]
        for name in ("revenue", "economic_capital_return"):
            sums[f"{name}_{months}m"] = fen(sum((row[name] for row in rows), ZERO)) if rows else None
    return sums


def _ago(customer_id: str, past: Mapping[int, Mapping[str, Row]]) -> Row:
    """Published amounts of months ago."""
    return {
        f"{name}_{ago}m_ago": rows[customer_id][name] if customer_id in rows else None
        for name in ("deposit_balance", "financial_assets")
        for ago, rows in past.items()
    }


def _drop(customer: Customer, tier: Row, before: Row | None) -> Row:
    """The fall of the own measure over the window, and whether the customer left in all but name."""
    then = ZERO if before is None else own_measure(customer, before)
    if before is None or then <= 0:
        return {"drop_share": None, "is_churned": False}
    now = own_measure(customer, tier)
    is_low = Fraction(now) <= (1 - CHURN_DROP) * Fraction(then)
    return {
        "drop_share": float(1 - Fraction(now) / Fraction(then)),
        "is_churned": bool(before["is_in_scope"]) and is_low,
    }


# ---------------------------------------------------------------- contacts


@dataclass
class Contacts:
    """A customer's visits that count."""

    last: date | None
    high: set[str]


def _contacts(sources: Sources) -> dict[str, Contacts]:
    """The last contact by anybody, and the visits of this quarter with a leader or somebody from above the branch."""
    people = {row["employee_id"]: row for row in sources.data.rows["employee"]}
    quarter = first_of_quarter(sources.day)
    found: dict[str, Contacts] = defaultdict(lambda: Contacts(None, set()))
    for visit in sources.data.rows["visit"]:
        on = visit["visited_on"]
        if visit["channel"] not in COUNTING_CHANNELS or on > sources.day:
            continue
        contacts = found[visit["customer_id"]]
        contacts.last = max(contacts.last or on, on)
        person = people.get(visit["employee_id"])
        if on >= quarter and person is not None and _is_high(person, sources.tree):
            contacts.high.add(visit["visit_id"])
    return found


def _is_high(person: Row, tree: Tree) -> bool:
    if person["role"] in ROLE_GROUPS["branch_leader"]:
        return True
    return tree.rows[tree.base(person["org_id"])]["org_level"] in HIGH_LEVELS


def _red_list(customer: Customer, unreachable: Mapping[str, str], before: Row | None, month: date) -> Row:
    """The reason of customers in scope, and the first month of the unbroken run."""
    reason = unreachable.get(customer.row["customer_id"]) if customer.is_in_scope else None
    since = None
    if reason is not None:
        since = month if before is None or before["red_list_since"] is None else before["red_list_since"]
    return {"red_list_reason": reason, "red_list_since": since}


# ---------------------------------------------------------------- what is known


def _profile(customer: Customer, tier: Row, unreachable: Mapping[str, str], day: date) -> Row:
    """How complete the data are, weighed, and how far they can be trusted."""
    declared = customer.profile or {}
    filled = {
        "mobile_phone": customer.row["customer_id"] not in unreachable,
        "id_number": customer.row["id_number"] is not None,
        "birth_date": customer.row["birth_date"] is not None,
        "credit_rating": declared.get("credit_rating") is not None,
        "size": tier["size_tier"] != "unknown",
    }
    weights = WEIGHTS[customer.segment]
    share = sum((weight for name, weight in weights.items() if filled[name]), ZERO) / sum(weights.values())
    return {
        "profile_completeness": share.quantize(Decimal("1e-6"), rounding=ROUND_HALF_UP),
        "data_confidence": next((name for name, least in CONFIDENCE if share >= least), "low"),
        "settlement_share": declared.get("settlement_share") if customer.segment == "corporate" else None,
    }


def _statement(customer: Customer, sources: Sources, day: date) -> Row:
    """The end of the statement that the size rests on, else of the newest annual one; and whether it is too old."""
    if customer.segment == "retail":
        return {"statement_period_end": None, "is_statement_stale": None}
    _, basis = size_of(customer, day)
    established_on = (customer.profile or {}).get("established_on") if basis == "total_assets" else None
    statement = statement_of(customer, established_on, day)
    ended = None if statement is None else statement["period_end"]
    stale = None
    if (
        "financial_statement" in sources.data.delivered
        and is_credit_customer(customer)
        and not is_institution(customer)
    ):
        stale = ended is None or plus_months(ended, STALE_MONTHS) < day
    return {"statement_period_end": ended, "is_statement_stale": stale}


def _links(sources: Sources) -> dict[str, set[str]]:
    """Customer -> the other customers linked with it, in either direction, one step."""
    links: dict[str, set[str]] = defaultdict(set)
    for row in sources.data.rows.get("customer_link", ()):
        one, other = row["customer_id"], row["linked_customer_id"]
        if one != other:
            links[one].add(other)
            links[other].add(one)
    return links


def _linked(others: Iterable[str], tiers: Mapping[str, Row]) -> Row:
    rows = [tiers[other] for other in others]
    return {
        "linked_customers": len(rows),
        "linked_financial_assets": sum((row["financial_assets"] for row in rows), ZERO),
        "linked_loan_balance": sum((row["loan_balance"] for row in rows), ZERO),
    }


# ---------------------------------------------------------------- stars


def _stars(sources: Sources) -> dict[str, int]:
    """Customer -> 1 to 5 within the customers of its segment in its region."""
    regions: dict[tuple[str, str], list[tuple[Decimal, str]]] = defaultdict(list)
    for customer_id, customer in sources.customers.items():
        region = sources.tree.branch(customer.row["org_id"])
        value = own_measure(customer, sources.tiers[customer_id])
        regions[region, customer.segment].append((-value, customer_id))
    stars: dict[str, int] = {}
    for members in regions.values():
        for place, (value, customer_id) in enumerate(sorted(members), start=1):
            stars[customer_id] = star(place, len(members)) if value < 0 else 1
    return stars


def star(place: int, members: int) -> int:
    """The star of a place, from 1, among that many customers."""
    return next((stars for stars, share in STARS if place <= ceil(share * members)), 1)
