"""The sample bank over four closes: its marts are the reference's, and none of what the policy asks for is missing.

The reference shares no code with the warehouse. Each close is delivered by itself; a date's rows are the same in
every range.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from reference.bank import Result, compute
from reference.compare import differences
from reference.history import History
from support.house import CLOSES, House, Marts, read_marts, read_rows

from expectations.policy.in_force import rows_in_force
from expectations.project import POLICY_FOLDER

pytestmark = pytest.mark.nightly


@dataclass(frozen=True)
class Close:
    """What was published for a close, and the reference's result for it."""

    marts: Marts
    reference: Result


@pytest.fixture(scope="module")
def closes(four_closes: House) -> dict[date, Close]:
    """What was published for each close: its own release is still there."""
    runs = read_rows(four_closes.current, "select business_date, run_id from marts.fct_refresh_run")
    releases = {row["business_date"]: four_closes.published / "releases" / row["run_id"] for row in runs}
    done: dict[date, Close] = {}
    past = History()
    for day in CLOSES:
        reference = compute(four_closes.folder / str(day), day, past)
        done[day] = Close(read_marts(releases[day] / "fenceng.duckdb"), reference)
        past = past.after(reference.policy_month, reference.marts)
    return done


@pytest.mark.parametrize("day", CLOSES, ids=str)
def test_every_mart_is_the_references_and_has_rows(closes: dict[date, Close], day: date) -> None:
    assert differences(closes[day].marts, closes[day].reference) == []
    # The shipped rows exempt nobody.
    assert {name for name, rows in closes[day].marts.items() if not rows} == {"fct_policy_exception_monthly"}


def test_every_kind_of_action_is_found(closes: dict[date, Close]) -> None:
    wanted = {
        (row["action_kind"], row["segment"]) for row in rows_in_force(POLICY_FOLDER / "policy_action.csv", CLOSES[0])
    }
    listed = [row for close in closes.values() for row in close.marts["fct_customer_action"]]
    segments = {row["customer_id"]: row["segment"] for row in closes[CLOSES[-1]].marts["dim_customer"]}
    found = {(row["action_kind"], segments[row["customer_id"]]) for row in listed}
    assert found >= wanted
    outcomes = {row["outcome"] for close in closes.values() for row in close.marts["fct_customer_action_count"]}
    assert outcomes == {"listed", "no_consent", "under_age", "unreachable"}


def test_every_case_of_the_customer_view_is_there(closes: dict[date, Close]) -> None:
    marts = closes[CLOSES[-1]].marts
    view = marts["fct_customer_360_monthly"]

    def values(rows: list[dict[str, Any]], name: str) -> set[Any]:
        return {row[name] for row in rows}

    assert values(view, "is_churned") == {True, False}
    assert values(view, "is_statement_stale") == {True, False, None}
    assert values(view, "is_institution") == values(view, "is_borrower") == {True, False, None}
    assert values(view, "data_confidence") == {"high", "medium", "low"}
    assert values(view, "region_star") == {1, 2, 3, 4, 5}
    assert any(row["revenue_3m"] is None and row["revenue_12m"] is not None for row in view)
    assert any(row["revenue_3m"] is None and row["revenue_6m"] is not None for row in view)
    assert values(marts["fct_contact_red_list"], "reason") == {"missing", "malformed", "shared"}
    assigned = marts["fct_maintenance_assignment_monthly"]
    assert values(assigned, "assignment_basis") >= {"existing", "customer_choice", "claim", "allocated"}
    for name in ("choice_pending_since", "specialist_employee_id", "beside_employee_id"):
        assert any(row[name] is None for row in assigned)
        assert any(row[name] is not None for row in assigned)
    opened = [row for row in marts["fct_prospect_funnel_monthly"] if row["policy_month"] == date(2026, 1, 1)]
    assert 0 < sum(row["opened"] for row in opened) < sum(row["contacted"] for row in opened)


def test_every_signal_of_a_doubtful_visit_is_shown(closes: dict[date, Close]) -> None:
    wanted = {row["signal"] for row in rows_in_force(POLICY_FOLDER / "policy_visit_signal.csv", CLOSES[0])}
    for day, close in closes.items():
        rows = [row for row in close.marts["fct_visit_signal_monthly"] if row["policy_month"] == day.replace(day=1)]
        assert {row["signal"] for row in rows} >= wanted - {"off_day"}
        # Few of the month's visits are doubtful: those of a month are recorded on their days.
        assert len({row["visit_id"] for row in rows if row["signal"] == "late_entry"}) == 1
    # October and January have days off that the bank's people do not know.
    shown = {row["signal"] for close in closes.values() for row in close.marts["fct_visit_signal_monthly"]}
    assert shown == wanted
    duties = [row for close in closes.values() for row in close.marts["fct_visit_obligation_monthly"]]
    met = [row for row in duties if row["status"] == "met"]
    assert any(row["counted_contacts"] - row["doubtful_contacts"] < row["required_contacts"] for row in met)
    assert any(row["counted_contacts"] - row["doubtful_contacts"] == row["required_contacts"] for row in met)


def test_reported_figures_reach_the_marts(closes: dict[date, Close]) -> None:
    rows = [row for row in closes[CLOSES[0]].marts["fct_kpi_monthly"] if row["metric"] == "fee_income"]
    # An outlet reported nothing for September.
    assert {row["value_month"] for row in rows} == {date(2025, 8, 1), date(2025, 9, 1)}
    shares = [row for row in closes[CLOSES[-1]].marts["fct_kpi_monthly"] if row["metric"] == "deposit_share_five_banks"]
    assert any(row["value"] is not None for row in shares)
    assert any(row["value"] is None for row in shares)
