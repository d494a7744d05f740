"""L2, L3 and L6: figures of organisations and people, and the compares that rank them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from expectations.policy.checks.parts import labelled, missing_row, one_of, only_columns, within
from expectations.policy.model import InForce, Row
from expectations.policy.sheets import Problem

ORG, EMPLOYEE = "org", "employee"
SUBJECT_KINDS = (ORG, EMPLOYEE)
KINDS = ("stock", "flow", "ratio")
WAREHOUSE, DELIVERED, RATIO = "warehouse", "delivered", "ratio"
SOURCES = (WAREHOUSE, DELIVERED, RATIO)
VALUE, YEAR_TO_DATE, GROWTH = "value", "year_to_date", "growth_rate_year"
OPERANDS = ("numerator", "denominator")
RATIO_COLUMNS = (*OPERANDS, "ratio_basis")
# What the models count, by subject; a bank chooses from these and names them.
COUNTED: Mapping[str, tuple[str, ...]] = {
    ORG: (
        "customers", "customers_in_scope", "new_customers", "financial_assets", "deposit_balance",
        "deposit_balance_retail", "deposit_balance_corporate", "loan_balance", "loan_balance_retail",
        "loan_balance_corporate", "npl_balance", "credit_cards_issued", "revenue_12m", "upgraded_customers",
        "downgraded_customers", "churned_customers", "churn_base_customers", "unreachable_customers",
        "unreachable_before", "cured_customers", "stale_statements", "statements_due", "duties_met", "duties_judged",
        "required_contacts", "credited_contacts", "visits", "doubtful_visits", "people_short",
    ),
    EMPLOYEE: (
        "assigned_customers", "assigned_financial_assets", "unreachable_customers", "credited_revenue_12m",
        "counted_contacts", "customers_contacted", "doubtful_contacts", "upgraded_customers",
    ),
}  # fmt: skip
OVERALL = "overall"
PEER_PARAMETERS = {ORG: "org_peer_minimum", EMPLOYEE: "peer_minimum"}


def metrics(view: InForce) -> Iterator[Problem]:
    """A metric is counted by the models, delivered of organisations, or a ratio of two such; a part has a whole."""
    known = _metrics(view)
    for row in view.rows["policy_metric"]:
        subject, source, metric = row.text("subject_kind"), row.text("source"), row.text("metric")
        yield from one_of(row, "subject_kind", SUBJECT_KINDS)
        yield from one_of(row, "kind", KINDS)
        yield from one_of(row, "source", SOURCES)
        yield from labelled(view, row, "unit", "unit")
        yield from only_columns(row, source, RATIO_COLUMNS if source == RATIO else (), RATIO_COLUMNS)
        if (row.text("kind") == "ratio") != (source == RATIO):
            yield row.problem("L2", "kind and source differ: a ratio has both, and nothing else has either")
        if source == WAREHOUSE and subject in COUNTED:
            yield from one_of(row, "metric", COUNTED[subject])
        if source == DELIVERED and subject == EMPLOYEE:
            yield row.problem("L2", f"nobody delivers it: {metric} is of people, and organisations alone report")
        if source == RATIO:
            yield from _operands(row, known)
        whole = known.get((subject, row.text("part_of")))
        if row.text("part_of") and (whole is None or whole is row or whole.text("source") != source or source == RATIO):
            yield row.problem("L3", f"no whole: part_of {row.text('part_of')} is no other {source} metric of {subject}")


def ranking(view: InForce) -> Iterator[Problem]:
    """A compare weighs metrics of its subjects by a column that they have; its weights are not all 0."""
    known = _metrics(view)
    weights: dict[tuple[str, str], Decimal] = {}
    first: dict[tuple[str, str], Row] = {}
    for row in view.rows["policy_ranking"]:
        subject, compare, measure = row.text("subject_kind"), row.text("compare"), row.text("measure")
        yield from one_of(row, "subject_kind", SUBJECT_KINDS)
        yield from labelled(view, row, "compare", "compare")
        yield from one_of(row, "measure", (VALUE, YEAR_TO_DATE, GROWTH))
        yield from one_of(row, "better", ("high", "low"))
        yield from within(row, "weight", Decimal(0), None)
        metric = known.get((subject, row.text("metric")))
        if compare == OVERALL:
            yield row.problem("L2", "taken: overall is the mean of the other compares")
        if metric is None:
            what = f"{row.text('metric')} of {subject} is not in force in policy_metric"
            yield row.problem("L3", f"unknown metric: {what}")
        elif measure == GROWTH and metric.text("kind") != "stock":
            yield row.problem("L2", f"no growth: {row.text('metric')} is no stock, and has no {GROWTH}")
        first.setdefault((subject, compare), row)
        weights[subject, compare] = weights.get((subject, compare), Decimal(0)) + (row.number("weight") or Decimal(0))
    for place, weight in weights.items():
        if weight == 0:
            yield first[place].problem("L6", f"no weight: the metrics of {place[1]} of {place[0]} weigh nothing")
    yield from _peer_parameters(view)


def _metrics(view: InForce) -> dict[tuple[str, str], Row]:
    return {(row.text("subject_kind"), row.text("metric")): row for row in view.rows["policy_metric"]}


def _operands(row: Row, known: Mapping[tuple[str, str], Row]) -> Iterator[Problem]:
    yield from one_of(row, "ratio_basis", (VALUE, YEAR_TO_DATE))
    sources = set()
    for column in OPERANDS:
        operand = known.get((row.text("subject_kind"), row.text(column)))
        if operand is None or operand.text("source") == RATIO:
            yield row.problem("L3", f"unknown {column}: {row.text(column)} is no counted or delivered metric in force")
        else:
            sources.add(operand.text("source"))
    if row.text("ratio_basis") == YEAR_TO_DATE and len(sources) > 1:
        what = "what is counted is known by its value in the month of what is delivered"
        yield row.problem("L2", f"two sources: {what}, not by what its year had brought")


def _peer_parameters(view: InForce) -> Iterator[Problem]:
    ranked = {row.text("subject_kind") for row in view.rows["policy_ranking"]}
    kept = {row.text("parameter_id") for row in view.rows["policy_parameter"]}
    for subject, name in PEER_PARAMETERS.items():
        if subject in ranked and name not in kept:
            yield missing_row(view, "policy_parameter", f"no row: {name} is not in force; rank of {subject} needs it")
    for row in view.rows["policy_parameter"]:
        if row.text("parameter_id") == PEER_PARAMETERS[ORG]:
            yield from within(row, "number_value", Decimal(1), None)
