"""What should be done, customer by customer: the actions found, and which of them may be listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .customers import ZERO, Customer, age
from .days import fen, first_of_month, last_of_month, monday_of, next_anniversary, plus_months, working_days
from .landing import Accepted, Row
from .tiers import ABOVE, ENTRY, own_measure
from .visits import Duty

NEAR = Decimal("0.1")
CARD_DAYS, CHOICE_DAYS, STALE_MONTHS, MINIMUM_AGE = 90, 30, 24, 14
BEHIND = Fraction(1, 2)
CONTACT_MONTHS = {"T1": 1, "T2": 3, "T3": 6, "T4": 12, "T5": 12}


@dataclass(frozen=True)
class Rule:
    """What the policy says of one kind of action."""

    scope: str
    category: str
    priority: int
    consent: bool
    phone: bool
    segments: tuple[str, ...] = ("retail", "corporate")
    days_ahead: int = 0
    floors: tuple[tuple[str, int], ...] = ()


RETAIL, CORPORATE = ("retail",), ("corporate",)
FLOORS = (("retail", 500_000), ("corporate", 10_000_000))
RULES = {
    "visit_behind": Rule("all", "retain", 1, False, False, CORPORATE),
    "balance_drop": Rule("in_scope", "retain", 2, True, True),
    "large_outflow": Rule("in_scope", "retain", 3, True, True, floors=FLOORS),
    "upgrade_choice": Rule("in_scope", "retain", 4, False, True, RETAIL),
    "falling_below": Rule("in_scope", "retain", 5, True, True),
    "product_maturing": Rule("in_scope", "retain", 6, False, True, days_ahead=14),
    "loan_maturing": Rule("in_scope", "retain", 7, False, True, days_ahead=30),
    "near_next_tier": Rule("all", "mine", 8, True, True),
    "large_inflow": Rule("in_scope", "contest", 9, True, True, floors=FLOORS),
    "contact_due": Rule("in_scope", "cultivate", 10, True, True, RETAIL, days_ahead=7),
    "card_not_activated": Rule("all", "mine", 11, True, True, RETAIL),
    "statement_stale": Rule("in_scope", "cultivate", 12, False, False, CORPORATE),
    "birthday": Rule("in_scope", "cultivate", 13, True, True, RETAIL, days_ahead=3),
    "anniversary": Rule("in_scope", "cultivate", 14, True, True, days_ahead=3),
}

# kind, customer, due_on, items, amount in CNY
Found = tuple[str, str, date, int, Decimal | None]


@dataclass(frozen=True)
class Known:
    """What the actions are found in: the customers, and the rows of the month's marts by customer."""

    data: Accepted
    customers: Mapping[str, Customer]
    tiers: Mapping[str, Row]
    views: Mapping[str, Row]
    assigned: Mapping[str, Row]
    duties: list[Duty]
    unreachable: Mapping[str, str]
    day: date


def found_actions(known: Known) -> list[Row]:
    """Every action, listed or dropped: kind, customer, due_on, rule, items, amount, outcome."""
    groups: dict[tuple[str, str, date], list[Found]] = defaultdict(list)
    for one in _found(known):
        kind, customer_id = one[:2]
        customer = known.customers.get(customer_id)
        rule = RULES[kind]
        if customer is None or customer.segment not in rule.segments:
            continue
        if rule.scope == "in_scope" and not customer.is_in_scope:
            continue
        groups[one[:3]].append(one)
    table: list[Row] = []
    for (kind, customer_id, due_on), members in groups.items():
        amounts = [amount for *_, amount in members if amount is not None]
        table.append(
            {
                "action_kind": kind,
                "customer_id": customer_id,
                "due_on": due_on,
                "items": sum(items for *_, items, _ in members),
                "amount": fen(sum(amounts, ZERO)) if amounts else None,
                "outcome": _outcome(RULES[kind], known.customers[customer_id], known),
            }
        )
    return table


def _outcome(rule: Rule, customer: Customer, known: Known) -> str:
    """The first reason against listing it, or listed."""
    if rule.consent and customer.segment == "retail":
        years = age(customer, known.day)
        if years is not None and years < MINIMUM_AGE:
            return "under_age"
        if customer.row["marketing_consent"] is not True:
            return "no_consent"
    if rule.phone and customer.row["customer_id"] in known.unreachable:
        return "unreachable"
    return "listed"


# ---------------------------------------------------------------- what is found


def _found(known: Known) -> Iterator[Found]:
    yield from _maturing(known)
    yield from _cards(known)
    yield from _visits_behind(known)
    for customer_id, customer in known.customers.items():
        tier, view = known.tiers[customer_id], known.views[customer_id]
        yield from _days(customer, known.day)
        yield from _near_a_bound(customer, tier, known.day)
        yield from _moved(customer, tier, view, known.day)
        yield from _contact(customer, view, known.day)
        if view["is_statement_stale"]:
            ended = view["statement_period_end"]
            due_on = last_of_month(known.day) if ended is None else plus_months(ended, STALE_MONTHS)
            yield "statement_stale", customer_id, due_on, 1, None
        pending = known.assigned.get(customer_id, {}).get("choice_pending_since")
        if pending is not None:
            due_on = pending + timedelta(days=CHOICE_DAYS)
            yield "upgrade_choice", customer_id, due_on, 1, own_measure(customer, tier)


def _maturing(known: Known) -> Iterator[Found]:
    for kind, table in (("product_maturing", "account"), ("loan_maturing", "loan")):
        last = known.day + timedelta(days=RULES[kind].days_ahead)
        for row in known.data.rows[table]:
            counts = row["status"] == "active" if table == "loan" else row["status"] != "closed"
            matures_on = row["matures_on"]
            if not counts or matures_on is None or not known.day <= matures_on <= last:
                continue
            own = row["principal_balance"] if table == "loan" else max(row["balance"], ZERO)
            yield kind, row["customer_id"], matures_on, 1, own * known.data.rates[row["currency"]]


def _cards(known: Known) -> Iterator[Found]:
    for row in known.data.rows["card"]:
        due_on = row["issued_on"] + timedelta(days=CARD_DAYS)
        is_asleep = row["card_kind"] == "credit" and row["status"] in ("active", "inactive")
        if is_asleep and row["activated_on"] is None and due_on <= known.day:
            yield "card_not_activated", row["customer_id"], due_on, 1, None


def _visits_behind(known: Known) -> Iterator[Found]:
    month, end = first_of_month(known.day), last_of_month(known.day)
    share = Fraction(working_days(month, known.day), working_days(month, end))
    for duty in known.duties:
        counted = len(duty.counted)
        is_late = duty.status == "open" and duty.required * share - counted >= BEHIND
        if is_late or duty.status == "missed":
            yield "visit_behind", duty.customer_id, end, duty.required - counted, None


def _days(customer: Customer, day: date) -> Iterator[Found]:
    """Birthdays, published as the week's Monday, and the days on which customers were opened."""
    customer_id, born, opened = (customer.row[name] for name in ("customer_id", "birth_date", "opened_on"))
    if born is not None:
        found = next_anniversary(born, day)
        if found <= day + timedelta(days=RULES["birthday"].days_ahead):
            yield "birthday", customer_id, max(day, monday_of(found)), 1, None
    found = next_anniversary(opened, day)
    if found.year > opened.year and found <= day + timedelta(days=RULES["anniversary"].days_ahead):
        yield "anniversary", customer_id, found, 1, None


def _near_a_bound(customer: Customer, tier: Row, day: date) -> Iterator[Found]:
    customer_id, end = customer.row["customer_id"], last_of_month(day)
    missing = tier["amount_to_next_tier"]
    if missing is not None and missing <= NEAR * ENTRY[ABOVE[customer.tier_code]]:
        yield "near_next_tier", customer_id, end, 1, missing
    bound, value = ENTRY.get(customer.tier_code), own_measure(customer, tier)
    if bound is None:
        return
    # T1 begins above its bound, every other tier on it
    is_met = value > bound if customer.tier_code == "T1" else value >= bound
    if is_met and value - bound <= NEAR * bound:
        yield "falling_below", customer_id, end, 1, value - bound


def _moved(customer: Customer, tier: Row, view: Row, day: date) -> Iterator[Found]:
    """Churn over the window, and large movements since the month before."""
    customer_id, end, now = customer.row["customer_id"], last_of_month(day), own_measure(customer, tier)
    column = "financial_assets" if customer.segment == "retail" else "deposit_balance"
    if view["is_churned"]:
        yield "balance_drop", customer_id, end, 1, view[f"{column}_3m_ago"] - now
    before = view[f"{column}_1m_ago"]
    if before is None:
        return
    for kind, change in (("large_inflow", now - before), ("large_outflow", before - now)):
        if change >= dict(RULES[kind].floors)[customer.segment]:
            yield kind, customer_id, end, 1, change


def _contact(customer: Customer, view: Row, day: date) -> Iterator[Found]:
    months = CONTACT_MONTHS.get(customer.tier_code)
    if months is None:
        return
    due_on = plus_months(view["last_contact_on"] or customer.row["opened_on"], months)
    if due_on <= day + timedelta(days=RULES["contact_due"].days_ahead):
        yield "contact_due", customer.row["customer_id"], due_on, 1, None


# ---------------------------------------------------------------- marts


def action_rows(found: list[Row], known: Known, people: Mapping[str, str | None]) -> list[Row]:
    """fct_customer_action: the listed ones. `people`: whose list a customer is on."""
    table: list[Row] = []
    for one in found:
        if one["outcome"] != "listed":
            continue
        customer, rule = known.customers[one["customer_id"]], RULES[one["action_kind"]]
        table.append(
            {
                **{name: value for name, value in one.items() if name != "outcome"},
                "as_of_date": known.day,
                "segment": customer.segment,
                "lead_org_id": customer.row["org_id"],
                "tier_code": customer.tier_code,
                "employee_id": people.get(one["customer_id"]),
                "category": rule.category,
                "priority": rule.priority,
                "rule_id": f"AC-{one['action_kind']}-{customer.segment}".upper(),
            }
        )
    return table


def count_rows(found: list[Row], customers: Mapping[str, Customer], day: date) -> list[Row]:
    """fct_customer_action_count: all of them."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in found:
        lead = customers[one["customer_id"]].row["org_id"]
        groups[lead, one["action_kind"], one["outcome"]].append(one["customer_id"])
    return [
        {
            "lead_org_id": lead,
            "action_kind": kind,
            "outcome": outcome,
            "as_of_date": day,
            "customers": len(set(members)),
            "actions": len(members),
        }
        for (lead, kind, outcome), members in groups.items()
    ]
