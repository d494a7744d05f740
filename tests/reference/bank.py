"""docs/semantics.md in plain Python: what a refresh for one business date must publish.

Sections 3 and 5 to 9, computed a second time. Exact decimals throughout,
rounded half-up to fen at the very end, and only in what is published.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from pathlib import Path

import chinese_calendar

from .contract import TABLES
from .landing import Accepted, Reject, Row, accept, delivery_faults

ZERO = Decimal(0)
YI = Decimal(100_000_000)  # 100 million

RETAIL_KINDS = {"personal", "sole_proprietor"}
DEPOSITS = {"demand_deposit", "time_deposit", "structured_deposit"}
DEPARTMENTS = {"corporate_department", "wealth_center"}
GRADES = ["standard", "gold", "platinum", "diamond"]
RANK = {"T1": 1, "T2": 2, "T3": 3, "T4": 4, "T5": 5, "T0": 6, "C1": 1, "C2": 2, "C3": 3, "C0": 4}

ROLE_GROUPS = {
    "branch_leader": {"branch_president", "branch_vice_president"},
    "corporate_department_head": {"corporate_department_head"},
    "branch_account_manager": {"branch_account_manager"},
    "outlet_leader": {"outlet_head", "outlet_deputy_head"},
    "outlet_account_manager": {"outlet_account_manager"},
}
CO_MANAGED_GROUPS = {"branch_leader", "corporate_department_head", "branch_account_manager"}
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

INSTITUTIONS_BY_TYPE = {"public_hospital", "school", "design_institute"}
LEVEL_SIZE = {
    "ministry": "large",
    "province": "large",
    "municipality": "large",
    "prefecture": "medium",
    "city": "medium",
    "district": "medium",
    "county": "medium",
    "township": "small",
    "town": "small",
    "village": "small",
}
SIZES = ["extra_large", "large", "medium", "small"]  # below the last bound: micro
ASSET_BOUNDS = [300 * YI, 6 * YI, YI * 6 / 10, YI / 10]
CAPITAL_BOUNDS = [50 * YI, YI, YI / 10, YI * 5 / 100]


@dataclass
class Result:
    """What the reference says about one business date."""

    business_date: date
    policy_month: date
    marts: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    rejects: set[Reject] = field(default_factory=set)
    held_back: set[tuple[str, str, str]] = field(default_factory=set)


@dataclass
class Customer:
    """Everything that is measured of one customer on D."""

    row: Row
    profile: Row | None = None
    deposit_balance: Decimal = ZERO
    financial_assets: Decimal = ZERO
    custody_margin_balance: Decimal = ZERO
    loan_balance: Decimal = ZERO
    target_credit_amount: Decimal = ZERO
    card_spend: Decimal = ZERO
    grades: set[str] = field(default_factory=set)
    has_open_account: bool = False
    has_valid_line: bool = False
    has_approved_line: bool = False
    has_principal: bool = False
    statements: list[Row] = field(default_factory=list)
    tier_code: str = ""
    is_gap_fill: bool = False
    routes: set[str] = field(default_factory=set)
    is_in_scope: bool = False

    @property
    def segment(self) -> str:
        """Retail or corporate."""
        return "retail" if self.row["customer_kind"] in RETAIL_KINDS else "corporate"

    @property
    def card_spend_12m(self) -> Decimal:
        """Purchases less refunds, never below 0."""
        return max(self.card_spend, ZERO)

    @property
    def best_card_grade(self) -> str | None:
        """The highest grade of the active cards."""
        return max(self.grades, key=GRADES.index) if self.grades else None


def fen(value: Decimal) -> Decimal:
    """Round published money: two places, half up."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def first_of_month(day: date) -> date:
    """M."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """Return the last calendar day of the month of `day`."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def year_before(day: date) -> date:
    """D - 12 months; 29 February becomes 28 February."""
    length = calendar.monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, min(day.day, length))


def working_days(first: date, last: date) -> int:
    """Working days of the Chinese calendar from first to last, both included."""
    span = (last - first).days + 1
    days = (first + timedelta(days=offset) for offset in range(span))
    return sum(1 for day in days if chinese_calendar.is_workday(day))


def employed(person: Row, day: date) -> bool:
    """Employed on D: hired by then and not yet left."""
    left = person["left_on"]
    return bool(person["hired_on"] <= day and (left is None or left > day))


# ---------------------------------------------------------------- measures


def measure(landing: Accepted, day: date) -> dict[str, Customer]:
    """All measures of every customer of the accepted snapshot."""
    rows = landing.rows
    rates = landing.rates
    customers = {row["customer_id"]: Customer(row) for row in rows["customer"]}
    for row in rows["corporate_profile"]:
        customers[row["customer_id"]].profile = row
    for row in rows["account"]:
        if row["status"] == "closed":
            continue
        customer = customers[row["customer_id"]]
        customer.has_open_account = True
        amount = max(row["balance"], ZERO) * rates[row["currency"]]
        customer.financial_assets += amount
        if row["product_type"] in DEPOSITS:
            customer.deposit_balance += amount
    for row in rows["brokerage"]:
        if row["status"] == "closed":
            continue
        customer = customers[row["customer_id"]]
        amount = row["margin_balance"] * rates[row["currency"]]
        customer.custody_margin_balance += amount
        customer.financial_assets += amount
    for row in rows["loan"]:
        if row["status"] != "active":
            continue
        customer = customers[row["customer_id"]]
        customer.loan_balance += row["principal_balance"] * rates[row["currency"]]
        customer.has_principal |= row["principal_balance"] > 0
    for row in rows["credit_line"]:
        if row["valid_from"] > day or (row["valid_to"] is not None and row["valid_to"] <= day):
            continue
        customer = customers[row["customer_id"]]
        customer.has_valid_line = True
        customer.has_approved_line |= row["approved_amount"] > 0
        customer.target_credit_amount += row["target_amount"] * rates[row["currency"]]
    for row in rows["card"]:
        if row["status"] == "active":
            customers[row["customer_id"]].grades.add(row["card_grade"])
    credit_cards = {row["card_id"] for row in rows["card"] if row["card_kind"] == "credit"}
    signs = {"purchase": 1, "refund": -1}
    for row in rows["card_transaction"]:
        spender = customers.get(row["customer_id"])
        sign = signs.get(row["transaction_kind"])
        if spender is None or sign is None or row["card_id"] not in credit_cards:
            continue
        if year_before(day) < row["transacted_on"] <= day:
            spender.card_spend += sign * row["amount"] * rates[row["currency"]]
    for row in rows["financial_statement"]:
        # An event may name somebody who has left since.
        if row["customer_id"] in customers:
            customers[row["customer_id"]].statements.append(row)
    return customers


# ---------------------------------------------------------------- retail


def classify_retail(customer: Customer) -> None:
    """Routes, scope and tier of a retail customer."""
    assets = customer.financial_assets
    if assets >= 50_000:
        customer.routes.add("aum")
    if customer.card_spend_12m >= 50_000:
        customer.routes.add("card_spend")
    if customer.loan_balance >= 300_000:
        customer.routes.add("loan")
    if customer.custody_margin_balance >= 10_000:
        customer.routes.add("custody")
    if customer.best_card_grade in ("gold", "platinum", "diamond"):
        customer.routes.add("card_grade")
    if customer.row["wealth_admission"] is not None:
        customer.routes.add("admission")
    customer.is_in_scope = bool(customer.routes)

    if assets > 2_000_000 or customer.row["wealth_admission"] is not None:
        customer.tier_code = "T1"
    elif assets >= 200_000:
        customer.tier_code = "T2"
    elif assets >= 100_000:
        customer.tier_code = "T3"
    elif assets >= 50_000:
        customer.tier_code = "T4"
    elif customer.is_in_scope:
        customer.tier_code = "T5"
        customer.is_gap_fill = True
    else:
        customer.tier_code = "T0"


# ---------------------------------------------------------------- corporate


def classify_corporate(customer: Customer) -> None:
    """Visit class of a corporate customer."""
    deposits = customer.deposit_balance
    if deposits >= 2 * YI or customer.target_credit_amount >= 2 * YI:
        customer.tier_code = "C1"
    elif deposits >= YI / 2:
        customer.tier_code = "C2"
    elif customer.has_open_account:
        customer.tier_code = "C3"
    elif customer.has_valid_line:
        customer.tier_code = "C3"
        customer.is_gap_fill = True
    else:
        customer.tier_code = "C0"
    customer.is_in_scope = customer.tier_code != "C0"


def size_of(customer: Customer, day: date) -> tuple[str | None, str | None]:
    """Size tier and basis; none for retail."""
    if customer.segment == "retail":
        return None, None
    profile = customer.profile or {}
    by_type = profile.get("institution_type") in INSTITUTIONS_BY_TYPE
    if customer.row["customer_kind"] == "institution" or by_type:
        level = profile.get("administrative_level")
        return LEVEL_SIZE.get(level or "", "unknown"), "administrative_level"
    if customer.has_approved_line or customer.has_principal:
        statement = statement_of(customer, profile.get("established_on"), day)
        if statement is not None:
            return _band(statement["total_assets"], ASSET_BOUNDS), "total_assets"
    capital = profile.get("registered_capital")
    if capital is None:
        return "unknown", None
    return _band(capital, CAPITAL_BOUNDS), "registered_capital"


def statement_of(customer: Customer, established_on: date | None, day: date) -> Row | None:
    """Choose the newest annual statement; of any kind when established in the year of D."""
    is_new = established_on is not None and established_on.year == day.year
    usable = [
        row for row in customer.statements if row["period_end"] <= day and (is_new or row["report_kind"] == "annual")
    ]
    # the same period twice: the annual one
    return max(usable, key=lambda row: (row["period_end"], row["report_kind"] == "annual"), default=None)


def _band(value: Decimal, bounds: list[Decimal]) -> str:
    for size, bound in zip(SIZES, bounds, strict=True):
        if value >= bound:
            return size
    return "micro"


def amount_to_next(customer: Customer) -> Decimal | None:
    """CNY missing to the next higher tier on the tier's own measure."""
    assets, deposits = customer.financial_assets, customer.deposit_balance
    missing: dict[str, Decimal] = {
        "T2": 2_000_000 - assets,
        "T3": 200_000 - assets,
        "T4": 100_000 - assets,
        "T5": 50_000 - assets,
        "T0": 50_000 - assets,
        "C2": 2 * YI - deposits,
        "C3": YI / 2 - deposits,
        "C0": YI / 2 - deposits,
    }
    return fen(missing[customer.tier_code]) if customer.tier_code in missing else None


def movement(previous: str | None, current: str) -> str:
    """Compare by rank: new, up, same or down."""
    if previous is None:
        return "new"
    if RANK[current] == RANK[previous]:
        return "same"
    return "up" if RANK[current] < RANK[previous] else "down"


# ---------------------------------------------------------------- organizations


class Tree:
    """The accepted organizations."""

    def __init__(self, rows: list[Row]) -> None:
        """Index the organizations by id."""
        self.rows: dict[str, Row] = {row["org_id"]: row for row in rows}
        self._ancestors: dict[str, list[str]] = {}

    def ancestors(self, org_id: str) -> list[str]:
        """Strict ancestors, nearest first; a cycle ends where it would come back."""
        if org_id not in self._ancestors:
            seen: list[str] = []
            at = self.rows[org_id]["parent_org_id"]
            while at in self.rows and at != org_id and at not in seen:
                seen.append(at)
                at = self.rows[at]["parent_org_id"]
            self._ancestors[org_id] = seen
        return self._ancestors[org_id]

    def nearest(self, org_id: str, level: str) -> str | None:
        """Return the organization itself or its nearest ancestor of a level."""
        for candidate in [org_id, *self.ancestors(org_id)]:
            if self.rows[candidate]["org_level"] == level:
                return candidate
        return None

    def serves(self, org_id: str, lead: str) -> bool:
        """Staff of `org_id` may visit for `lead`: itself, ancestors, departments of ancestors."""
        ancestors = self.ancestors(lead)
        if org_id == lead or org_id in ancestors:
            return True
        organization = self.rows[org_id]
        return organization["org_level"] in DEPARTMENTS and organization["parent_org_id"] in ancestors


# ---------------------------------------------------------------- visits


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
    counted: set[str] = field(default_factory=set)
    last_contact_on: date | None = None
    status: str = ""


def duties_of(customer: Customer, previous: str | None, month: date) -> Iterator[tuple[str, str, str, int, bool]]:
    """(class, basis, role group, required, excluded) of every duty that the matrix makes."""
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
    previous: Mapping[str, str | None],
    tree: Tree,
    day: date,
) -> tuple[list[Duty], dict[str, tuple[set[str], set[str]]]]:
    """All duties of the month with their contacts; per employee the visits and customers."""
    month = first_of_month(day)
    duties: dict[tuple[str, str], Duty] = {}
    for customer_id, customer in customers.items():
        for tier, basis, group, required, excluded in duties_of(customer, previous.get(customer_id), month):
            lead = customer.row["org_id"]
            duties[customer_id, group] = Duty(customer_id, lead, tier, basis, group, required, excluded)
    group_of = {role: group for group, roles in ROLE_GROUPS.items() for role in roles}
    people = {row["employee_id"]: row for row in landing.rows["employee"]}
    by_person: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for visit in landing.rows["visit"]:
        person = people.get(visit["employee_id"])
        if person is None or visit["channel"] not in ("on_site", "phone"):
            continue
        duty = duties.get((visit["customer_id"], group_of.get(person["role"], "")))
        if duty is None or visit["visited_on"] > day or not tree.serves(person["org_id"], duty.lead):
            continue
        duty.last_contact_on = max(duty.last_contact_on or date.min, visit["visited_on"])
        if visit["visited_on"] >= month:
            duty.counted.add(visit["visit_id"])
            visits, visited = by_person[visit["employee_id"]]
            visits.add(visit["visit_id"])
            visited.add(visit["customer_id"])
    for duty in duties.values():
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
            }
        )
    return table


# ---------------------------------------------------------------- all together


def compute(landing: Path, business_date: date, previous_month: Mapping[str, str] | None) -> Result:
    """Compute the marts of one business date from a landing zone; it must not be blocked.

    `previous_month` maps customer_id to the tier_code published for the month before M.
    """
    return compute_from(accept(landing, business_date), business_date, previous_month)


def compute_from(data: Accepted, business_date: date, previous_month: Mapping[str, str] | None) -> Result:
    """Compute the marts of one business date from what was accepted for it."""
    with localcontext(Context(prec=60)):
        return _compute(data, business_date, previous_month or {})


def _compute(data: Accepted, day: date, previous: Mapping[str, str]) -> Result:
    month = first_of_month(day)
    tree = Tree(data.rows["organization"])
    customers = measure(data, day)
    for customer in customers.values():
        if customer.segment == "retail":
            classify_retail(customer)
        else:
            classify_corporate(customer)

    result = Result(
        business_date=day,
        policy_month=month,
        received=data.received,
        accepted=data.accepted,
        quarantined=data.quarantined,
        rejects=data.rejects,
        held_back=data.held_back,
    )
    marts = result.marts
    marts["dim_tier"] = [
        {
            "tier_code": code,
            "segment": "retail" if code.startswith("T") else "corporate",
            "tier_rank": rank,
        }
        for code, rank in RANK.items()
    ]
    marts["dim_customer"] = [
        {
            "customer_id": customer_id,
            "segment": customer.segment,
            "customer_kind": customer.row["customer_kind"],
            "lead_org_id": customer.row["org_id"],
            "opened_on": customer.row["opened_on"],
        }
        for customer_id, customer in customers.items()
    ]
    marts["dim_organization"] = [
        {
            "org_id": org_id,
            "org_name": row["org_name"],
            "org_level": row["org_level"],
            "parent_org_id": row["parent_org_id"],
            "outlet_id": tree.nearest(org_id, "outlet"),
            "sub_branch_id": tree.nearest(org_id, "sub_branch"),
            "branch_id": tree.nearest(org_id, "branch"),
            "province_branch_id": tree.nearest(org_id, "province_branch"),
        }
        for org_id, row in tree.rows.items()
    ]
    marts["dim_employee"] = [
        {
            "employee_id": row["employee_id"],
            "org_id": row["org_id"],
            "role": row["role"],
            "is_active": employed(row, day),
        }
        for row in data.rows["employee"]
    ]
    marts["fct_customer_tier_monthly"] = [
        _tier_row(customer, previous.get(customer_id), day) for customer_id, customer in customers.items()
    ]
    marts["fct_tier_evidence"] = list(_evidence(customers, month))
    marts["fct_tier_migration_monthly"] = _migration(marts["fct_customer_tier_monthly"], month)

    duties, by_person = obligations(data, customers, previous, tree, day)
    share = working_days(month, day) / working_days(month, last_of_month(day))
    marts["fct_visit_obligation_monthly"] = [
        {
            "policy_month": month,
            "as_of_date": day,
            "customer_id": duty.customer_id,
            "lead_org_id": duty.lead,
            "tier_code": duty.tier_code,
            "obligation_basis": duty.basis,
            "role_group": duty.group,
            "required_contacts": duty.required,
            "counted_contacts": len(duty.counted),
            "shortfall": 0 if duty.excluded else max(duty.required - len(duty.counted), 0),
            "status": duty.status,
            "exclusion_reason": "first_partial_month" if duty.excluded else None,
            "expected_to_date": duty.required * share,
            "last_contact_on": duty.last_contact_on,
        }
        for duty in duties
    ]
    marts["fct_visit_compliance_by_org_monthly"] = compliance_by_org(duties, tree, month)
    people = {row["employee_id"]: row for row in data.rows["employee"]}
    marts["fct_visit_compliance_by_employee_monthly"] = [
        {
            "policy_month": month,
            "employee_id": employee_id,
            "role": people[employee_id]["role"],
            "org_id": people[employee_id]["org_id"],
            "counted_contacts": len(visits),
            "customers_contacted": len(visited),
        }
        for employee_id, (visits, visited) in by_person.items()
    ]
    return result


def _tier_row(customer: Customer, previous: str | None, day: date) -> dict[str, object]:
    size_tier, size_basis = size_of(customer, day)
    return {
        "policy_month": first_of_month(day),
        "as_of_date": day,
        "customer_id": customer.row["customer_id"],
        "segment": customer.segment,
        "lead_org_id": customer.row["org_id"],
        "financial_assets": fen(customer.financial_assets),
        "deposit_balance": fen(customer.deposit_balance),
        "card_spend_12m": fen(customer.card_spend_12m),
        "loan_balance": fen(customer.loan_balance),
        "custody_margin_balance": fen(customer.custody_margin_balance),
        "best_card_grade": customer.best_card_grade,
        "target_credit_amount": fen(customer.target_credit_amount),
        "is_in_scope": customer.is_in_scope,
        "tier_code": customer.tier_code,
        "tier_rank": RANK[customer.tier_code],
        "size_tier": size_tier,
        "size_basis": size_basis,
        "previous_tier_code": previous,
        "tier_movement": movement(previous, customer.tier_code),
        "amount_to_next_tier": amount_to_next(customer),
        "is_gap_fill": customer.is_gap_fill,
    }


def _evidence(customers: Mapping[str, Customer], month: date) -> Iterator[dict[str, object]]:
    """Yield the awarded code by scheme (`outcome`) and the retail_scope routes met (`route`)."""
    for customer_id, customer in customers.items():
        retail = customer.segment == "retail"
        yield {
            "policy_month": month,
            "customer_id": customer_id,
            "scheme": "retail_tier" if retail else "corporate_class",
            "outcome": customer.tier_code,
            "route": None,
        }
        for route in sorted(customer.routes):
            yield {
                "policy_month": month,
                "customer_id": customer_id,
                "scheme": "retail_scope",
                "outcome": None,
                "route": route,
            }


def _migration(tiers: list[dict[str, object]], month: date) -> list[dict[str, object]]:
    groups: dict[tuple[object, ...], list[Decimal]] = defaultdict(list)
    for row in tiers:
        amount = row["financial_assets"]
        assert isinstance(amount, Decimal)
        groups[row["segment"], row["previous_tier_code"], row["tier_code"]].append(amount)
    return [
        {
            "policy_month": month,
            "segment": segment,
            "from_tier_code": before,
            "to_tier_code": after,
            "customers": len(amounts),
            "financial_assets": sum(amounts, ZERO),
        }
        for (segment, before, after), amounts in groups.items()
    ]


def blocked(landing: Path, business_date: date) -> list[str]:
    """Reasons to publish nothing for a business date; empty when the delivery is good."""
    if reasons := delivery_faults(landing, business_date):
        return reasons
    return lost(accept(landing, business_date))


def lost(data: Accepted) -> list[str]:
    """Reasons to publish nothing that show once the rows are judged: too much is held back."""
    reasons = []
    for name, refused in data.quarantined.items():
        table, received = TABLES[name], data.received[name]
        if refused > 100 and refused * 1000 > received * 5:
            reasons.append(f"{name}: {refused} of {received} rows quarantined")
        if table.kind == "snapshot" and table.required and refused * 2 > received:
            reasons.append(f"{name}: more than half of the rows, {refused} of {received}, quarantined")
        if table.kind == "snapshot" and table.required and not table.may_be_empty and not data.accepted[name]:
            reasons.append(f"{name}: keeps no row")
    return reasons
