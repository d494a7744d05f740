"""L2, L3 and L6: how targets are split, who is appraised, and the parameters of appraisals and campaigns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from expectations.policy.checks.parts import missing_row, within
from expectations.policy.model import InForce, Row
from expectations.policy.sheets import Problem

# A row of every metric without one of its own.
ANY = "*"
LAST_MONTH = 12
MONTHS = range(1, LAST_MONTH + 1)
# Read whatever the bank delivers.
PARAMETERS: Mapping[str, str] = {
    "appraisal_grace_months": "the status of an appraisal",
    "conversion_days": "the result of a campaign",
    "interval_z": "the lift of a campaign",
}


def seasons(view: InForce) -> Iterator[Problem]:
    """Every month has a weight of at least 0 for any metric, and no metric has a year without weight."""
    rows = view.rows["policy_season"]
    weights: dict[str, dict[Decimal | None, Decimal]] = {}
    for row in rows:
        yield from _known_metric(view, row)
        yield from within(row, "month_of_year", Decimal(MONTHS[0]), Decimal(MONTHS[-1]))
        yield from within(row, "weight", Decimal(0), None)
        weight = row.number("weight") or Decimal(0)
        weights.setdefault(row.text("metric"), {})[row.number("month_of_year")] = weight
    of_any = weights.get(ANY, {})
    for month in MONTHS:
        if Decimal(month) not in of_any:
            what = f"month {month} has no weight for any metric"
            yield missing_row(view, "policy_season", f"no row: {what}, and a target loses its days")
    for metric, own in weights.items():
        if not any((of_any | own).values()):
            first = next(row for row in rows if row.text("metric") == metric)
            yield first.problem("L6", f"no weight: the months of {metric} weigh nothing")


def people_of_results(view: InForce) -> Iterator[Problem]:
    """Targets are shared by, and appraisals due from, people of roles of policy_role."""
    roles = {row.text("role") for row in view.rows["policy_role"]}
    for family in ("policy_target_role", "policy_appraised_role"):
        for row in view.rows[family]:
            if row.text("role") not in roles:
                yield row.problem("L3", f"unknown role: {row.text('role')} is not in force in policy_role")
    for row in view.rows["policy_target_role"]:
        yield from _known_metric(view, row)


def result_parameters(view: InForce) -> Iterator[Problem]:
    """The parameters of appraisals and campaigns are in force."""
    for name, reader in PARAMETERS.items():
        if view.parameter(name) is None:
            yield missing_row(view, "policy_parameter", f"no row: {name} is not in force; {reader} needs it")


def _known_metric(view: InForce, row: Row) -> Iterator[Problem]:
    known = {metric.text("metric") for metric in view.rows["policy_metric"]}
    if row.text("metric") not in {ANY, *known}:
        yield row.problem("L3", f"unknown metric: {row.text('metric')} is neither {ANY} nor in force in policy_metric")
