"""The policy in plain Python: what a refresh for one business date must publish.

It shares only the landing contract's vocabulary with the warehouse. Exact decimals throughout, rounded half up to fen
at the very end, and only in what is published.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal, localcontext
from pathlib import Path

from . import kpi
from .access import access_rows, customer_rows
from .actions import Known, action_rows, count_rows, found_actions
from .appraisal import appraisal_rows
from .campaigns import campaign_rows
from .concentration import concentration_rows, prospect_rows
from .contract import TABLES
from .customer_view import Sources, view_rows
from .customers import ZERO, Customer, age, contribution, measure, profile_of
from .days import completed_years, fen, first_of_month, last_of_month, working_days
from .history import History, Past
from .holdings import holding_rows
from .landing import Accepted, Reject, Row, accept, delivery_faults
from .maintenance import Relations, Staff, assign, assignment_rows, capacity_rows, load_rows, responsible, tiers_before
from .organizations import Tree
from .ranking import ranking_rows
from .red_list import reasons
from .signals import Doubtful, doubtful_of, signal_rows
from .targets import target_rows
from .tiers import (
    RANK,
    amount_to_next,
    classify_corporate,
    classify_retail,
    cooperation_class,
    maintaining_department,
    managing_level,
    movement,
    near_bounds,
    own_value,
    recommended_role,
    size_measure,
    size_of,
    value_class,
)
from .visits import GROUP_OF, ByPerson, Duty, capacity, compliance_by_employee, compliance_by_org, employed, obligations

Marts = dict[str, list[Row]]

MOVEMENTS = ("new", "up", "same", "down")
LEVELS = ("outlet", "sub_branch", "branch", "province_branch")
STAFF_SEQUENCE = {
    "outlet_head": "manager",
    "outlet_deputy_head": "manager",
    "accounting_head": "accounting",
    "branch_account_manager": "account_manager",
    "outlet_account_manager": "account_manager",
    "wealth_manager": "account_manager",
    "wealth_adviser": "account_manager",
    "finance_manager": "account_manager",
    "product_manager": "account_manager",
    "outlet_staff": "teller",
    "teller": "teller",
}


@dataclass
class Result:
    """The reference's result for one business date."""

    business_date: date
    policy_month: date
    marts: Marts = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    rejects: set[Reject] = field(default_factory=set)
    held_back: set[tuple[str, str, str]] = field(default_factory=set)


def compute(landing: Path, business_date: date, history: History | None = None) -> Result:
    """Compute the marts of one business date from a landing zone; it must not be blocked.

    `history`: what was published for the months before M.
    """
    return compute_from(accept(landing, business_date), business_date, history)


def compute_from(data: Accepted, business_date: date, history: History | None = None) -> Result:
    """Compute the marts of one business date from its accepted rows."""
    with localcontext(Context(prec=60)):
        return _compute(data, business_date, (history or History()).before(business_date))


def _compute(data: Accepted, day: date, past: Past) -> Result:
    month = first_of_month(day)
    tree = Tree(data.rows["organization"])
    customers = measure(data, day)
    for customer in customers.values():
        if customer.segment == "retail":
            classify_retail(customer)
        else:
            classify_corporate(customer)
    previous = tiers_before(past, customers)
    signals = signal_rows(data.rows["visit"], day)
    doubtful = doubtful_of(signals)
    duties, by_person = obligations(data, customers, previous, tree, doubtful, day)

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
    marts.update(_dimensions(data, customers, tree, day))
    tiers = [_tier_row(customer, previous.get(customer_id), day) for customer_id, customer in customers.items()]
    marts["fct_customer_tier_monthly"] = tiers
    marts["fct_tier_evidence"] = list(_evidence(customers, month))
    marts["fct_customer_measure_monthly"] = [_measure_row(customer, day) for customer in customers.values()]
    marts["fct_tier_watch_monthly"] = list(_watched(customers, month))
    marts["fct_tier_stability_monthly"] = _stability(tiers, marts["fct_tier_watch_monthly"], month)
    marts["fct_tier_migration_monthly"] = _migration(tiers, month)
    marts.update(_visit_marts(data, duties, by_person, doubtful, tree, day))
    marts["fct_visit_signal_monthly"] = signals
    marts.update(_customer_marts(data, customers, tiers, duties, tree, past, day))
    marts.update(_operation_marts(data, customers, marts, doubtful, tree, past, day))
    return result


def _dimensions(data: Accepted, customers: Mapping[str, Customer], tree: Tree, day: date) -> Marts:
    return {
        "dim_tier": [
            {"tier_code": code, "segment": "retail" if code.startswith("T") else "corporate", "tier_rank": rank}
            for code, rank in RANK.items()
        ],
        "dim_role": [
            {"role": role, "role_group": GROUP_OF.get(role), "staff_sequence": STAFF_SEQUENCE.get(role)}
            for role in TABLES["employee"].column("role").enum
        ],
        "fct_access_right": access_rows(data.rows["employee"], tree, day),
        "dim_customer": [
            {
                "customer_id": customer_id,
                "segment": customer.segment,
                "customer_kind": customer.row["customer_kind"],
                "lead_org_id": customer.row["org_id"],
                "opened_on": customer.row["opened_on"],
            }
            for customer_id, customer in customers.items()
        ],
        "dim_organization": [
            {
                "org_id": org_id,
                "org_name": row["org_name"],
                "org_level": row["org_level"],
                "parent_org_id": row["parent_org_id"],
                **{f"{level}_id": tree.nearest(org_id, level) for level in LEVELS},
            }
            for org_id, row in tree.rows.items()
        ],
        "dim_employee": [
            {
                "employee_id": row["employee_id"],
                "org_id": row["org_id"],
                "role": row["role"],
                "is_active": employed(row, day),
            }
            for row in data.rows["employee"]
        ],
    }


def _visit_marts(
    data: Accepted, duties: list[Duty], by_person: ByPerson, doubtful: Doubtful, tree: Tree, day: date
) -> Marts:
    month = first_of_month(day)
    share = working_days(month, day) / working_days(month, last_of_month(day))
    people = {row["employee_id"]: row for row in data.rows["employee"]}
    return {
        "fct_visit_obligation_monthly": [
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
                "clause_ref": "D1 art. 2",
                "period_months": 1,
                "doubtful_contacts": duty.doubtful,
            }
            for duty in duties
        ],
        "fct_visit_capacity_monthly": capacity(duties, data, tree, day),
        "fct_visit_compliance_by_org_monthly": compliance_by_org(duties, tree, month),
        "fct_visit_compliance_by_employee_monthly": compliance_by_employee(by_person, people, doubtful, tree, month),
    }


def _customer_marts(
    data: Accepted,
    customers: Mapping[str, Customer],
    tiers: list[Row],
    duties: list[Duty],
    tree: Tree,
    past: Past,
    day: date,
) -> Marts:
    """Maintenance, the view of a customer, the actions, concentration and prospects."""
    month = first_of_month(day)
    unreachable = reasons(data.rows["customer"])
    staff = Staff.of(data.rows["employee"], tree, day)
    relations = Relations(data.rows["relationship"], staff.people, day)
    movements = {row["customer_id"]: row["tier_movement"] for row in tiers}
    assigned = assignment_rows(assign(customers, staff, relations, past, day), staff, relations, past, movements)
    people = responsible(assigned, customers, relations)
    holdings = holding_rows(data, customers, month)
    by_tier = _by_customer(tiers)
    views = view_rows(Sources(data, customers, by_tier, holdings, unreachable, tree, past, day))
    by_view = _by_customer(views)
    known = Known(data, customers, by_tier, by_view, _by_customer(assigned), duties, unreachable, day)
    found = found_actions(known)
    return {
        "fct_maintenance_assignment_monthly": assigned,
        "fct_access_customer": customer_rows(access_rows(data.rows["employee"], tree, day), assigned),
        "fct_manager_load_monthly": load_rows(assigned, tiers, staff, month),
        "fct_maintenance_capacity_monthly": capacity_rows(assigned, staff, month),
        "fct_customer_holding_monthly": holdings,
        "fct_customer_360_monthly": views,
        "fct_contact_red_list": [
            {
                "customer_id": row["customer_id"],
                "lead_org_id": row["lead_org_id"],
                "tier_code": row["tier_code"],
                "reason": row["red_list_reason"],
                "employee_id": people.get(row["customer_id"]),
                "listed_since": row["red_list_since"],
            }
            for row in views
            if row["red_list_reason"] is not None
        ],
        "fct_customer_action": action_rows(found, known, people),
        "fct_customer_action_count": count_rows(found, customers, day),
        "fct_concentration_monthly": concentration_rows(customers, by_tier, by_view, tree, month),
        "fct_prospect_funnel_monthly": prospect_rows(data, customers, month, day),
    }


def _operation_marts(
    data: Accepted,
    customers: Mapping[str, Customer],
    marts: Marts,
    doubtful: Doubtful,
    tree: Tree,
    past: Past,
    day: date,
) -> Marts:
    """Figures, ranks, targets, appraisals and campaigns. `marts`: those of the month so far."""
    month = first_of_month(day)
    loads = marts["fct_manager_load_monthly"]
    sources = kpi.Sources(
        data,
        customers,
        tiers=_by_customer(marts["fct_customer_tier_monthly"]),
        views=_by_customer(marts["fct_customer_360_monthly"]),
        assigned=marts["fct_maintenance_assignment_monthly"],
        capacity=marts["fct_maintenance_capacity_monthly"],
        by_org=marts["fct_visit_compliance_by_org_monthly"],
        by_employee=marts["fct_visit_compliance_by_employee_monthly"],
        doubtful=doubtful,
        tree=tree,
        people={row["employee_id"] for row in data.rows["employee"] if employed(row, day)},
        past=past,
        day=day,
    )
    figures = kpi.kpi_rows(sources)
    return {
        "fct_kpi_monthly": figures,
        "fct_ranking_monthly": ranking_rows(figures, loads, tree, month),
        "fct_target_monthly": target_rows(data.rows.get("target", ()), data.rows["employee"], figures, tree, day),
        "fct_appraisal": appraisal_rows(data, day),
        "fct_campaign_result": campaign_rows(data, customers, tree, day),
    }


def _by_customer(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["customer_id"]: row for row in rows}


def _tier_row(customer: Customer, previous: str | None, day: date) -> Row:
    size_tier, size_basis = size_of(customer, day)
    profile = profile_of(customer, day)
    cooperation = cooperation_class(customer, profile, day)
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
        "value_class": value_class(customer, profile),
        "cooperation_class": cooperation,
        "recommended_role": recommended_role(customer, day),
        "maintaining_department": maintaining_department(customer),
        "managing_level": managing_level(cooperation),
        # Under the shipped rows nobody keeps a tier that the measures no longer reach.
        "computed_tier_code": customer.tier_code,
        "is_held": False,
        "months_below": 0,
    }


def _measure_row(customer: Customer, day: date) -> Row:
    basis, size = size_measure(customer, day)
    profile = profile_of(customer, day)
    retail = customer.segment == "retail"
    return {
        "policy_month": first_of_month(day),
        "customer_id": customer.row["customer_id"],
        "customer_kind": customer.row["customer_kind"],
        "segment": customer.segment,
        "lead_org_id": customer.row["org_id"],
        "opened_on": customer.row["opened_on"],
        "is_co_managed": (customer.profile or {}).get("is_co_managed"),
        "financial_assets": customer.financial_assets,
        "deposit_balance": customer.deposit_balance,
        "custody_margin_balance": customer.custody_margin_balance,
        "open_accounts": customer.open_accounts,
        "card_spend_12m": customer.card_spend_12m,
        "loan_balance": customer.loan_balance,
        "target_credit_amount": customer.target_credit_amount,
        "valid_credit_lines": customer.valid_credit_lines,
        "best_card_grade": customer.best_card_grade,
        "wealth_admission": customer.row["wealth_admission"],
        "age": age(customer, day),
        "customer_years": completed_years(customer.row["opened_on"], day),
        "size_basis": basis,
        "total_assets": size if basis == "total_assets" else None,
        "registered_capital": size if basis == "registered_capital" else None,
        "administrative_level": size if basis == "administrative_level" else None,
        "economic_capital_return_12m": None if retail else contribution(customer, "economic_capital_return"),
        "revenue_12m": None if retail else contribution(customer, "revenue"),
        "settlement_share": profile.settlement_share,
        "related_party_share": profile.related_party_share,
        "profit_margin_lead": profile.profit_margin_lead,
        "market_position": profile.market_position,
        "credit_rating": profile.credit_rating,
        "strategic_agreement": "in_force" if profile.has_agreement else None,
        "bad_record": profile.bad_record,
    }


def _watched(customers: Mapping[str, Customer], month: date) -> Iterator[Row]:
    for customer_id, customer in customers.items():
        for direction, bound, distance in near_bounds(customer):
            yield {
                "policy_month": month,
                "customer_id": customer_id,
                "direction": direction,
                "segment": customer.segment,
                "lead_org_id": customer.row["org_id"],
                "tier_code": customer.tier_code,
                "measure_id": "financial_assets" if customer.segment == "retail" else "deposit_balance",
                "observed_value": fen(own_value(customer)),
                "bound": bound,
                "amount": fen(distance),
                "months_below": 0,
                "is_held": False,
            }


def _stability(tiers: list[Row], watched: list[Row], month: date) -> list[Row]:
    moves = Counter((row["segment"], row["tier_code"], row["tier_movement"]) for row in tiers)
    near = Counter((row["segment"], row["tier_code"], row["direction"]) for row in watched)
    return [
        {
            "policy_month": month,
            "segment": segment,
            "tier_code": tier,
            "customers": sum(moves[segment, tier, name] for name in MOVEMENTS),
            **{f"moved_{name}": moves[segment, tier, name] for name in MOVEMENTS},
            "held": 0,
            "near_up": near[segment, tier, "up"],
            "near_down": near[segment, tier, "down"],
        }
        for segment, tier in {(row["segment"], row["tier_code"]) for row in tiers}
    ]


def _evidence(customers: Mapping[str, Customer], month: date) -> Iterator[Row]:
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


def _migration(tiers: list[Row], month: date) -> list[Row]:
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
    """Reasons to publish nothing for a business date; empty if the delivery is good."""
    if reasons := delivery_faults(landing, business_date):
        return reasons
    return lost(accept(landing, business_date))


def lost(data: Accepted) -> list[str]:
    """Reasons to publish nothing that appear once the rows are judged: too much is quarantined."""
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
