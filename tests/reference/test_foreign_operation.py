"""The foreign bank meets what it is written for: every signal, status and band, figures that grow, ranks, targets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .bank import Result, blocked, compute
from .foreign_landing import write_landing
from .history import KPIS, History
from .kpi import METRICS

DAYS = [date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 15)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    """Four months, each resting on those before."""
    landing = tmp_path_factory.mktemp("foreign")
    write_landing(landing, DAYS, customers=400, seed=8, file_format="csv", defects=True, optional="all")
    return months(landing)


def months(landing: Path) -> list[Result]:
    """The results of the four days; none of them is blocked."""
    history, found = History(), []
    for day in DAYS:
        assert blocked(landing, day) == []
        found.append(compute(landing, day, history))
        history = history.after(found[-1].policy_month, found[-1].marts)
    return found


def values(results: list[Result], table: str, column: str) -> set[object]:
    """The different values of a column in all months."""
    return {row[column] for result in results for row in result.marts[table]}


def test_visits(results: list[Result]) -> None:
    """All signals, and duties on both sides of them."""
    assert values(results, "fct_visit_signal_monthly", "signal") == {
        *("late_entry", "off_day", "month_end_burst", "crowded_day", "same_minute", "short_call", "copied_outcome"),
    }
    for result in results:
        duties = result.marts["fct_visit_obligation_monthly"]
        doubtful = [row for row in duties if row["doubtful_contacts"]]
        assert {row["doubtful_contacts"] < row["counted_contacts"] for row in doubtful} == {True, False}
        by_org = result.marts["fct_visit_compliance_by_org_monthly"]
        assert {row["met"] > row["met_without_doubtful"] for row in by_org} == {True, False}
        by_employee = result.marts["fct_visit_compliance_by_employee_monthly"]
        assert {row["peers"] >= 5 for row in by_employee} == {True, False}


def test_figures(results: list[Result]) -> None:
    """Every metric of the warehouse has a value that is not 0, and the year's start is known in the last month."""
    rows = results[-1].marts[KPIS]
    for metric in METRICS:
        if metric.source == "warehouse":
            own = [row for row in rows if (row["subject_kind"], row["metric"]) == (metric.subject_kind, metric.name)]
            assert any(row["value"] for row in own), metric
            assert any(row["year_to_date"] for row in own), metric
            assert None not in {row["year_to_date"] for row in own}, metric
    differences = {row["parts_difference"] for result in results for row in result.marts[KPIS]}
    assert differences == {None, Decimal(0)}
    for result in results:
        assigned = result.marts["fct_maintenance_assignment_monthly"]
        assert total(result, "assigned_customers") == sum(row["employee_id"] is not None for row in assigned)
        revenue = {row["customer_id"]: row["revenue_12m"] or 0 for row in result.marts["fct_customer_360_monthly"]}
        credited = sum(revenue[row["customer_id"]] for row in assigned if row["credit_employee_id"] is not None)
        assert total(result, "credited_revenue_12m") == credited


def total(result: Result, metric: str) -> Decimal:
    """The sum over all people of a metric that only people have."""
    return sum((row["value"] for row in result.marts[KPIS] if row["metric"] == metric), Decimal(0))


def test_ranks(results: list[Result]) -> None:
    """Subjects with and without a rank, and ranks that are shared."""
    for result in results:
        rows = result.marts["fct_ranking_monthly"]
        assert {row["rank"] is None for row in rows} == {True, False}
        for row in rows:
            better = [
                other
                for other in rows
                if (other["compare"], other["peer_group"]) == (row["compare"], row["peer_group"])
                and row["score"] is not None
                and other["score"] is not None
                and other["score"] > row["score"]
            ]
            assert row["rank"] == (None if row["score"] is None else 1 + len(better))


def test_what_is_reported(results: list[Result]) -> None:
    """Delivered metrics of several months, shares of them, and reports of what the warehouse computes."""
    rows = [row for result in results for row in result.marts[KPIS]]
    delivered = {metric.name for metric in METRICS if metric.source == "delivered"}
    assert len({row["value_month"] for row in rows if row["metric"] in delivered}) > 6
    assert {row["year_to_date"] is None for row in rows if row["metric"] in delivered} == {True, False}
    for name in ("deposit_share_four_banks", "deposit_share_five_banks", "fee_income_share"):
        assert {row["value"] is None for row in rows if row["metric"] == name} == {True, False}
    assert {row["metric"] for row in rows if row["reported_value"] is not None} == {
        *("deposit_balance", "customers", "loan_balance"),
    }


def test_targets(results: list[Result]) -> None:
    """Targets of every level, below 0 and of 0; days without anybody; the parts are the whole."""
    for result in results:
        rows = result.marts["fct_target_monthly"]
        years = {(row["org_id"], row["metric"]): row["target"] for row in rows if row["period_kind"] == "year"}
        assert {(target > 0) - (target < 0) for target in years.values()} == {-1, 0, 1}
        for key, target in years.items():
            own = [row for row in rows if (row["org_id"], row["metric"]) == key]
            of_all = [row for row in own if row["employee_id"] == "all"]
            for kind in ("quarter", "month"):
                assert sum(row["target"] for row in of_all if row["period_kind"] == kind) == target
            month = next(
                row["target"]
                for row in of_all
                if (row["period_kind"], row["period_start"]) == ("month", result.policy_month)
            )
            for kind in ("week", "day"):
                assert sum(row["target"] for row in of_all if row["period_kind"] == kind) == month
            people = [row for row in own if row["employee_id"] != "all"]
            for kind in ("month", "day"):
                assert not people or sum(row["target"] for row in people if row["period_kind"] == kind) == month
    assert "unassigned" in values(results, "fct_target_monthly", "employee_id")
    assert any(row["run_rate"] is not None for row in results[-1].marts["fct_target_monthly"])


def test_appraisals_and_campaigns(results: list[Result]) -> None:
    """Every status and grade, feedback of both halves, campaigns with and without a whole plan and controls."""
    appraisal = "fct_appraisal"
    assert values(results, appraisal, "status") == {"complete", "partial", "open", "overdue"}
    assert values(results, appraisal, "rule_id") == {
        *(None, "AG-EXCELLENT", "AG-GOOD", "AG-PASS-GAP", "AG-PASS", "AG-FAIL"),
    }
    for column in ("questionnaires_h1", "questionnaires_h2", "other_feedback"):
        assert values(results, appraisal, column) > {0, 1}
    campaign = "fct_campaign_result"
    assert values(results, campaign, "status") == {"planned", "running", "converting", "closed"}
    assert None in values(results, campaign, "missing_plan_fields")
    assert {row["lift"] is None for result in results for row in result.marts[campaign]} == {True, False}
    for column in ("contacted_without_consent", "controls_contacted", "controls_converted"):
        assert values(results, campaign, column) > {0, 1}
