"""Who sees which rows of every data set, and what somebody may try against it. docs/board.md lists the tries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from served import Bank, Board, Spec, data

from bi.superset import assets

LANG = "zh"
DATASETS = assets.datasets(LANG)
# A chart of each data set that has one; the others are behind filters.
CHART_OF = {spec["dataset"]: f"{spec['id']}_{LANG}" for spec in assets.chart_specs()}
FILTERS = {spec["dataset"]: spec["id"] for spec in assets.read("board.yml")["filters"]}
KINDS = ("bank", "branch", "outlet", "manager", "nobody", "stranger", "injection")


def allowed(bank: Bank, user: str, dataset: assets.Dataset) -> int:
    """How many rows of a data set the user may read, by docs/semantics.md 14.7 and one row at a time."""
    name = user.replace("'", "''")
    held = bank.rows(f"select org_id, scope from fct_access_right where employee_id = '{name}'")
    places = {org_id for org_id, scope in held if scope != "customers"}
    lead = dict(bank.rows("select customer_id, lead_org_id from dim_customer"))
    own = {
        row[0]
        for row in bank.rows(
            "select customer_id, employee_id, credit_employee_id, beside_employee_id, specialist_employee_id"
            " from fct_maintenance_assignment_monthly"
            " where policy_month = (select max(policy_month) from fct_customer_tier_monthly)"
        )
        if user in row[1:]
    }
    works_at = dict(bank.rows("select employee_id, org_id from dim_employee"))
    is_bank = any(scope == "bank" for _, scope in held)

    def may(row: Spec) -> bool:
        if not held:
            return False
        if is_bank or dataset.rights == "reference":
            return True
        if dataset.rights == "bank":
            return False
        if dataset.rights == "customers":
            return lead.get(row["customer_id"]) in places or row["customer_id"] in own
        if dataset.rights == "employee":
            return works_at.get(row["employee_id"]) in places or row["employee_id"] == user
        return row["org_id"] in places

    rows = bank.rows(dataset.asset["sql"])
    return sum(may(dict(zip(dataset.columns, row, strict=True))) for row in rows)


def all_of(board: Board, user: str, dataset: assets.Dataset) -> list[Spec]:
    """Every row of a data set that the board gives to a user, through a chart's or a filter's way."""
    query = {"columns": list(dataset.columns), "filters": [], "orderby": []}
    if dataset.id in CHART_OF:
        return data(board.ask(user, CHART_OF[dataset.id], query))
    dashboard = board.dashboards[LANG]
    filters = json.loads(dashboard["json_metadata"])["native_filter_configuration"]
    (target,) = next(f["targets"] for f in filters if f["id"] == f"NATIVE_FILTER-{FILTERS[dataset.id]}")
    form = {"type": "NATIVE_FILTER", "native_filter_id": f"NATIVE_FILTER-{FILTERS[dataset.id]}"}
    body = {
        "datasource": {"id": target["datasetId"], "type": "table"},
        "queries": [{"row_limit": 10_000, **query}],
        "form_data": {"dashboardId": dashboard["id"], **form},
        "result_format": "json",
        "result_type": "full",
    }
    return data(board.post(user, "/api/v1/chart/data", body))


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_sees_their_rows_of_every_data_set(board: Board, bank: Bank, kind: str) -> None:
    user = bank.people[kind]
    seen = {dataset.id: len(all_of(board, user, dataset)) for dataset in DATASETS.values()}
    assert seen == {dataset.id: allowed(bank, user, dataset) for dataset in DATASETS.values()}
    if kind in ("nobody", "stranger", "injection"):
        assert set(seen.values()) == {0}
    elif kind == "bank":
        assert min(seen.values()) > 0
    else:
        assert seen["customers"] > 0 == seen["runs"]


def test_an_outlet_sees_no_row_of_another(board: Board, bank: Bank) -> None:
    user = bank.people["outlet"]
    (own,) = bank.rows(f"select org_id from dim_employee where employee_id = '{user}'")[0]
    for name in ("compliance", "loads", "hiring", "actions_found"):
        assert {row["org_id"] for row in all_of(board, user, DATASETS[name])} <= {own}
    months = {row["month"] for row in all_of(board, user, DATASETS["customers"])}
    assert len(months) == 2


def test_a_figure_is_added_up_over_the_users_rows_alone(board: Board, bank: Bank) -> None:
    for kind in ("branch", "outlet", "manager"):
        user = bank.people[kind]
        (shown,) = data(board.ask(user, f"customers_in_all_{LANG}", {"columns": [], "metrics": ["customers"]}))
        assert shown["customers"] == allowed(bank, user, DATASETS["customers"])


def test_a_download_has_the_users_rows_alone(board: Board, bank: Bank) -> None:
    user = bank.people["outlet"]
    query = {"columns": ["customer_id", "month"], "filters": []}
    answer = board.ask(user, f"customers_in_all_{LANG}", query, result_format="csv")
    assert answer.status_code == 200
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + allowed(bank, user, DATASETS["customers"])


@pytest.mark.parametrize("kind", ["samples", "drill_detail"])
def test_raw_rows_are_the_users_rows_alone(board: Board, bank: Bank, kind: str) -> None:
    user = bank.people["outlet"]
    answer = board.ask(user, f"load_table_{LANG}", {"columns": [], "filters": []}, result_type=kind)
    if answer.status_code == 200:
        rows = answer.json()["result"][0]["data"]
        assert len(rows) == allowed(bank, user, DATASETS["loads"])
    else:
        assert answer.status_code == 403, answer.text[:300]


SUBQUERY = "(select count(*) from fct_customer_tier_monthly)"
OWN_SQL: dict[str, Spec] = {
    "a column of SQL": {"columns": [{"expressionType": "SQL", "sqlExpression": SUBQUERY, "label": "x"}]},
    "a column of SQL without select": {
        "columns": [{"expressionType": "SQL", "sqlExpression": "(from fct_customer_tier_monthly)", "label": "x"}]
    },
    "a function": {"columns": [{"expressionType": "SQL", "sqlExpression": "current_database()", "label": "x"}]},
    "a metric of SQL": {
        "columns": [],
        "metrics": [{"expressionType": "SQL", "sqlExpression": SUBQUERY, "label": "x"}],
    },
    "an order of SQL": {
        "columns": ["customer_id"],
        "orderby": [[{"expressionType": "SQL", "sqlExpression": SUBQUERY, "label": "x"}, True]],
    },
    "a condition of SQL": {"columns": ["customer_id"], "extras": {"where": "1 = 1) or (1 = 1"}},
    "a condition on sums": {"columns": [], "metrics": ["customers"], "extras": {"having": f"{SUBQUERY} > 1"}},
    "a filter of SQL": {
        "columns": ["customer_id"],
        "filters": [{"col": {"expressionType": "SQL", "sqlExpression": SUBQUERY, "label": "x"}, "op": ">", "val": 1}],
    },
    "a template": {"columns": ["customer_id"], "filters": [{"col": "customer_id", "op": "==", "val": "{{ 1 }}"}]},
    "a template in a column": {"columns": ["{{ dataset(1) }}"]},
}


@pytest.mark.parametrize("trial", OWN_SQL)
def test_a_reader_brings_no_sql(board: Board, bank: Bank, trial: str) -> None:
    answer = board.ask(bank.people["outlet"], f"customers_in_all_{LANG}", OWN_SQL[trial])
    # 400: Superset itself takes it for no condition.
    assert answer.status_code in (400, 403), answer.text[:400]
    assert "names columns and metrics" in answer.text or "Invalid SQL clause" in answer.text


def test_a_filter_cannot_undo_the_row_rule(board: Board, bank: Bank) -> None:
    user = bank.people["outlet"]
    everything = {"columns": ["customer_id"], "filters": [{"col": "customer_id", "op": "LIKE", "val": "%' or 1=1 --"}]}
    assert data(board.ask(user, f"customers_in_all_{LANG}", everything)) == []


def paths(board: Board) -> dict[str, tuple[str, str, Any]]:
    """What a reader has no business with: name -> method, path, body."""
    dataset = board.charts[f"customers_in_all_{LANG}"]["datasource_id"]
    chart = board.charts[f"customers_in_all_{LANG}"]["id"]
    source = {"id": dataset, "type": "table"}
    query = {"columns": ["customer_id"], "row_limit": 10}
    sql = {"database_id": 1, "sql": "select * from fct_customer_tier_monthly", "client_id": "x", "runAsync": False}
    return {
        "a data set without its dashboard": (
            "post",
            "/api/v1/chart/data",
            {"datasource": source, "queries": [query], "form_data": {}},
        ),
        "a data set under another chart's name": (
            "post",
            "/api/v1/chart/data",
            {
                "datasource": {"id": board.charts[f"runs_table_{LANG}"]["datasource_id"], "type": "table"},
                "queries": [{"columns": ["run_id"]}],
                "form_data": {"dashboardId": board.dashboards[LANG]["id"], "slice_id": chart},
            },
        ),
        "a data set as if it were a filter's": (
            "post",
            "/api/v1/chart/data",
            {
                "datasource": source,
                "queries": [query],
                "form_data": {
                    "dashboardId": board.dashboards[LANG]["id"],
                    "type": "NATIVE_FILTER",
                    "native_filter_id": "NATIVE_FILTER-month",
                },
            },
        ),
        "a chart without its dashboard": ("get", f"/api/v1/chart/{chart}/data/", None),
        "a dashboard's export": ("get", f"/api/v1/dashboard/export/?q=!({board.dashboards[LANG]['id']})", None),
        "a column's values": ("get", f"/api/v1/datasource/table/{dataset}/column/customer_id/values/", None),
        "samples": ("post", f"/datasource/samples?datasource_type=table&datasource_id={dataset}", {"filters": []}),
        "the data set's SQL": ("get", f"/api/v1/dataset/{dataset}", None),
        "SQL Lab": ("post", "/api/v1/sqllab/execute/", sql),
        "a chart's change": ("put", f"/api/v1/chart/{chart}", {"slice_name": "x"}),
        "a data set's change": ("put", f"/api/v1/dataset/{dataset}", {"sql": "select 1"}),
        "the database": ("get", "/api/v1/database/1", None),
        "its tables": ("get", "/api/v1/database/1/tables/?q=(schema_name:main)", None),
        "the row rules": ("get", "/api/v1/rowlevelsecurity/", None),
        "a row rule's deletion": ("delete", "/api/v1/rowlevelsecurity/1", None),
        "the users": ("get", "/api/v1/security/users/", None),
        "a new user": ("post", "/api/v1/security/users/", {"username": "y"}),
        "another name": ("put", "/api/v1/me/", {"username": "admin"}),
        "an import": ("post", "/api/v1/assets/import/", {}),
        "a guest's token": ("post", "/api/v1/security/guest_token/", {}),
        "the log": ("get", "/api/v1/log/", None),
        "old ways to data": ("get", f"/superset/explore_json/?form_data=%7B%22slice_id%22%3A{chart}%7D", None),
    }


def test_what_a_reader_has_no_business_with_is_refused(board: Board, bank: Bank) -> None:
    client = board.client(bank.people["outlet"])
    for name, (method, path, body) in paths(board).items():
        answer = client.request(method, f"{board.url}{path}", json=body, timeout=60, allow_redirects=False)
        assert answer.status_code in (302, 401, 403, 404), f"{name}: {answer.status_code} {answer.text[:300]}"
        assert "ORG-" not in answer.text, name
    listed = board.get(bank.people["outlet"], "/api/v1/dataset/")
    assert listed.status_code == 403 or listed.json()["count"] == 0


def test_nothing_without_a_login(board: Board) -> None:
    import requests

    chart = board.charts[f"customers_in_all_{LANG}"]["id"]
    for path in (f"/api/v1/chart/{chart}/data/", "/api/v1/dashboard/board-zh", "/api/v1/dataset/"):
        assert requests.get(f"{board.url}{path}", timeout=60).status_code in (401, 403, 404), path
    page = requests.get(f"{board.url}/superset/dashboard/board-zh/", timeout=60, allow_redirects=False)
    assert page.status_code == 302 and "/login" in page.headers["Location"]


def test_the_board_is_all_that_a_reader_finds(board: Board, bank: Bank) -> None:
    found = board.get(bank.people["manager"], "/api/v1/dashboard/").json()["result"]
    assert {dashboard["slug"] for dashboard in found} == {"board-zh", "board-en"}
    # And there is no second way in.
    assert board.get(bank.people["manager"], f"/explore/?slice_id={board.charts['overdue_zh']['id']}").status_code in (
        302, 403, 404,
    )  # fmt: skip
