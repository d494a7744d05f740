"""The board as a client sees it, and the bank behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import requests

Spec = dict[str, Any]


@dataclass(frozen=True)
class Bank:
    """folder: of releases and of `current`; marts: a connection to the first; people: one employee of each kind."""

    folder: Path
    marts: duckdb.DuckDBPyConnection
    people: dict[str, str]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.marts.execute(sql).fetchall()

    @cached_property
    def month(self) -> str:
        """The newest month, as the filter names it."""
        return str(self.rows("select strftime(policy_month, '%Y-%m') from dim_month where is_newest")[0][0])


@dataclass(frozen=True)
class Board:
    """Where the board is, and what opens it."""

    url: str
    home: Path
    environment: dict[str, str]
    passwords: dict[str, str]
    _clients: dict[str, requests.Session] = field(default_factory=dict)

    def client(self, user: str) -> requests.Session:
        """A session that is logged in as in a browser, with what forms must bring."""
        if user not in self._clients:
            session = requests.Session()
            page = session.get(f"{self.url}/login/", timeout=60).text
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)', page)
            assert token
            form = {"username": user, "password": self.passwords[user], "csrf_token": token[1]}
            session.headers["Referer"] = f"{self.url}/"
            answer = session.post(f"{self.url}/login/", data=form, timeout=60)
            assert "/login" not in answer.url, f"{user} is not let in"
            session.headers["X-CSRFToken"] = token[1]
            self._clients[user] = session
        return self._clients[user]

    def get(self, user: str, path: str) -> requests.Response:
        """What the API answers to this user."""
        return self.client(user).get(f"{self.url}{path}", timeout=60, allow_redirects=False)

    def post(self, user: str, path: str, body: Spec) -> requests.Response:
        """What the API answers to this user."""
        return self.client(user).post(f"{self.url}{path}", json=body, timeout=60, allow_redirects=False)

    @cached_property
    def charts(self) -> dict[str, Spec]:
        """The charts by the id that the board's files give them, with the language: `overdue_zh`."""
        from bi.superset import assets

        found = self.get("admin", "/api/v1/chart/?q=(page_size:500)").json()["result"]
        known = {
            assets.uuid_of("chart", spec["id"], lang): f"{spec['id']}_{lang}"
            for spec in assets.chart_specs()
            for lang in assets.LANGUAGES
        }
        return {known[chart["uuid"]]: chart for chart in found if chart["uuid"] in known}

    @cached_property
    def dashboards(self) -> dict[str, Spec]:
        """The dashboards by language."""
        return {lang: self.get("admin", f"/api/v1/dashboard/board-{lang}").json()["result"] for lang in ("zh", "en")}

    def ask(self, user: str, chart: str, query: Spec, **more: Any) -> requests.Response:
        """Put a query to a chart's data set as a dashboard's page does. chart: with its language."""
        info, lang = self.charts[chart], chart.rsplit("_", 1)[1]
        body = {
            "datasource": {"id": info["datasource_id"], "type": "table"},
            "force": True,
            "queries": [{"row_limit": 10_000, **query}],
            "form_data": {"dashboardId": self.dashboards[lang]["id"], "slice_id": info["id"]},
            "result_format": "json",
            "result_type": "full",
            **more,
        }
        return self.post(user, "/api/v1/chart/data", body)


def data(answer: requests.Response) -> list[Spec]:
    """The rows of an answer."""
    assert answer.status_code == 200, answer.text[:600]
    (result,) = answer.json()["result"]
    assert not result["error"], result["error"]
    assert not result["rejected_filters"], result["rejected_filters"]
    rows: list[Spec] = result["data"]
    return rows


def written(value: Any) -> str:
    """A value so that equal ones are equal: numbers with nine digits, whatever their type."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value)
    return f"{float(value):.9g}"


def table(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows for a comparison, in an order of their own."""
    return sorted(tuple(written(value) for value in row) for row in rows)
