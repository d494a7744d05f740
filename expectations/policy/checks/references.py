"""L3 and L7: names that do not exist, values that no row covers, and roles without a job title."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from expectations.policy.checks.parts import delivered, labelled, missing_row, one_of, spoken_of, visit_schemes, within
from expectations.policy.model import InForce
from expectations.policy.sheets import Problem

SUBJECTS = ("customer", "organization")
# Tables whose rows are holdings, and their components; None: the product types of the landing contract.
HOLDINGS: Mapping[str, tuple[str, ...] | None] = {"account": None, "brokerage": ("custody_margin",)}
BALANCES = ("point", "mtd_average")
CAPACITY_KINDS = ("customers", "contacts_a_day")
# Columns whose values the landing contract lists: family, column, contract table and column.
CONTRACT_COLUMNS = (
    ("policy_role", "role", "employee.role"),
    ("policy_capacity", "role", "employee.role"),
    ("policy_card_spend", "card_kind", "card.card_kind"),
    ("policy_card_spend", "transaction_kind", "card_transaction.transaction_kind"),
    ("policy_segment", "customer_kind", "customer.customer_kind"),
    ("policy_segment", "institution_type", "corporate_profile.institution_type"),
    ("policy_statement_kind", "report_kind", "financial_statement.report_kind"),
    ("policy_visit_channel", "channel", "visit.channel"),
    ("policy_department_level", "org_level", "organization.org_level"),
)
LIMITS = "policy_amount_limit"


def contract_values(view: InForce) -> Iterator[Problem]:
    """Codes for delivered columns are those of the landing contract."""
    for family, column, source in CONTRACT_COLUMNS:
        for row in view.rows.get(family, ()):
            yield from delivered(view, row, column, source)
    for row in view.rows["policy_counted_status"]:
        yield from delivered(view, row, "status", f"{row.text('table_name')}.status")
    for row in view.rows["policy_aum_component"]:
        yield from one_of(row, "balance_basis", BALANCES)
        yield from one_of(row, "source_table", tuple(HOLDINGS))
        kinds = HOLDINGS.get(row.text("source_table"))
        if kinds:
            yield from one_of(row, "component", kinds)
        elif row.text("source_table") in HOLDINGS:
            yield from delivered(view, row, "component", f"{row.text('source_table')}.product_type")


def amount_limits(view: InForce) -> Iterator[Problem]:
    """Every amount column of the landing contract has one limit, and nothing else has one; ONCE finds duplicates."""
    tables = view.policy.contract.tables.values()
    amounts = [f"{table.name}.{column.name}" for table in tables for column in table.columns if column.is_money]
    limited = {f"{row.text('table_name')}.{row.text('column_name')}": row for row in view.rows[LIMITS]}
    for name, row in limited.items():
        if name not in amounts:
            yield row.problem("L3", f"unknown column: {name} is not an amount column of the landing contract")
        yield from within(row, "amount_limit", Decimal(1), None)
    for name in amounts:
        if name not in limited:
            yield missing_row(view, LIMITS, f"no row: {name} of the landing contract has no limit in force")


def references(view: InForce) -> Iterator[Problem]:
    """Duties, exceptions, bases and components refer to existing rows."""
    groups = {row.text("role_group") for row in view.rows["policy_role"]} - {""}
    classes = {code for scheme in visit_schemes(view) for code in view.tiers.get(scheme.scheme, {})}
    for row in view.rows["policy_visit_frequency"]:
        if row.text("role_group") not in groups:
            yield row.problem("L3", f"unknown role group: no role of policy_role is in {row.text('role_group')}")
        if row.text("tier_code") not in classes:
            yield row.problem("L3", f"unknown class: {row.text('tier_code')} is not a corporate visit class")
    for row in view.rows["policy_aum_component"]:
        if row.text("measure_id") not in view.measures:
            yield row.problem("L3", f"unknown measure: {row.text('measure_id')} is not in policy_measure")
    size_groups = {row.text("size_group") for row in view.rows["policy_segment"]} - {""}
    for row in view.rows["policy_size_basis"]:
        yield from one_of(row, "size_group", size_groups)
        if row.text("size_basis") not in view.measures:
            yield row.problem("L3", f"unknown measure: {row.text('size_basis')} is not in policy_measure")
    others = (rows for family, rows in view.policy.rows.items() if family != "policy_exception")
    named = {row.text("rule_id") for rows in others for row in rows} - {""}
    for row in view.rows["policy_exception"]:
        yield from one_of(row, "subject_kind", SUBJECTS)
        if row.text("rule_id") not in named:
            yield row.problem("L3", f"unknown rule: no family has a rule {row.text('rule_id')}")
        for column in ("approver", "reason"):
            if not row.text(column):
                yield row.problem("L4", f"no {column}: an exception says who allowed it and why")


def reverse(view: InForce) -> Iterator[Problem]:
    """Rows cover what the contract delivers and the schemes award: roles, kinds of customer, products, classes."""
    rows, words = view.rows, view.policy.vocabularies
    yield from spoken_of(view, "policy_role", "role", "employee.role", rows["policy_role"])
    customers = [row for row in rows["policy_capacity"] if row.text("capacity_kind") == "customers"]
    yield from spoken_of(view, "policy_capacity", "role", "employee.role", customers, " with customers")
    contacts = {row.text("role") for row in rows["policy_capacity"] if row.text("capacity_kind") == "contacts_a_day"}
    for row in rows["policy_role"]:
        if row.text("role_group") and row.text("role") not in contacts:
            yield row.problem("L3", f"no row: policy_capacity says nothing of {row.text('role')} with contacts_a_day")
    plain_kinds = [row for row in rows["policy_segment"] if not row.text("institution_type")]
    yield from spoken_of(view, "policy_segment", "customer_kind", "customer.customer_kind", plain_kinds)
    assets = [row for row in rows["policy_aum_component"] if row.text("measure_id") == "financial_assets"]
    hint = " for financial_assets; weight 0 leaves it out"
    yield from spoken_of(view, "policy_aum_component", "component", "account.product_type", assets, hint)
    for group in sorted({row.text("size_group") for row in rows["policy_segment"]} - {""}):
        for credit in (True, False):
            if not any(
                row.text("size_group") == group and row.flag("credit_customer") == credit
                for row in rows["policy_size_basis"]
            ):
                yield missing_row(
                    view, "policy_size_basis", f"no basis for {group}, credit_customer {str(credit).lower()}"
                )
    duties = {row.text("tier_code") for row in rows["policy_visit_frequency"]}
    for scheme in visit_schemes(view):
        for tier in view.tiers.get(scheme.scheme, {}).values():
            if tier.tier_code not in duties and tier.tier_code != scheme.default_tier_code:
                yield tier.row.problem("L3", f"no duty: policy_visit_frequency has no row for class {tier.tier_code}")
    for name in ("employee.role", "customer.customer_kind", "account.product_type"):
        if name not in words:
            yield missing_row(view, "policy_role", f"the landing contract lists no {name}")


def roles(view: InForce) -> Iterator[Problem]:
    """Every role has a job title in both languages; a staff sequence has a label."""
    for row in view.rows["policy_role"]:
        if row.text("staff_sequence"):
            yield from labelled(view, row, "staff_sequence", "staff_sequence")
        for column in ("job_title_en", "job_title_zh"):
            if not row.text(column):
                yield row.problem("L7", f"no job title: {column} of {row.text('role')} is empty")
