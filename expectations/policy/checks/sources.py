"""L4 and L5: clauses, basis and rationale; one key in force twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from expectations.policy.checks.parts import one_of
from expectations.policy.checks.references import LIMITS
from expectations.policy.model import RULE_FAMILIES, InForce, Row
from expectations.policy.sheets import Problem

BASES = ("source", "assumed")
# Keys of rows that would say the same thing twice, whatever their rule_id.
ONCE = {
    "policy_visit_frequency": ("role_group", "tier_code"),
    "policy_role": ("role",),
    "policy_capacity": ("role", "capacity_kind"),
    "policy_segment": ("customer_kind", "institution_type"),
    "policy_size_basis": ("size_group", "credit_customer", "preference"),
    "policy_aum_component": ("measure_id", "source_table", "component"),
    "policy_counted_status": ("table_name", "status"),
    "policy_card_spend": ("card_kind", "transaction_kind"),
    "policy_visit_channel": ("channel",),
    "policy_access": ("org_level", "role"),
    "policy_department_level": ("org_level",),
    LIMITS: ("table_name", "column_name"),
    "policy_statement_kind": ("is_established_this_year", "report_kind"),
    "policy_action": ("action_kind", "segment"),
    "policy_beside_role": ("tier_code",),
    "policy_concentration": ("group_kind", "group_code", "segment"),
    "policy_contact_frequency": ("tier_code",),
    "policy_profile_field": ("segment", "field"),
    "policy_star": ("star",),
    "policy_value_list": ("value_list", "value"),
    "policy_season": ("metric", "month_of_year"),
    "policy_target_role": ("metric", "role"),
    "policy_appraised_role": ("role",),
    "policy_ranking": ("subject_kind", "compare", "metric"),
    "policy_visit_signal": ("signal",),
    "policy_red_list_reason": ("priority",),
    "policy_tier": ("scheme", "tier_rank"),
}


def sources(view: InForce) -> Iterator[Problem]:
    """Every row cites a clause of a document; a row has a rationale if and only if the text does not say it."""
    documents = {row.text("document_id") for row in view.rows["policy_document"]}
    clauses = {row.text("clause_ref") for row in view.rows["policy_article"]}
    for row in view.rows["policy_article"]:
        if row.text("document_id") not in documents:
            yield row.problem("L4", f"unknown document: {row.text('document_id')} is not in policy_document")
    for family, rows in view.rows.items():
        if family == "policy_article" or "clause_ref" not in view.policy.schemas[family].columns:
            continue
        for row in rows:
            if row.text("clause_ref") not in clauses:
                yield row.problem("L4", f"unknown clause: {row.text('clause_ref')} is not in policy_article")
            yield from one_of(row, "basis", BASES, "L4")
            ours = row.text("basis") == "assumed" or row.flag("is_gap_fill")
            if ours and not row.text("rationale"):
                yield row.problem("L4", "no rationale: a row that is assumed or fills a gap says why")
            if not ours and row.text("rationale"):
                yield row.problem("L4", "rationale of a source: a row that only repeats the text needs no reason")


def keys(view: InForce) -> Iterator[Problem]:
    """No key has two rows in force on the same date, and no rule_id is in two families."""
    family_of: dict[str, Row] = {}
    for family, rows in view.rows.items():
        schema = view.policy.schemas[family]
        seen: dict[tuple[object, ...], Row] = {}
        for row in rows:
            key = tuple(row.values.get(column) for column in schema.key)
            before = seen.setdefault(key, row)
            if before is not row:
                words = ", ".join(str(part) for part in key if part not in (None, ""))
                close = "; close one of them before the other begins" if schema.has_validity else ""
                yield row.problem("L5", f"twice in force: {words} is also in line {before.line}{close}")
        if family in ONCE:
            yield from _once(rows, ONCE[family], schema.key)
        for row in rows:
            if "rule_id" not in schema.columns or family == "policy_exception":
                continue
            other = family_of.setdefault(row.text("rule_id"), row)
            if other.family != family and not {other.family, family} <= set(RULE_FAMILIES):
                yield row.problem("L5", f"one name, two rules: {other.family}, line {other.line}, has this rule_id too")


def _once(rows: Sequence[Row], columns: Sequence[str], key: Sequence[str]) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        before = seen.setdefault(tuple(row.text(column) for column in columns), row)
        # Duplicate keys are reported separately.
        if any(row.values.get(column) != before.values.get(column) for column in key):
            words = ", ".join(f"{column} {row.text(column) or 'empty'}" for column in columns)
            yield row.problem("L5", f"said twice: {words} is also in line {before.line} ({before.name})")
