"""Every chart answers, with the figures of the marts."""

from __future__ import annotations

import pytest
from figures import FIGURES, MACROS
from served import Bank, Board, Spec, data, table

from bi.superset import assets, charts

CHARTS = {spec["id"]: spec for spec in assets.chart_specs()}
MONTHLY = {dataset.id for dataset in assets.datasets("zh").values() if "month" in dataset.columns}


def in_month(spec: Spec, bank: Bank, *more: Spec) -> Spec:
    """The query of a chart with the filters that the dashboard adds."""
    asked = charts.query(spec)
    if spec["dataset"] in MONTHLY and not spec.get("every_month"):
        asked["filters"] = [*asked["filters"], {"col": "month", "op": "IN", "val": [bank.month]}]
    return {**asked, "filters": [*asked["filters"], *more]}


@pytest.mark.parametrize("chart", FIGURES)
def test_a_chart_shows_what_the_marts_say(board: Board, bank: Bank, chart: str) -> None:
    month = f"(date '{bank.month}-01')"
    bank.rows(MACROS)
    expected = bank.rows(FIGURES[chart].replace("policy_month = M", f"policy_month = {month}"))
    shown = data(board.ask("admin", f"{chart}_zh", in_month(CHARTS[chart], bank)))
    spec = CHARTS[chart]
    names = [*[spec[place] for place in ("by", "split") if place in spec], *spec.get("columns", [])]
    names += spec.get("metrics", [])
    assert expected, "nothing to compare"
    assert table([tuple(row[name] for name in names) for row in shown]) == table(expected)


@pytest.mark.parametrize("lang", assets.LANGUAGES)
def test_the_stored_query_of_every_chart_answers(board: Board, lang: str) -> None:
    """A chart without its query, or with one that fails, is found without a browser."""
    for chart in FIGURES:
        answer = board.get("admin", f"/api/v1/chart/{board.charts[f'{chart}_{lang}']['id']}/data/?force=true")
        assert data(answer), chart


def test_both_languages_show_the_same_numbers(board: Board, bank: Bank) -> None:
    for chart in ("tier_pyramid", "compliance_by_outlet", "load_table", "actions_by_kind"):
        spec = CHARTS[chart]
        rows = [data(board.ask("admin", f"{chart}_{lang}", in_month(spec, bank))) for lang in assets.LANGUAGES]
        counts = [sorted(str([row[m] for m in spec["metrics"] if m != "assets"]) for row in shown) for shown in rows]
        assert counts[0] == counts[1], chart


def test_the_filters_narrow_the_charts(board: Board, bank: Bank) -> None:
    branch, org_id = bank.rows("select org_name, org_id from dim_organization where org_level = 'branch' order by 2")[0]
    month = f"date '{bank.month}-01'"
    of_branch = {"col": "branch", "op": "IN", "val": [branch]}
    shown = data(board.ask("admin", "customers_in_all_zh", in_month(CHARTS["customers_in_all"], bank, of_branch)))
    (expected,) = bank.rows(
        "select count(*) from fct_customer_tier_monthly inner join dim_organization on org_id = lead_org_id"
        f" where policy_month = {month} and branch_id = '{org_id}'"
    )
    assert 0 < shown[0]["customers"] == expected[0] < bank.rows("select count(*) from dim_customer")[0][0]

    (role,) = bank.rows("select label_zh from dim_role where role = 'lobby_manager'")[0]
    of_role = {"col": "role", "op": "IN", "val": [role]}
    shown = data(board.ask("admin", "load_table_zh", in_month(CHARTS["load_table"], bank, of_role)))
    assert [row["role"] for row in shown] == [role]


def test_a_rate_over_branches_is_no_average(board: Board, bank: Bank) -> None:
    """Numerators and denominators are added up before they are divided."""
    asked = {**in_month(CHARTS["compliance_trend"], bank), "columns": ["month"], "orderby": []}
    rows = data(board.ask("admin", "compliance_trend_zh", asked))
    expected = bank.rows(
        "select strftime(policy_month, '%Y-%m'), sum(met) / sum(met + open + missed)"
        " from fct_visit_compliance_by_org_monthly where org_level = 'branch' and role_group = 'all' group by 1"
    )
    assert table([(row["month"], row["rate"]) for row in rows]) == table(expected)
