"""L2, L3 and L6: actions, regular contacts, second persons, profile fields, stars, groups and lists of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from expectations.policy.checks.parts import (
    delivered,
    labelled,
    missing_row,
    one_of,
    only_columns,
    tier_schemes,
    visit_schemes,
    within,
)
from expectations.policy.model import InForce, Row
from expectations.policy.sheets import Problem
from expectations.policy.wording import plain

RETAIL, CORPORATE = "retail", "corporate"
BOTH = (RETAIL, CORPORATE)
SCOPES = ("in_scope", "all")


@dataclass(frozen=True)
class ActionKind:
    """What the models know of a kind: whose it can be, which columns of its row they read, and which parameters."""

    segments: tuple[str, ...] = BOTH
    columns: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


# The models find each kind in its own way, so a bank chooses from these.
ACTION_KINDS: Mapping[str, ActionKind] = {
    "visit_behind": ActionKind((CORPORATE,), parameters=("visit_behind_contacts",)),
    "balance_drop": ActionKind(parameters=("churn_drop_share", "churn_window_months")),
    "large_outflow": ActionKind(columns=("amount_floor",)),
    "upgrade_choice": ActionKind((RETAIL,), parameters=("upgrade_choice_days",)),
    "falling_below": ActionKind(parameters=("near_threshold_share",)),
    "product_maturing": ActionKind(columns=("days_ahead",)),
    "loan_maturing": ActionKind(columns=("days_ahead",)),
    "near_next_tier": ActionKind(parameters=("near_threshold_share",)),
    "large_inflow": ActionKind(columns=("amount_floor",)),
    "contact_due": ActionKind((RETAIL,), columns=("days_ahead",)),
    "card_not_activated": ActionKind((RETAIL,), parameters=("card_not_activated_days",)),
    "statement_stale": ActionKind((CORPORATE,), parameters=("statement_stale_months",)),
    "birthday": ActionKind((RETAIL,), columns=("days_ahead",)),
    "anniversary": ActionKind(columns=("days_ahead",)),
}
COLUMNS_OF_KINDS = ("days_ahead", "amount_floor")
# Fields that a profile can have, with the segments of which the bank knows them.
PROFILE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "mobile_phone": BOTH,
    "id_number": BOTH,
    "birth_date": (RETAIL,),
    "size": (CORPORATE,),
    "credit_rating": (CORPORATE,),
}
# Group kinds and the columns that define a group. All tiers are groups too; they need no row.
GROUP_KINDS: Mapping[str, tuple[str, ...]] = {"band": ("lower", "upper"), "top": ("top_share",)}
COLUMNS_OF_GROUPS = ("lower", "upper", "top_share")
# Lists that the models read, and the column whose values may be on them: of the landing contract, or of the policy.
VALUE_LISTS: Mapping[str, str] = {
    "birthday_customer_kind": "customer.customer_kind",
    "call_channel": "visit.channel",
    "concentration_level": "organization.org_level",
    "consent_customer_kind": "customer.customer_kind",
    "credit_relation": "relationship.relation",
    "high_level_org_level": "organization.org_level",
    "high_level_role_group": "policy_role.role_group",
    "high_level_tier": "policy_tier.tier_code",
    "in_person_channel": "visit.channel",
    "issued_card_kind": "card.card_kind",
    "issued_card_status": "card.status",
    "non_performing_risk_class": "loan.risk_class",
    "not_activated_card_kind": "card.card_kind",
    "not_activated_card_status": "card.status",
    "ranked_org_level": "organization.org_level",
    "shared_target_org_level": "organization.org_level",
}
# Own measures that `fct_customer_tier_monthly` publishes and dbt_project/macros/policy/own_amount.sql knows.
OWN_MEASURES = ("financial_assets", "deposit_balance")
# What is published of every customer reads these, whatever the actions.
PARAMETERS_OF_CUSTOMERS = (
    "churn_drop_share", "churn_window_months", "confidence_high", "confidence_medium", "high_level_visit_months",
    "new_window_months", "statement_stale_months",
)  # fmt: skip
CONSENT_PARAMETER = "outreach_minimum_age"
MOST_STARS = 5


def actions(view: InForce) -> Iterator[Problem]:
    """A row of policy_action names what the models can find, for a segment that can have it, with what they need."""
    segments = customer_segments(view)
    for row in view.rows["policy_action"]:
        name = row.text("action_kind")
        yield from one_of(row, "action_kind", tuple(ACTION_KINDS))
        yield from one_of(row, "segment", segments)
        yield from one_of(row, "scope", SCOPES)
        yield from labelled(view, row, "category", "action_category")
        yield from within(row, "priority", Decimal(1), None)
        floor = row.number("amount_floor")
        if floor is not None and floor <= 0:
            yield row.problem("L6", f"out of range: amount_floor {plain(floor)} is not above 0")
        kind = ACTION_KINDS.get(name)
        if kind is None:
            continue
        if row.text("segment") in BOTH and row.text("segment") not in kind.segments:
            yield row.problem("L2", f"never found: {name} is for {kind.segments[0]} customers only")
        yield from only_columns(row, name, kind.columns, COLUMNS_OF_KINDS)
    kinds = {row.text("action_kind") for row in view.rows["policy_action"]}
    if "contact_due" in kinds and not view.rows["policy_contact_frequency"]:
        yield missing_row(view, "policy_contact_frequency", "no row: contact_due asks how often a tier is contacted")


def customer_parameters(view: InForce) -> Iterator[Problem]:
    """The parameters that the actions in force and the measures of a customer read are in force."""
    readers = dict.fromkeys(PARAMETERS_OF_CUSTOMERS, "what is published of a customer")
    for row in view.rows["policy_action"]:
        kind = ACTION_KINDS.get(row.text("action_kind"), ActionKind())
        readers |= {name: row.text("action_kind") for name in kind.parameters if name not in readers}
        if row.flag("needs_consent"):
            readers.setdefault(CONSENT_PARAMETER, "an action that needs consent")
    for name, reader in sorted(readers.items()):
        if view.parameter(name) is None:
            yield missing_row(view, "policy_parameter", f"no row: {name} is not in force; {reader} needs it")
    high, medium = view.parameter("confidence_high"), view.parameter("confidence_medium")
    if high is not None and medium is not None and medium > high:
        (row,) = (row for row in view.rows["policy_parameter"] if row.text("parameter_id") == "confidence_medium")
        yield row.problem("L6", f"out of order: {plain(medium)} is above {plain(high)}, that of confidence_high")


def regular_care(view: InForce) -> Iterator[Problem]:
    """Regular contacts and second persons belong to retail tiers; a second person has a role of the contract."""
    schemes = tier_schemes(view, RETAIL)
    tiers = {code: scheme for scheme in schemes for code in view.tiers.get(scheme.scheme, {})}
    for family in ("policy_contact_frequency", "policy_beside_role"):
        for row in view.rows[family]:
            scheme = tiers.get(row.text("tier_code"))
            if scheme is None:
                yield row.problem("L3", f"unknown tier: {row.text('tier_code')} is not a retail tier")
            elif row.text("tier_code") == scheme.default_tier_code:
                what = f"{row.text('tier_code')} is the default of {scheme.scheme}, and nobody maintains its customers"
                yield row.problem("L2", f"never due: {what}")
    for row in view.rows["policy_beside_role"]:
        yield from delivered(view, row, "role", "employee.role")
    for row in view.rows["policy_contact_frequency"]:
        yield from within(row, "period_months", Decimal(1), None)


def profile_fields(view: InForce) -> Iterator[Problem]:
    """Fields are those that a segment has; the weights of every segment add up to more than nothing."""
    sums = dict.fromkeys(customer_segments(view), Decimal(0))
    for row in view.rows["policy_profile_field"]:
        field, segment = row.text("field"), row.text("segment")
        yield from one_of(row, "field", tuple(PROFILE_FIELDS))
        yield from one_of(row, "segment", sorted(sums))
        yield from within(row, "weight", Decimal(0), None)
        if segment in BOTH and field in PROFILE_FIELDS and segment not in PROFILE_FIELDS[field]:
            yield row.problem("L2", f"never filled: {field} is not known of {segment} customers")
        if segment in sums:
            sums[segment] += row.number("weight") or 0
    for segment, weight in sums.items():
        if not weight:
            yield missing_row(view, "policy_profile_field", f"no weight: the fields of {segment} weigh nothing", "L6")


def stars(view: InForce) -> Iterator[Problem]:
    """From the best star down the shares rise to 1, and the lowest star is 1: that of customers who have nothing."""
    rows = sorted(view.rows["policy_star"], key=lambda row: -(row.number("star") or 0))
    for row in rows:
        yield from within(row, "star", Decimal(1), Decimal(MOST_STARS))
        yield from _share(row)
    for better, row in pairwise(rows):
        if (row.number("top_share") or 0) <= (better.number("top_share") or 0):
            what = f"star {row.text('star')} has the share {_plain(row)}, star {better.text('star')} {_plain(better)}"
            yield row.problem("L6", f"no rise: {what}; a share holds the better stars too")
    if rows and (rows[-1].number("star") != 1 or rows[-1].number("top_share") != 1):
        what = f"the lowest star is {rows[-1].text('star')} with the share {_plain(rows[-1])}"
        yield rows[-1].problem("L6", f"no rest: {what}; it must be 1 with 1")


def groups(view: InForce) -> Iterator[Problem]:
    """A band has two bounds, a top group a share that its code repeats."""
    segments = customer_segments(view)
    for row in view.rows["policy_concentration"]:
        kind, code = row.text("group_kind"), row.text("group_code")
        lower, upper, share = (row.number(column) for column in COLUMNS_OF_GROUPS)
        yield from one_of(row, "group_kind", tuple(GROUP_KINDS))
        yield from one_of(row, "segment", segments)
        yield from _share(row)
        if kind in GROUP_KINDS:
            yield from only_columns(row, kind, GROUP_KINDS[kind], COLUMNS_OF_GROUPS)
        if lower is not None and upper is not None and lower >= upper:
            yield row.problem("L2", f"empty band: the lower bound {plain(lower)} is not below the upper {plain(upper)}")
        if kind == "top" and share is not None and _number(code) != share:
            yield row.problem("L2", f"wrong name: the group {code} has the share {plain(share)}; name it by its share")


def value_lists(view: InForce) -> Iterator[Problem]:
    """Every list that the models read has a value, and only values that its customers, people or cards can have."""
    groups = sorted({row.text("role_group") for row in view.rows["policy_role"]} - {""})
    classes = [code for scheme in visit_schemes(view) for code in view.tiers.get(scheme.scheme, {})]
    own = {"policy_role.role_group": groups, "policy_tier.tier_code": classes}
    for row in view.rows["policy_value_list"]:
        yield from one_of(row, "value_list", tuple(VALUE_LISTS))
        source = VALUE_LISTS.get(row.text("value_list"), "")
        if source in own:
            yield from one_of(row, "value", own[source])
        elif source:
            yield from delivered(view, row, "value", source)
    kept = {row.text("value_list") for row in view.rows["policy_value_list"]}
    for name in VALUE_LISTS:
        if name not in kept:
            yield missing_row(view, "policy_value_list", f"no row: the list {name} has no value in force")


def own_measures(view: InForce) -> Iterator[Problem]:
    """The own measure of a tier scheme is published for every month: actions, drops and stars compare it with then."""
    for segment in BOTH:
        for scheme in tier_schemes(view, segment):
            yield from one_of(scheme.row, "own_measure_id", OWN_MEASURES)


def customer_segments(view: InForce) -> list[str]:
    """The segments of customers, in order."""
    return sorted({row.text("segment") for row in view.rows["policy_segment"]})


# ---------------------------------------------------------------- parts


def _share(row: Row) -> Iterator[Problem]:
    share = row.number("top_share")
    if share is not None and not 0 < share <= 1:
        yield row.problem("L6", f"out of range: top_share {plain(share)} is not above 0 and at most 1")


def _plain(row: Row) -> str:
    return plain(row.number("top_share") or Decimal(0))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
