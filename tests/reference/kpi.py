"""Figures of organisations and people, what the bank reports of itself, their ratios, and how they grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .customer_view import CHURN_MONTHS
from .customers import ZERO, Customer
from .days import first_of_month, first_of_quarter, first_of_year, months_before, rounded
from .history import KPIS, MONTHS, TIERS, VIEWS, Past
from .landing import Accepted, Row
from .organizations import Tree
from .signals import Doubtful, of_the_month
from .tiers import own_measure

ORG, EMPLOYEE = "org", "employee"
NON_PERFORMING = {"substandard", "doubtful", "loss"}
PLACES = 6
PERIODS = ("month", "quarter", "year")


@dataclass(frozen=True)
class Metric:
    """A row of policy_metric, less its unit and labels."""

    name: str
    subject_kind: str
    kind: str  # stock, flow, ratio
    source: str  # warehouse, delivered, ratio
    numerator: str = ""
    denominator: str = ""
    ratio_basis: str = ""
    part_of: str = ""


def _metrics(names: str, subject_kind: str, kind: str, source: str) -> list[Metric]:
    return [Metric(name, subject_kind, kind, source) for name in names.split()]


def _ratio(name: str, numerator: str, denominator: str, basis: str = "value") -> Metric:
    return Metric(name, ORG, "ratio", "ratio", numerator, denominator, basis)


METRICS = [
    *_metrics(
        "customers customers_in_scope financial_assets deposit_balance loan_balance npl_balance revenue_12m"
        " churned_customers churn_base_customers unreachable_customers stale_statements statements_due people_short",
        ORG,
        "stock",
        "warehouse",
    ),
    *(
        Metric(f"{whole}_{segment}", ORG, "stock", "warehouse", part_of=whole)
        for whole in ("deposit_balance", "loan_balance")
        for segment in ("retail", "corporate")
    ),
    *_metrics(
        "new_customers credit_cards_issued upgraded_customers downgraded_customers cured_customers unreachable_before"
        " duties_met duties_judged required_contacts credited_contacts visits doubtful_visits",
        ORG,
        "flow",
        "warehouse",
    ),
    *_metrics(
        "assigned_customers assigned_financial_assets unreachable_customers credited_revenue_12m",
        EMPLOYEE,
        "stock",
        "warehouse",
    ),
    *_metrics(
        "counted_contacts customers_contacted doubtful_contacts upgraded_customers", EMPLOYEE, "flow", "warehouse"
    ),
    *_metrics(
        "fee_income operating_income profit_before_provision profit_after_provision economic_value_added"
        " insurance_fees gold_sold_grams international_settlement_usd wealth_sales fund_sales"
        " new_personal_online_banking new_corporate_online_banking new_phone_banking new_mobile_banking"
        " new_transfer_terminals new_merchants",
        ORG,
        "flow",
        "delivered",
    ),
    *_metrics(
        "deposit_total_four_banks deposit_total_five_banks deposit_rank_four_banks electronic_channel_share"
        " internal_control_grade",
        ORG,
        "stock",
        "delivered",
    ),
    _ratio("npl_ratio", "npl_balance", "loan_balance"),
    _ratio("compliance_rate", "duties_met", "duties_judged"),
    _ratio("contact_completion_rate", "credited_contacts", "required_contacts"),
    _ratio("unreachable_share", "unreachable_customers", "customers_in_scope"),
    _ratio("upgrade_rate", "upgraded_customers", "customers_in_scope"),
    _ratio("churn_rate", "churned_customers", "churn_base_customers"),
    _ratio("stale_statement_share", "stale_statements", "statements_due"),
    _ratio("cure_rate", "cured_customers", "unreachable_before"),
    _ratio("doubtful_share", "doubtful_visits", "visits"),
    _ratio("deposit_share_four_banks", "deposit_balance", "deposit_total_four_banks"),
    _ratio("deposit_share_five_banks", "deposit_balance", "deposit_total_five_banks"),
    _ratio("fee_income_share", "fee_income", "operating_income", "year_to_date"),
]

Values = dict[str, dict[str, Decimal]]  # metric -> subject -> value


@dataclass(frozen=True)
class Sources:
    """The month's own tables, by customer or by person where a name says nothing else, and the past."""

    data: Accepted
    customers: Mapping[str, Customer]
    tiers: Mapping[str, Row]
    views: Mapping[str, Row]
    assigned: Iterable[Row]
    capacity: Iterable[Row]
    by_org: Iterable[Row]
    by_employee: Iterable[Row]
    doubtful: Doubtful
    tree: Tree
    people: Collection[str]  # employed on D
    past: Past
    day: date


def kpi_rows(sources: Sources, metrics: Sequence[Metric] = METRICS) -> list[Row]:
    """fct_kpi_monthly."""
    values = {ORG: organisation_values(sources), EMPLOYEE: employee_values(sources)}
    return figures(metrics, values, sources.data.rows.get("reported_metric", ()), sources.past)


# ---------------------------------------------------------------- what the warehouse knows


def organisation_values(sources: Sources) -> Values:
    """Every accepted organisation over the customers in it, 0 for nobody."""
    orgs = sources.tree.rows
    totals: Values = {
        metric.name: dict.fromkeys(orgs, ZERO)
        for metric in METRICS
        if (metric.subject_kind, metric.source) == (ORG, "warehouse")
    }
    for customer_id, name, amount in _of_customers(sources):
        for org_id in sources.tree.line(sources.customers[customer_id].row["org_id"]):
            totals[name][org_id] += amount
    for row in sources.capacity:
        for org_id in sources.tree.line(row["org_id"]):
            totals["people_short"][org_id] += row["people_short"]
    for row in sources.by_org:
        if row["role_group"] == "all":
            totals["duties_met"][row["org_id"]] += row["met"]
            totals["duties_judged"][row["org_id"]] += row["met"] + row["open"] + row["missed"]
            for name in ("required_contacts", "credited_contacts"):
                totals[name][row["org_id"]] += row[name]
    for name, visits in _visits(sources).items():
        for org_id, ids in visits.items():
            totals[name][org_id] += len(ids)
    return totals


def _of_customers(sources: Sources) -> Iterator[tuple[str, str, Decimal]]:
    """(customer, metric, what it adds to it)."""
    one, month = Decimal(1), first_of_month(sources.day)
    churn_base = sources.past.by_customer(TIERS, CHURN_MONTHS)
    before = sources.past.by_customer(VIEWS)
    for customer_id, customer in sources.customers.items():
        tier, view = sources.tiers[customer_id], sources.views[customer_id]
        for name in ("financial_assets", "deposit_balance", "loan_balance"):
            yield customer_id, name, tier[name]
            if name != "financial_assets":
                yield customer_id, f"{name}_{customer.segment}", tier[name]
        yield customer_id, "revenue_12m", view["revenue_12m"] or ZERO
        then = churn_base.get(customer_id)
        was_unreachable = before.get(customer_id, {}).get("red_list_reason") is not None
        is_unreachable = view["red_list_reason"] is not None
        holds = {
            "customers": True,
            "customers_in_scope": tier["is_in_scope"],
            "new_customers": month <= customer.row["opened_on"] <= sources.day,
            "upgraded_customers": tier["tier_movement"] == "up",
            "downgraded_customers": tier["tier_movement"] == "down",
            "churned_customers": view["is_churned"],
            "churn_base_customers": then is not None and then["is_in_scope"] and own_measure(customer, then) > 0,
            "unreachable_customers": is_unreachable,
            "unreachable_before": was_unreachable,
            "cured_customers": was_unreachable and not is_unreachable,
            "stale_statements": view["is_statement_stale"] is True,
            "statements_due": view["is_statement_stale"] is not None,
        }
        yield from ((customer_id, name, one) for name, is_so in holds.items() if is_so)
    for row in sources.data.rows["loan"]:
        if row["status"] == "active" and row["risk_class"] in NON_PERFORMING:
            yield row["customer_id"], "npl_balance", row["principal_balance"] * sources.data.rates[row["currency"]]
    for row in sources.data.rows["card"]:
        is_issued = month <= row["issued_on"] <= sources.day and row["status"] != "cancelled"
        if row["card_kind"] == "credit" and is_issued:
            yield row["customer_id"], "credit_cards_issued", one


def _visits(sources: Sources) -> dict[str, dict[str, set[str]]]:
    """Metric -> organisation -> the visits of the customers in it; a trip counts once."""
    found: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in ("visits", "doubtful_visits")}
    for visit in of_the_month(sources.data.rows["visit"], sources.day):
        customer = sources.customers.get(visit["customer_id"])
        if customer is None:
            continue
        for org_id in sources.tree.line(customer.row["org_id"]):
            found["visits"][org_id].add(visit["visit_id"])
            if (visit["visit_id"], visit["employee_id"]) in sources.doubtful:
                found["doubtful_visits"][org_id].add(visit["visit_id"])
    return found


def employee_values(sources: Sources) -> Values:
    """Each person employed on D, 0 for nobody."""
    totals: Values = {
        metric.name: dict.fromkeys(sources.people, ZERO) for metric in METRICS if metric.subject_kind == EMPLOYEE
    }
    for row in sources.assigned:
        customer_id, person = row["customer_id"], row["employee_id"]
        tier, view = sources.tiers[customer_id], sources.views[customer_id]
        if person is not None:
            totals["assigned_customers"][person] += 1
            totals["assigned_financial_assets"][person] += tier["financial_assets"]
            totals["unreachable_customers"][person] += view["red_list_reason"] is not None
            totals["upgraded_customers"][person] += tier["tier_movement"] == "up"
        if (credited := row["credit_employee_id"]) is not None:
            totals["credited_revenue_12m"][credited] += view["revenue_12m"] or ZERO
    for row in sources.by_employee:
        for name in ("counted_contacts", "customers_contacted", "doubtful_contacts"):
            if row["employee_id"] in totals[name]:
                totals[name][row["employee_id"]] += row[name]
    return totals


# ---------------------------------------------------------------- the rows

Reported = dict[tuple[str, str], dict[date, Decimal]]  # (organisation, metric) -> month -> value


def figures(
    metrics: Sequence[Metric], values: Mapping[str, Values], reported_rows: Iterable[Row], past: Past
) -> list[Row]:
    """The rows of every metric, with what they grew by. `values`: subject kind -> what the warehouse computed."""
    reported: Reported = defaultdict(dict)
    for row in reported_rows:
        reported[row["org_id"], row["metric"]][row["month"]] = row["value"]
    published = Published(past)
    rows: dict[tuple[str, str, str], Row] = {}
    for metric in metrics:
        if metric.source == "warehouse":
            for subject, amount in values[metric.subject_kind].get(metric.name, {}).items():
                row = _row(metric, subject, rounded(amount, PLACES), past.month, past.month)
                row |= published.growth(metric, subject, row["value"])
                if metric.subject_kind == ORG:
                    row |= _as_reported(reported.get((subject, metric.name), {}), past.month)
                rows[metric.subject_kind, subject, metric.name] = row
        elif metric.source == "delivered":
            for (subject, name), months in reported.items():
                newest = max((month for month in months if month <= past.month), default=None)
                if name == metric.name and newest is not None:
                    row = _row(metric, subject, months[newest], newest, past.month)
                    rows[metric.subject_kind, subject, name] = row | delivered_growth(metric, months, newest)
    sources = {(metric.subject_kind, metric.name): metric for metric in metrics}
    for metric in metrics:
        if metric.source == "ratio":
            parts = [sources[metric.subject_kind, name] for name in (metric.numerator, metric.denominator)]
            for subject in {subject for kind, subject, _ in rows if kind == metric.subject_kind}:
                two = [rows.get((metric.subject_kind, subject, part.name)) for part in parts]
                if two != [None, None]:
                    value, month = _quotient(metric, parts, two, published)
                    row = _row(metric, subject, value, month, past.month)
                    rows[metric.subject_kind, subject, metric.name] = row | published.growth(metric, subject, value)
    _add_parts(metrics, rows)
    return list(rows.values())


def _row(metric: Metric, subject: str, value: Decimal | None, value_month: date, month: date) -> Row:
    return {
        "policy_month": month,
        "subject_kind": metric.subject_kind,
        "subject_id": subject,
        "metric": metric.name,
        "value": value,
        "value_month": value_month,
        "reported_value": None,
        "reported_month": None,
    }


def _as_reported(months: Mapping[date, Decimal], month: date) -> Row:
    """What the bank itself says of the newest month of the last year."""
    newest = max((one for one in months if months_before(month, MONTHS) <= one <= month), default=None)
    return {"reported_value": None if newest is None else months[newest], "reported_month": newest}


def _quotient(
    metric: Metric, parts: Sequence[Metric], two: Sequence[Row | None], published: Published
) -> tuple[Decimal | None, date]:
    """The value of a ratio and the month that it is of."""
    numerator, denominator = two
    sources = {part.source for part in parts}
    delivered = next((row for part, row in zip(parts, two, strict=True) if row and part.source == "delivered"), None)
    if sources == {"warehouse", "delivered"} and delivered is not None:
        # the warehouse's figure of the month that the other one is of
        month: date = delivered["value_month"]
        numerator, denominator = (
            row if row is None or part.source == "delivered" else published.as_of(part, row, month)
            for part, row in zip(parts, two, strict=True)
        )
        return _divided(numerator, denominator, metric.ratio_basis), month
    if numerator is None or denominator is None or numerator["value_month"] != denominator["value_month"]:
        return None, published.past.month
    return _divided(numerator, denominator, metric.ratio_basis), numerator["value_month"]


def _divided(numerator: Row | None, denominator: Row | None, basis: str) -> Decimal | None:
    over, under = (None if row is None else row.get(basis) for row in (numerator, denominator))
    if over is None or under is None or under == 0:
        return None
    return rounded(Fraction(over) / Fraction(under), PLACES)


def _add_parts(metrics: Sequence[Metric], rows: Mapping[tuple[str, str, str], Row]) -> None:
    """parts_difference; null without parts or if one is missing."""
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for metric in metrics:
        if metric.part_of:
            parts[metric.subject_kind, metric.part_of].append(metric.name)
    for (kind, subject, name), row in rows.items():
        found = [rows.get((kind, subject, part), {}) for part in parts[kind, name]]
        row["parts_difference"] = None
        whole = _sum(part.get("value") if part.get("value_month") == row["value_month"] else None for part in found)
        if found and whole is not None and row["value"] is not None:
            row["parts_difference"] = row["value"] - whole


def _sum(terms: Iterable[Decimal | None]) -> Decimal | None:
    """The sum, None if a term is."""
    total = ZERO
    for term in terms:
        if term is None:
            return None
        total += term
    return total


# ---------------------------------------------------------------- growth

Growth = Callable[[int], Decimal | None]  # months ago -> the value then


class Published:
    """The figures of the months before M."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self._values: dict[tuple[int, str, str], dict[str, Decimal | None]] = defaultdict(dict)
        for ago in range(1, MONTHS + 1):
            for row in past.rows(KPIS, ago):
                self._values[ago, row["subject_kind"], row["metric"]][row["subject_id"]] = row["value"]

    def value(self, metric: Metric, subject: str, months_ago: int) -> Decimal | None:
        """The subject's value then; None where the metric was not published, or a ratio not for the subject."""
        values = self._values.get((months_ago, metric.subject_kind, metric.name))
        if values is None:
            return None
        return values.get(subject, None if metric.kind == "ratio" else ZERO)

    def as_of(self, metric: Metric, row: Row, month: date) -> Row:
        """Today's row, or no more than the value published for an earlier month."""
        ago = _months_between(month, self.past.month)
        if ago == 0:
            return row
        return {"value": self.value(metric, row["subject_id"], ago) if ago <= MONTHS else None}

    def growth(self, metric: Metric, subject: str, value: Decimal | None) -> Row:
        """What the month, the quarter and the year have brought up to M."""
        return _growth(metric, value, self.past.month, lambda ago: self.value(metric, subject, ago))


def delivered_growth(metric: Metric, months: Mapping[date, Decimal], newest: date) -> Row:
    """The same of a delivered metric, up to its newest month."""
    return _growth(metric, months[newest], newest, lambda ago: months.get(months_before(newest, ago)))


def _growth(metric: Metric, value: Decimal | None, month: date, then: Growth) -> Row:
    starts = {"month": month, "quarter": first_of_quarter(month), "year": first_of_year(month)}
    row: Row = {}
    for period in PERIODS:
        ago = _months_between(starts[period], month)
        if metric.kind == "flow":
            row[f"{period}_to_date"] = _sum([value, *(then(n) for n in range(1, ago + 1))])
        else:
            start = then(ago + 1)
            row[f"{period}_to_date"] = None if value is None or start is None else value - start
    row["growth_rate_year"] = None
    if metric.kind == "stock" and row["year_to_date"] is not None:
        start = then(_months_between(starts["year"], month) + 1)
        if start is not None and start > 0:
            row["growth_rate_year"] = float(Fraction(row["year_to_date"]) / Fraction(start))
    return row


def _months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
